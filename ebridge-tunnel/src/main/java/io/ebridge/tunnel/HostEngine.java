package io.ebridge.tunnel;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.protocol.Environment;
import io.ebridge.protocol.ProtocolException;
import io.ebridge.protocol.ServerTunnel;
import io.ebridge.vsock.Cid;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The host side at work: who is bridged, and what all of them share. Sessions come and go on one event loop, the control
 * loop; everything else may happen on any.
 */
final class HostEngine {
    private static final long BIND_SECONDS = 10;

    private final HostSettings settings;
    private final Events events;
    private final Net net;
    private final EventLoop control;
    private final DataPath path;
    private final Gate gate;
    private final CachingResolver resolver;
    private final TargetDialer dialer;
    private final ClientPorts clientPorts;
    private final LogPump logPump;
    private final HostServices services;
    private final Map<Cid, HostSession> sessions = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition bridgedChanged = lock.newCondition();
    private @Nullable Channel initListener;
    private @Nullable Channel logListener;
    private volatile boolean closing;

    HostEngine(HostSettings settings) throws BridgeException {
        this.settings = settings;
        this.events = new Events(settings.listener());
        this.net = new Net(settings.transport(), settings.limits(), settings.eventLoops(), "ebridge-host");
        this.control = net.next();
        TunnelLimits limits = settings.limits();
        this.path = new CopyPath(limits);
        this.gate = new Gate(limits.maxConnections());
        this.resolver = new CachingResolver(settings.resolver(), limits.dnsTtl(), "ebridge-dns");
        this.dialer = new TargetDialer(net, resolver, limits.connectTimeout());
        this.clientPorts = new ClientPorts(net, control, events);
        this.logPump = new LogPump(settings.log());
        this.services = new HostServices(this);
        try {
            ControlPort controlPort = new ControlPort(this);
            initListener = listen(settings.initPort(), BridgeEvent.Kind.CONTROL, Net.onAccept(controlPort::accepted));
            logListener = listen(
                    settings.logPort(),
                    BridgeEvent.Kind.LOG,
                    Net.onAccept(channel -> LogHandler.accepted(this, logPump, channel)));
        } catch (BridgeException e) {
            release();
            throw e;
        }
        control.scheduleAtFixedRate(() -> events.reportUnlogged(false), 1, 1, TimeUnit.MINUTES);
    }

    private Channel listen(long port, BridgeEvent.Kind kind, ChannelHandler child) throws BridgeException {
        BridgeEvent.Tunnel tunnel = new BridgeEvent.Tunnel(kind, Cid.ANY, port);
        // Handshakes and heartbeats live on the control loop, logs anywhere.
        ChannelFuture bound = net.listenVsock(
                port,
                kind == BridgeEvent.Kind.CONTROL ? control : null,
                child,
                cause -> events.tell(new BridgeEvent.AcceptPaused(tunnel, Reasons.of(cause), Reasons.detail(cause))));
        if (!bound.awaitUninterruptibly(BIND_SECONDS, TimeUnit.SECONDS) || !bound.isSuccess()) {
            bound.channel().close();
            Throwable cause = bound.cause();
            throw new BridgeException(
                    cause == null ? BridgeReason.TIMEOUT : Reasons.of(cause),
                    "Cannot listen on VSOCK port " + port + ": " + Reasons.detail(cause),
                    cause);
        }
        return bound.channel();
    }

    HostSettings settings() {
        return settings;
    }

    Events events() {
        return events;
    }

    Net net() {
        return net;
    }

    EventLoop control() {
        return control;
    }

    TargetDialer dialer() {
        return dialer;
    }

    ClientPorts clientPorts() {
        return clientPorts;
    }

    HostServices services() {
        return services;
    }

    Gate gate() {
        return gate;
    }

    Links links(BridgeEvent.Tunnel tunnel, int max, Duration idle) {
        DataPath.Timeouts timeouts =
                new DataPath.Timeouts(idle, settings.limits().halfClosedTimeout());
        return new Links(tunnel, max, gate, events, path, timeouts);
    }

    /** Whether a VSOCK port is the bridge's own or a service's. */
    boolean reserved(long port) {
        return port == settings.initPort() || port == settings.logPort() || services.has(port);
    }

    /** What an enclave is told; the filter decides, nothing by default. */
    Environment environment() {
        return settings.environment().apply(System.getenv());
    }

    @Nullable HostSession session(Cid cid) {
        return sessions.get(cid);
    }

    /**
     * Judges an enclave's settings and, if they pass, tears down what the enclave had before and opens its tunnels. On the
     * control loop.
     */
    Future<HostSession> propose(Cid cid, BridgeConfig config) {
        Map<ServerTunnel, InetSocketAddress> plan;
        try {
            if (closing) {
                throw new BridgeException(BridgeReason.CLOSING, "The host is closing");
            }
            plan = HostSession.plan(this, cid, config);
        } catch (BridgeException e) {
            return control.newFailedFuture(e);
        }
        Promise<HostSession> promise = control.newPromise();
        Future<?> freed = end(sessions.get(cid), BridgeReason.RESTARTED);
        freed.addListener(done -> {
            HostSession session = new HostSession(this, cid, config);
            session.open(plan).addListener(opened -> {
                if (opened.isSuccess()) {
                    promise.setSuccess(session);
                } else {
                    promise.setFailure(opened.cause());
                }
            });
        });
        return promise;
    }

    /** A session whose tunnels are open becomes the one of its CID. On the control loop. */
    void admit(HostSession session) throws BridgeException {
        BridgedEnclave info = session.info();
        if (closing || info == null) {
            throw new BridgeException(BridgeReason.CLOSING, "The host is closing");
        }
        HostSession earlier = sessions.put(session.cid(), session);
        if (earlier != null) {
            // Two handshakes of one CID crossed; the later one stands.
            earlier.close(BridgeReason.RESTARTED);
        }
        events.logAbout(
                info.cid(),
                System.Logger.Level.INFO,
                "CID " + info.cid().value() + " is bridged: '" + info.appName() + "', id " + info.enclaveId() + ", TCP "
                        + info.listening());
        events.tell(new BridgeEvent.Bridged(info.cid(), info.enclaveId(), info.appName()));
        watch(session);
        signal();
    }

    private void watch(HostSession session) {
        Duration left = session.watchdog().timeLeft(System.nanoTime()).orElse(Duration.ZERO);
        long millis = Math.min(1000, left.toMillis() + 1);
        control.schedule(
                () -> {
                    if (sessions.get(session.cid()) != session) {
                        return;
                    }
                    session.reportLog();
                    try {
                        session.watchdog().check(System.nanoTime());
                        watch(session);
                    } catch (ProtocolException e) {
                        end(session, Reasons.of(e));
                    }
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    /** Ends a session, if it is still the one of its CID. On the control loop. */
    Future<?> end(@Nullable HostSession session, BridgeReason reason) {
        if (session == null || !sessions.remove(session.cid(), session)) {
            return control.newSucceededFuture(null);
        }
        events.logAbout(
                session.cid(),
                System.Logger.Level.INFO,
                "The bridge with CID " + session.cid().value() + " ended: " + reason);
        events.tell(
                new BridgeEvent.Lost(session.cid(), session.config().watchdog().enclaveId(), reason));
        services.cut(session.cid());
        Future<?> freed = session.close(reason);
        signal();
        return freed;
    }

    List<BridgedEnclave> bridged() {
        return sessions.values().stream()
                .map(HostSession::info)
                .flatMap(info -> Optional.ofNullable(info).stream())
                .toList();
    }

    private void signal() {
        lock.lock();
        try {
            bridgedChanged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for an enclave that meets the condition. */
    BridgedEnclave await(Predicate<BridgedEnclave> condition, Duration timeout)
            throws BridgeException, InterruptedException {
        long left = timeout.toNanos();
        lock.lockInterruptibly();
        try {
            while (true) {
                Optional<BridgedEnclave> found =
                        bridged().stream().filter(condition).findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
                if (closing) {
                    throw new BridgeException(BridgeReason.CLOSING, "The host is closing");
                }
                if (left <= 0) {
                    throw new BridgeException(BridgeReason.TIMEOUT, "No enclave was bridged within " + timeout);
                }
                left = bridgedChanged.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops accepting, waits for what is relayed until the deadline, cuts the rest, frees everything. */
    void close(Duration drain) {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            closing = true;
            bridgedChanged.signalAll();
        } finally {
            lock.unlock();
        }
        closeListener(initListener);
        services.stopAccepting();
        onControl(() -> sessions.values().forEach(HostSession::stopAccepting));
        try {
            if (!gate.awaitEmpty(drain)) {
                Events.log(
                        System.Logger.Level.INFO,
                        gate.inside() + " connections did not end within " + drain + " and are cut");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Promise<Void> freed = control.newPromise();
        onControl(() -> {
            PromiseCombiner all = new PromiseCombiner(control);
            for (HostSession session : List.copyOf(sessions.values())) {
                all.add((Future<?>) end(session, BridgeReason.CLOSING));
            }
            all.finish(freed);
        });
        freed.awaitUninterruptibly(2, TimeUnit.SECONDS);
        closeListener(logListener);
        release();
    }

    private void onControl(Runnable action) {
        control.submit(action).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    private static void closeListener(@Nullable Channel listener) {
        if (listener != null) {
            listener.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
        }
    }

    private void release() {
        services.close();
        net.close();
        resolver.close();
        logPump.close();
        events.reportUnlogged(true);
    }
}
