package io.ebridge.tunnel;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.protocol.BridgeDefaults;
import io.ebridge.protocol.ClientTunnel;
import io.ebridge.protocol.Environment;
import io.ebridge.protocol.Limits;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.VsockTransport;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.logging.Handler;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The enclave's side of the bridge, for embedding in a service that runs there: gets its configuration from the host, is
 * reachable and reaches out through it, ships its logs, and keeps the bridge up.
 *
 * <pre>{@code
 * try (EnclaveBridge bridge = EnclaveBridge.builder().transport(Vsock.kernel()).connect(env ->
 *         BridgeConfig.builder("orders").serve(5001, 8080).outbound(5002).build())) {
 *     bridge.expose(5001, httpServer.getAddress());          // vsock 5001 -> the service's own loopback port
 *     Socket s = bridge.socketFactory().createSocket("kms.eu-west-1.amazonaws.com", 443);
 *     ...
 * }
 * }</pre>
 *
 * <p><strong>Guaranteed:</strong> names of targets are resolved by the host and never here. Logging never blocks and never
 * fails the application. When the host is lost the bridge shakes hands again, with back-off, until it is closed; what is
 * exposed stays exposed, sockets that were open are gone.
 *
 * <p><strong>Not guaranteed:</strong> anything about the host. It reads and changes every byte that is not protected from end to end, and
 * it may connect an allowed name to anybody: use TLS, and attest, through these tunnels.
 *
 * <p>All methods may be called from any thread. The bridge's threads are daemons.
 */
public final class EnclaveBridge implements AutoCloseable {
    private final EnclaveSettings settings;
    private final EnclaveControl control;
    private final EnclaveEngine engine;
    private final LogShipper logs;

    private EnclaveBridge(EnclaveSettings settings) throws BridgeException {
        this.settings = settings;
        Events events = new Events(settings.listener());
        this.engine = new EnclaveEngine(settings, events);
        this.control = new EnclaveControl(settings, events);
        this.logs = new LogShipper(settings, control);
    }

    /**
     * {@return a builder; the transport has to be given, all else has a default}
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return the environment that the host sent last; configuration, never a reason to trust anything}
     */
    public Environment environment() {
        return control.latest().environment();
    }

    /**
     * {@return the settings that the host accepted last}
     */
    public BridgeConfig config() {
        return control.latest().config();
    }

    /**
     * {@return whether the bridge stands now}
     */
    public boolean isBridged() {
        return control.isBridged();
    }

    /**
     * Waits until the bridge stands; returns at once if it does.
     *
     * @param timeout how long to wait
     * @throws BridgeException with {@link BridgeReason#TIMEOUT}, {@link BridgeReason#CLOSING}, or what ended the bridge for good
     * @throws InterruptedException if the thread is interrupted
     */
    public void awaitBridged(Duration timeout) throws BridgeException, InterruptedException {
        control.await(timeout);
    }

    /**
     * Lets connections to a VSOCK port of the enclave reach a server here. Accepts from the host only.
     *
     * @param vsockPort the port that a server tunnel of the settings names as {@code enclaveListenPort}
     * @param server where the service listens, usually on loopback
     * @return the open port, to be closed when it is no longer wanted; closing the bridge closes it too
     * @throws BridgeException with {@link BridgeReason#PORT_TAKEN} or what else keeps the port from being opened
     */
    public Endpoint expose(long vsockPort, InetSocketAddress server) throws BridgeException {
        return engine.expose(vsockPort, server);
    }

    /**
     * Starts a proxy on a free loopback port that speaks HTTP CONNECT (and plain HTTP in absolute form) and SOCKS 5, and leads through the first client
     * tunnel of the settings. So {@code java.net.http}, Spring, gRPC and cloud SDKs work unchanged:
     *
     * <pre>{@code
     * LocalProxy proxy = bridge.proxy();
     * HttpClient client = HttpClient.newBuilder().proxy(proxy.selector()).build();
     * }</pre>
     *
     * @return the proxy, to be closed when it is no longer wanted; closing the bridge closes it too
     * @throws BridgeException if it cannot listen
     * @throws IllegalStateException if the settings have no client tunnel
     */
    public LocalProxy proxy() throws BridgeException {
        return engine.proxy(firstClientPort());
    }

    /**
     * {@return a factory of sockets that connect through the first client tunnel of the settings}
     *
     * <p>Such a socket connects with a timeout of {@link Limits#targetReplyTime()} unless it is given another. A refusal by
     * the host is a {@link BridgeException} with {@link BridgeReason#CONNECT_REFUSED}; the wire format does not tell why.
     */
    public SocketFactory socketFactory() {
        return socketFactory(firstClientPort());
    }

    /**
     * A factory of sockets that connect through a given client tunnel.
     *
     * @param clientPort the {@code enclaveDialPort} of the tunnel
     * @return the factory
     */
    public SocketFactory socketFactory(long clientPort) {
        return socketFactory(() -> clientPort);
    }

    private SocketFactory socketFactory(LongSupplier port) {
        return new TunnelSocketFactory(
                settings.transport(),
                settings.host(0),
                port,
                settings.protocolLimits(),
                settings.protocolLimits().targetReplyTime());
    }

    private LongSupplier firstClientPort() {
        // Fails here if there is none, not at the first connection only.
        currentFirstClientPort();
        return this::currentFirstClientPort;
    }

    private long currentFirstClientPort() {
        List<ClientTunnel> clients = config().clients();
        if (clients.isEmpty()) {
            throw new IllegalStateException("The settings have no client tunnel");
        }
        return clients.get(0).enclaveDialPort();
    }

    /**
     * Opens a stream to a service of the host, see {@link HostBridge#service}.
     *
     * @param port its VSOCK port
     * @return the stream, to be closed
     * @throws IOException if it cannot be reached
     */
    public VsockStream open(long port) throws IOException {
        try {
            return settings.transport()
                    .connect(settings.host(port), settings.limits().connectTimeout());
        } catch (VsockException e) {
            throw new BridgeException(Reasons.of(e), "Service " + port + ": " + Reasons.detail(e), e);
        }
    }

    /**
     * {@return a new stream whose lines go to the host's log; writing to it never blocks and never fails}
     *
     * <p>Lines wait in a bounded buffer; what does not fit is dropped and counted ({@link #droppedLogRecords()}). Suits
     * {@code new PrintStream(bridge.logStream(), true)}.
     */
    public OutputStream logStream() {
        return logs.stream();
    }

    /**
     * {@return a new handler for {@code java.util.logging} whose records go to the host's log; never blocks}
     */
    public Handler logHandler() {
        return new LogShippingHandler(logs);
    }

    /**
     * {@return how many log records or lines were dropped so far because the host did not take them in time}
     */
    public long droppedLogRecords() {
        return logs.dropped();
    }

    /**
     * Closes with the drain time of the limits.
     *
     * @see #close(Duration)
     */
    @Override
    public void close() {
        close(settings.limits().drainTimeout());
    }

    /**
     * Closes in this order: exposed ports and proxies accept nothing new; what they relay may end by itself until the
     * deadline; the rest is reset; queued log lines are shipped, for a second at most; heartbeats end; threads end. Streams and sockets that were handed out stay
     * with their owners. Does nothing the second time.
     *
     * @param drain how long to wait for connections to end; zero cuts them at once
     */
    public void close(Duration drain) {
        engine.drain(drain);
        logs.close();
        control.close();
        engine.close();
    }

    /** Collects what a bridge needs. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable VsockTransport transport;
        private Cid hostCid = Cid.of(BridgeDefaults.HOST_CID);
        private @Nullable Cid ownCid;
        private long initPort = BridgeDefaults.INIT_PORT;
        private long logPort = BridgeDefaults.LOG_PORT;
        private TunnelLimits limits = TunnelLimits.defaults();
        private Limits protocolLimits = Limits.DEFAULT;
        private BridgeListener listener = event -> {};
        private Duration firstConnect = Duration.ofMinutes(1);
        private boolean reconnect = true;
        private int logBuffer = 1 << 20;
        private int eventLoops = 1;

        private Builder() {}

        /**
         * Sets what carries the streams; required. Any transport does; one without channels of its own costs a thread or two for each open stream.
         *
         * @param value the transport
         * @return this
         */
        public Builder transport(VsockTransport value) {
            transport = Objects.requireNonNull(value, "transport");
            return this;
        }

        /**
         * Sets the CID at which the host is dialled; 3, the parent instance on AWS Nitro, by default, and 2 with most other VMMs.
         *
         * @param cid the CID
         * @return this
         */
        public Builder hostCid(Cid cid) {
            hostCid = Objects.requireNonNull(cid, "cid");
            return this;
        }

        /**
         * Sets the enclave's own CID, which its settings have to name; what the transport says by default.
         *
         * @param cid the CID
         * @return this
         */
        public Builder ownCid(Cid cid) {
            ownCid = Objects.requireNonNull(cid, "cid");
            return this;
        }

        /**
         * Sets the VSOCK port for handshakes and heartbeats; {@link BridgeDefaults#INIT_PORT} by default.
         *
         * @param port the port
         * @return this
         */
        public Builder initPort(long port) {
            initPort = port;
            return this;
        }

        /**
         * Sets the VSOCK port for logs; {@link BridgeDefaults#LOG_PORT} by default.
         *
         * @param port the port
         * @return this
         */
        public Builder logPort(long port) {
            logPort = port;
            return this;
        }

        /**
         * Sets the limits on what is relayed.
         *
         * @param value the limits
         * @return this
         */
        public Builder limits(TunnelLimits value) {
            limits = Objects.requireNonNull(value, "limits");
            return this;
        }

        /**
         * Sets the limits on messages and handshake steps.
         *
         * @param value the limits
         * @return this
         */
        public Builder protocolLimits(Limits value) {
            protocolLimits = Objects.requireNonNull(value, "limits");
            return this;
        }

        /**
         * Adds a listener for events; all that were added are told, in order.
         *
         * @param value the listener
         * @return this
         */
        public Builder listener(BridgeListener value) {
            listener = listener.andThen(Objects.requireNonNull(value, "listener"));
            return this;
        }

        /**
         * Sets how long {@link #connect} waits for the host; one minute by default. Attempts follow each other after 10 ms,
         * doubling up to 5 s, with jitter.
         *
         * @param timeout the time
         * @return this
         */
        public Builder connectTimeout(Duration timeout) {
            firstConnect = Objects.requireNonNull(timeout, "timeout");
            return this;
        }

        /**
         * Sets whether a lost host is sought again; it is by default.
         *
         * @param value whether it is
         * @return this
         */
        public Builder reconnect(boolean value) {
            reconnect = value;
            return this;
        }

        /**
         * Sets how many bytes of log may wait for the host; 1 MiB by default.
         *
         * @param bytes 1 KiB to 1 GiB
         * @return this
         */
        public Builder logBuffer(int bytes) {
            if (bytes < 1024 || bytes > 1 << 30) {
                throw new IllegalArgumentException("logBuffer " + bytes + " is not within 1 KiB to 1 GiB");
            }
            logBuffer = bytes;
            return this;
        }

        /**
         * Sets how many event loops relay exposed ports and the proxy; one by default.
         *
         * @param threads 1 to 256
         * @return this
         */
        public Builder eventLoops(int threads) {
            if (threads < 1 || threads > 256) {
                throw new IllegalArgumentException("eventLoops " + threads + " is not within 1 to 256");
            }
            eventLoops = threads;
            return this;
        }

        /**
         * Connects to the host, with back-off until it answers, and waits until it has accepted the settings.
         *
         * @param configure makes the settings of the environment that the host sends; called on a thread of the bridge's own, again after each loss of the host.
         *     Server tunnels need not name the enclave's CID
         * @return the bridge, to be closed
         * @throws BridgeException with {@link BridgeReason#TIMEOUT}, {@link BridgeReason#TRANSPORT_UNAVAILABLE},
         *     {@link BridgeReason#APPLICATION_FAILED} if {@code configure} threw (its exception is the cause of the cause)
         * @throws InterruptedException if the thread is interrupted
         * @throws IllegalStateException if the transport is missing, or the own CID is neither known nor given
         */
        public EnclaveBridge connect(Function<Environment, BridgeConfig> configure)
                throws BridgeException, InterruptedException {
            Objects.requireNonNull(configure, "configure");
            if (transport == null) {
                throw new IllegalStateException("transport is not set");
            }
            Cid own = ownCid == null ? transport.localCid() : ownCid;
            if (own.equals(Cid.ANY)) {
                throw new IllegalStateException("the transport cannot tell this enclave's CID; set ownCid");
            }
            EnclaveBridge bridge = new EnclaveBridge(new EnclaveSettings(
                    transport,
                    hostCid,
                    own,
                    initPort,
                    logPort,
                    limits,
                    protocolLimits,
                    listener,
                    firstConnect,
                    reconnect,
                    logBuffer,
                    eventLoops,
                    configure));
            boolean done = false;
            try {
                bridge.control.start();
                bridge.control.await(firstConnect);
                done = true;
                return bridge;
            } finally {
                if (!done) {
                    bridge.close(Duration.ZERO);
                }
            }
        }
    }
}
