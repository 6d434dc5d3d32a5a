package io.ebridge.testkit;

import io.ebridge.attest.EvidenceFormat;
import io.ebridge.protocol.BridgeConfig;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import io.ebridge.tunnel.BridgeException;
import io.ebridge.tunnel.BridgedEnclave;
import io.ebridge.tunnel.EgressPolicy;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.IngressPolicy;
import io.ebridge.vsock.Cid;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A whole bridge in one JVM: a {@link LoopbackNetwork}, a started {@link HostBridge} and a connected {@link EnclaveBridge} on it, a {@link FakeQuotingEnclave} and a {@link TestClock}.
 *
 * <p>By default the enclave has CID 16, serves its VSOCK port 5001 at a free loopback port of the host ({@link #hostAddress()}), and has the client port 5002; the host lets nothing out and sends no environment. The builder changes
 * both sides.
 *
 * <p>Every fixture has its own threads, ports and buffer allocator, so that fixtures can run side by side. {@link #close()} closes all and then checks that nothing of it is left: no thread, no stream, no listener, no buffer.
 * It is independent of JUnit; {@code io.ebridge.testkit.junit} runs it there.
 */
public final class EbridgeFixture implements AutoCloseable {
    /** The enclave's CID unless the builder says otherwise. */
    public static final Cid DEFAULT_CID = Cid.of(16);
    /** The VSOCK port on which the enclave's service is exposed by default. */
    public static final long SERVICE_PORT = 5001;
    /** The VSOCK port through which the enclave reaches the outside by default. */
    public static final long CLIENT_PORT = 5002;
    /** The TCP port that the enclave claims by default; the host maps it to a free one. */
    public static final int CLAIMED_PORT = 8080;
    /** What the clock shows at first unless the builder says otherwise. */
    public static final Instant DEFAULT_START = Instant.parse("2026-06-01T12:00:00Z");

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Builder setup;
    private final LoopbackNetwork network;
    private final TestClock clock;
    private final FakeQuotingEnclave quotingEnclave;
    private final BridgeRecorder hostRecord = new BridgeRecorder();
    private final BridgeRecorder enclaveRecord = new BridgeRecorder();
    private final OwnThreads threads = new OwnThreads();
    private @Nullable HostBridge host;
    private @Nullable EnclaveBridge enclave;
    private boolean closed;

    private EbridgeFixture(Builder setup) {
        this.setup = setup;
        network = setup.halfClose ? LoopbackNetwork.create() : LoopbackNetwork.withoutHalfClose();
        clock = new TestClock(setup.start);
        quotingEnclave = FakeQuotingEnclave.of(setup.evidence).clock(clock);
    }

    /**
     * Begins with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    private void startBridge() throws BridgeException, InterruptedException {
        HostBridge.Builder hostBuilder = HostBridge.builder()
                .transport(network.host())
                .acceptFrom(setup.cid)
                .clock(clock)
                .ingress(IngressPolicy.builder()
                        .map(CLAIMED_PORT, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .build())
                .egress(EgressPolicy.denyAll())
                .listener(hostRecord)
                .log(hostRecord.log());
        host = setup.host.apply(hostBuilder).start();
        startEnclave();
    }

    private void startEnclave() throws BridgeException, InterruptedException {
        EnclaveBridge.Builder enclaveBuilder = EnclaveBridge.builder()
                .transport(network.machine(setup.cid))
                .ownCid(setup.cid)
                .connectTimeout(PATIENCE)
                .listener(enclaveRecord);
        enclave = setup.enclave.apply(enclaveBuilder).connect(environment -> {
            BridgeConfig.Builder settings = BridgeConfig.builder("test-enclave")
                    .serve(SERVICE_PORT, CLAIMED_PORT)
                    .outbound(CLIENT_PORT);
            return setup.settings.apply(settings).build();
        });
    }

    /**
     * The network, with its faults.
     *
     * @return the network
     */
    public LoopbackNetwork network() {
        return network;
    }

    /**
     * The clock of the quoting enclave and of the host.
     *
     * @return the clock
     */
    public TestClock clock() {
        return clock;
    }

    /**
     * Makes evidence.
     *
     * @return the quoting enclave
     */
    public FakeQuotingEnclave quotingEnclave() {
        return quotingEnclave;
    }

    /**
     * The host's side.
     *
     * @return the bridge
     * @throws IllegalStateException if the fixture was built without a bridge
     */
    public HostBridge host() {
        return present(host);
    }

    /**
     * The enclave's side.
     *
     * @return the bridge
     * @throws IllegalStateException if the fixture was built without a bridge
     */
    public EnclaveBridge enclave() {
        return present(enclave);
    }

    private static <T> T present(@Nullable T side) {
        if (side == null) {
            throw new IllegalStateException("this fixture was built without a bridge");
        }
        return side;
    }

    /**
     * Where the host listens for the service that the enclave {@linkplain EnclaveBridge#expose exposes} on {@link #SERVICE_PORT}.
     *
     * @return a loopback address
     * @throws BridgeException if the enclave is not bridged within 20 seconds
     * @throws InterruptedException if the thread was interrupted
     */
    public InetSocketAddress hostAddress() throws BridgeException, InterruptedException {
        BridgedEnclave bridged = host().awaitEnclave(setup.cid, PATIENCE);
        InetSocketAddress address = bridged.listening().get(CLAIMED_PORT);
        if (address == null) {
            throw new IllegalStateException("the settings of this fixture do not claim port " + CLAIMED_PORT);
        }
        return address;
    }

    /**
     * What the host's side told: events and the enclave's log.
     *
     * @return the recorder
     */
    public BridgeRecorder hostRecord() {
        return hostRecord;
    }

    /**
     * What the enclave's side told.
     *
     * @return the recorder
     */
    public BridgeRecorder enclaveRecord() {
        return enclaveRecord;
    }

    /**
     * Kills the enclave as a crash of its machine would, and starts another with the same CID. {@link #enclave()} is then the new one.
     *
     * @throws BridgeException if it cannot connect
     * @throws InterruptedException if the thread was interrupted
     */
    public void restartEnclave() throws BridgeException, InterruptedException {
        EnclaveBridge old = enclave();
        network.faults().kill(setup.cid);
        old.close(Duration.ZERO);
        threads.run(this::startEnclave);
    }

    /**
     * Closes both sides and the network, then checks that nothing is left. Does nothing the second time.
     *
     * @throws AssertionError if something that this fixture opened is still there after ten seconds; the message says what
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        List<AutoCloseable> order = new ArrayList<>();
        EnclaveBridge enclaveSide = enclave;
        if (enclaveSide != null) {
            order.add(() -> enclaveSide.close(setup.drain));
        }
        HostBridge hostSide = host;
        if (hostSide != null) {
            order.add(() -> hostSide.close(setup.drain));
        }
        order.add(network);
        AssertionError failure = null;
        for (AutoCloseable part : order) {
            try {
                part.close();
            } catch (Exception e) {
                failure = failure == null ? new AssertionError("closing the fixture failed", e) : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
        threads.awaitNothingLeft(() -> {
            List<String> left = new ArrayList<>(threads.left());
            left.addAll(network.leftovers());
            return left;
        });
    }

    /** Collects settings. Not safe for use by several threads. */
    public static final class Builder {
        private Cid cid = DEFAULT_CID;
        private EvidenceFormat evidence = EvidenceFormat.NITRO;
        private Instant start = DEFAULT_START;
        private boolean halfClose = true;
        private boolean bridge = true;
        private Duration drain = Duration.ofMillis(500);
        private UnaryOperator<HostBridge.Builder> host = UnaryOperator.identity();
        private UnaryOperator<EnclaveBridge.Builder> enclave = UnaryOperator.identity();
        private UnaryOperator<BridgeConfig.Builder> settings = UnaryOperator.identity();

        private Builder() {}

        /**
         * The enclave's CID.
         *
         * @param value the CID
         * @return this
         */
        public Builder cid(Cid value) {
            cid = Objects.requireNonNull(value, "cid");
            return this;
        }

        /**
         * What the quoting enclave makes; Nitro documents by default.
         *
         * @param format the format
         * @return this
         */
        public Builder evidence(EvidenceFormat format) {
            evidence = Objects.requireNonNull(format, "format");
            return this;
        }

        /**
         * What the clock shows first.
         *
         * @param value the time
         * @return this
         */
        public Builder clock(Instant value) {
            start = Objects.requireNonNull(value, "clock");
            return this;
        }

        /**
         * Uses a network whose streams end as a whole when one side ends its output, as Firecracker's do.
         *
         * @return this
         */
        public Builder withoutHalfClose() {
            halfClose = false;
            return this;
        }

        /**
         * Starts neither side of the bridge: the network, the clock and the quoting enclave only.
         *
         * @return this
         */
        public Builder withoutBridge() {
            bridge = false;
            return this;
        }

        /**
         * How long closing lets streams drain; half a second by default.
         *
         * @param timeout zero or more
         * @return this
         */
        public Builder drain(Duration timeout) {
            drain = Objects.requireNonNull(timeout, "drain");
            return this;
        }

        /**
         * Changes the host's side: policies, limits, environment.
         *
         * @param change called with the defaults set
         * @return this
         */
        public Builder host(UnaryOperator<HostBridge.Builder> change) {
            host = Objects.requireNonNull(change, "host");
            return this;
        }

        /**
         * Changes the enclave's side.
         *
         * @param change called with the defaults set
         * @return this
         */
        public Builder enclave(UnaryOperator<EnclaveBridge.Builder> change) {
            enclave = Objects.requireNonNull(change, "enclave");
            return this;
        }

        /**
         * Changes the settings that the enclave sends.
         *
         * @param change called with the defaults set; it may also return another builder
         * @return this
         */
        public Builder settings(UnaryOperator<BridgeConfig.Builder> change) {
            settings = Objects.requireNonNull(change, "settings");
            return this;
        }

        /**
         * Starts all of it. May be called again for another fixture.
         *
         * @return the fixture, to be closed
         * @throws BridgeException if the bridge does not come up
         * @throws InterruptedException if the thread was interrupted
         */
        public EbridgeFixture start() throws BridgeException, InterruptedException {
            EbridgeFixture fixture = new EbridgeFixture(copy());
            if (bridge) {
                boolean started = false;
                try {
                    fixture.threads.run(fixture::startBridge);
                    started = true;
                } finally {
                    if (!started) {
                        fixture.close();
                    }
                }
            }
            return fixture;
        }

        private Builder copy() {
            Builder c = new Builder();
            c.cid = cid;
            c.evidence = evidence;
            c.start = start;
            c.halfClose = halfClose;
            c.bridge = bridge;
            c.drain = drain;
            c.host = host;
            c.enclave = enclave;
            c.settings = settings;
            return c;
        }
    }
}
