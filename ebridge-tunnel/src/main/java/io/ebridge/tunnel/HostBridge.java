package io.ebridge.tunnel;

import io.ebridge.protocol.BridgeDefaults;
import io.ebridge.protocol.EnvironmentFilter;
import io.ebridge.protocol.Limits;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockTransport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The host's side of the bridge, for embedding in a service that carries enclaves: accepts them, opens the tunnels that they
 * ask for and a policy grants, forwards their logs, notices when they die, and accepts them again.
 *
 * <pre>{@code
 * try (HostBridge bridge = HostBridge.builder()
 *         .transport(Vsock.kernel())
 *         .acceptFrom(Cid.of(16))
 *         .environment(Environment.allow("APP_", "LOG_LEVEL"))
 *         .ingress(IngressPolicy.allow(8080))
 *         .egress(EgressPolicy.allow("kms.eu-west-1.amazonaws.com:443"))
 *         .start()) {
 *     bridge.awaitEnclave(Duration.ofSeconds(30));
 *     ...
 * }
 * }</pre>
 *
 * <p><strong>Guaranteed:</strong> an enclave gets nothing that was not granted: no variable, port or target without a rule,
 * no connection from a CID that was not named, no log line, heartbeat, service or way out before its handshake. Its settings
 * are applied as a whole or not at all. Every length, count, wait and queue has a limit ({@link TunnelLimits},
 * {@link Limits}); an enclave that breaks them loses that connection, and no other enclave is concerned. Both directions of a
 * relayed connection end separately, and a connection that broke looks different from one that ended wherever the transport can
 * say so.
 *
 * <p><strong>Not guaranteed:</strong> that an enclave is what it says it is: a CID tells only what the hypervisor says.
 * Whatever must not be disclosed to the host or must be done by the right code only needs attestation and TLS through the tunnels.
 *
 * <p>Several enclaves may be bridged at once, each with its own CID. One that restarts shakes hands again; what
 * belonged to its earlier run is torn down before its new tunnels open.
 *
 * <p>All methods may be called from any thread. The bridge's threads are daemons.
 */
public final class HostBridge implements AutoCloseable {
    private final HostEngine engine;

    private HostBridge(HostEngine engine) {
        this.engine = engine;
    }

    /**
     * {@return a builder; the transport and the accepted CIDs have to be given, all else has a default}
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Waits until any enclave is bridged; returns at once if one is.
     *
     * @param timeout how long to wait
     * @return the enclave
     * @throws BridgeException with {@link BridgeReason#TIMEOUT} or {@link BridgeReason#CLOSING}
     * @throws InterruptedException if the thread is interrupted
     */
    public BridgedEnclave awaitEnclave(Duration timeout) throws BridgeException, InterruptedException {
        return engine.await(enclave -> true, timeout);
    }

    /**
     * Waits until the enclave with a CID is bridged; returns at once if it is.
     *
     * @param cid the CID
     * @param timeout how long to wait
     * @return the enclave
     * @throws BridgeException with {@link BridgeReason#TIMEOUT} or {@link BridgeReason#CLOSING}
     * @throws InterruptedException if the thread is interrupted
     */
    public BridgedEnclave awaitEnclave(Cid cid, Duration timeout) throws BridgeException, InterruptedException {
        return engine.await(enclave -> enclave.cid().equals(cid), timeout);
    }

    /**
     * {@return the enclaves that are bridged now}
     */
    public List<BridgedEnclave> enclaves() {
        return engine.bridged();
    }

    /**
     * Offers a service of the host's own to bridged enclaves, which reach it with {@link EnclaveBridge#open}. Connections
     * are limited like those of a tunnel and drained with the rest.
     *
     * @param port a VSOCK port that is neither the bridge's own nor claimed
     * @param handler serves each connection on a thread of its own
     * @throws BridgeException with {@link BridgeReason#PORT_TAKEN} or what else keeps the port from being opened
     */
    public void service(long port, ServiceHandler handler) throws BridgeException {
        engine.services().add(port, Objects.requireNonNull(handler, "handler"));
    }

    /**
     * Closes with the drain time of the limits.
     *
     * @see #close(Duration)
     */
    @Override
    public void close() {
        close(engine.settings().limits().drainTimeout());
    }

    /**
     * Closes in this order: nothing new is accepted; relayed connections and services may end by themselves until the
     * deadline; the rest is reset; heartbeat and log connections are closed; threads end. Does nothing the second time.
     *
     * @param drain how long to wait for connections to end; zero cuts them at once
     */
    public void close(Duration drain) {
        engine.close(drain);
    }

    /** Collects what a bridge needs. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable VsockTransport transport;
        private final Set<Cid> accepted = new LinkedHashSet<>();
        private long initPort = BridgeDefaults.INIT_PORT;
        private long logPort = BridgeDefaults.LOG_PORT;
        private EnvironmentFilter environment = EnvironmentFilter.NOTHING;
        private IngressPolicy ingress = IngressPolicy.denyAll();
        private final Map<Cid, IngressPolicy> ingressOf = new HashMap<>();
        private EgressPolicy egress = EgressPolicy.denyAll();
        private final Map<Cid, EgressPolicy> egressOf = new HashMap<>();
        private TunnelLimits limits = TunnelLimits.defaults();
        private Limits protocolLimits = Limits.DEFAULT;
        private BridgeListener listener = event -> {};
        private Consumer<EnclaveLogLine> log = LogPump::toSystemLogger;
        private NameResolver resolver = NameResolver.system();
        private @Nullable Executor serviceThreads;
        private InstantSource clock = InstantSource.system();
        private int eventLoops = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));

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
         * Accepts enclaves with these CIDs, beside those named before; at least one is required.
         *
         * @param cids the CIDs
         * @return this
         */
        public Builder acceptFrom(Cid... cids) {
            return acceptFrom(Arrays.asList(cids));
        }

        /**
         * Accepts enclaves with these CIDs, beside those named before.
         *
         * @param cids the CIDs
         * @return this
         */
        public Builder acceptFrom(Collection<Cid> cids) {
            accepted.addAll(cids);
            return this;
        }

        /**
         * Sets which variables of this process an enclave is told; none by default.
         *
         * @param filter such as {@code Environment.allow("APP_", "LOG_LEVEL")}
         * @return this
         */
        public Builder environment(EnvironmentFilter filter) {
            environment = Objects.requireNonNull(filter, "filter");
            return this;
        }

        /**
         * Sets which TCP ports enclaves may claim; none by default.
         *
         * @param policy the policy
         * @return this
         */
        public Builder ingress(IngressPolicy policy) {
            ingress = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets which TCP ports one enclave may claim, in place of the policy for all.
         *
         * @param cid the enclave
         * @param policy the policy
         * @return this
         */
        public Builder ingress(Cid cid, IngressPolicy policy) {
            ingressOf.put(cid, Objects.requireNonNull(policy, "policy"));
            return this;
        }

        /**
         * Sets which targets enclaves may reach; none by default.
         *
         * @param policy the policy
         * @return this
         */
        public Builder egress(EgressPolicy policy) {
            egress = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets which targets one enclave may reach, in place of the policy for all.
         *
         * @param cid the enclave
         * @param policy the policy
         * @return this
         */
        public Builder egress(Cid cid, EgressPolicy policy) {
            egressOf.put(cid, Objects.requireNonNull(policy, "policy"));
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
         * Sets who gets the enclaves' log lines: one thread calls it, line by line; while it is slow lines are dropped and counted.
         * By default the {@link System.Logger} named {@code io.ebridge.tunnel.enclave}.
         *
         * @param consumer the consumer
         * @return this
         */
        public Builder log(Consumer<EnclaveLogLine> consumer) {
            log = Objects.requireNonNull(consumer, "consumer");
            return this;
        }

        /**
         * Sets who resolves the names of targets; the operating system by default.
         *
         * @param value the resolver
         * @return this
         */
        public Builder resolver(NameResolver value) {
            resolver = Objects.requireNonNull(value, "resolver");
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
         * Sets where services run, for instance an executor of virtual threads; by default threads of the bridge's own, as many as
         * there are connections.
         *
         * @param executor runs each connection for as long as it lasts
         * @return this
         */
        public Builder serviceExecutor(Executor executor) {
            serviceThreads = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets the clock for the times that are shown; it measures nothing.
         *
         * @param value the clock
         * @return this
         */
        public Builder clock(InstantSource value) {
            clock = Objects.requireNonNull(value, "clock");
            return this;
        }

        /**
         * Sets how many event loops relay; by default one per processor, 4 at most.
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
         * Starts the bridge; it listens when this returns.
         *
         * @return the bridge, to be closed
         * @throws BridgeException with {@link BridgeReason#TRANSPORT_UNAVAILABLE}, {@link BridgeReason#PORT_TAKEN} or what
         *     else kept it from listening
         * @throws IllegalStateException if the transport or the accepted CIDs are missing
         */
        public HostBridge start() throws BridgeException {
            if (transport == null) {
                throw new IllegalStateException("transport is not set");
            }
            if (accepted.isEmpty()) {
                throw new IllegalStateException("acceptFrom names no CID");
            }
            return new HostBridge(new HostEngine(new HostSettings(
                    transport,
                    Set.copyOf(accepted),
                    initPort,
                    logPort,
                    environment,
                    ingress,
                    Map.copyOf(ingressOf),
                    egress,
                    Map.copyOf(egressOf),
                    limits,
                    protocolLimits,
                    listener,
                    log,
                    resolver,
                    serviceThreads,
                    clock,
                    eventLoops)));
        }
    }
}
