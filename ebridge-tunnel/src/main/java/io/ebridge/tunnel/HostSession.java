package io.ebridge.tunnel;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.protocol.ClientTunnel;
import io.ebridge.protocol.ServerTunnel;
import io.ebridge.protocol.TokenBucket;
import io.ebridge.protocol.Watchdog;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One bridged enclave on its host: its tunnels, its control and log connections, its watchdog. Opened, closed and watched on
 * the control loop; its connections live on any loop.
 */
final class HostSession {
    private final HostEngine engine;
    private final Cid cid;
    private final BridgeConfig config;
    private final Watchdog watchdog;
    private final TokenBucket logLines;
    private final TokenBucket logBytes;
    private final AtomicLong logDelivered = new AtomicLong();
    private final AtomicLong logDropped = new AtomicLong();
    private final AtomicInteger logConnections = new AtomicInteger();
    private final List<Channel> listeners = new ArrayList<>();
    private final List<Long> claimed = new ArrayList<>();
    private final List<Links> links = new ArrayList<>();
    private final Map<Integer, InetSocketAddress> listening = new HashMap<>();
    private final Set<Channel> attached = ConcurrentHashMap.newKeySet();
    private volatile @Nullable BridgedEnclave info;
    private volatile boolean closed;

    HostSession(HostEngine engine, Cid cid, BridgeConfig config) {
        this.engine = engine;
        this.cid = cid;
        this.config = config;
        long now = System.nanoTime();
        TunnelLimits limits = engine.settings().limits();
        this.watchdog = Watchdog.begin(config.watchdog(), now);
        this.logLines = TokenBucket.full(limits.logLinesPerSecond(), limits.logLinesPerSecond(), now);
        this.logBytes = TokenBucket.full(limits.logBytesPerSecond(), limits.logBytesPerSecond(), now);
    }

    Cid cid() {
        return cid;
    }

    BridgeConfig config() {
        return config;
    }

    Watchdog watchdog() {
        return watchdog;
    }

    @Nullable BridgedEnclave info() {
        return info;
    }

    /** Where each server tunnel is to listen, or why the settings are refused as a whole. */
    static Map<ServerTunnel, InetSocketAddress> plan(HostEngine engine, Cid cid, BridgeConfig config)
            throws BridgeException {
        HostSettings settings = engine.settings();
        IngressPolicy ingress = settings.ingress(cid);
        if (config.servers().size() > ingress.maxTunnels()) {
            throw new BridgeException(
                    BridgeReason.TOO_MANY_TUNNELS,
                    config.servers().size() + " server tunnels, " + ingress.maxTunnels() + " granted");
        }
        if (config.clients().size() > settings.limits().maxClientTunnels()) {
            throw new BridgeException(
                    BridgeReason.TOO_MANY_TUNNELS,
                    config.clients().size() + " client tunnels, "
                            + settings.limits().maxClientTunnels() + " granted");
        }
        Map<ServerTunnel, InetSocketAddress> plan = new HashMap<>();
        for (ServerTunnel server : config.servers()) {
            if (server.enclaveCid() != cid.value()) {
                throw new BridgeException(
                        BridgeReason.FOREIGN_CID,
                        "A server tunnel names CID " + server.enclaveCid() + ", the peer is " + cid.value());
            }
            plan.put(server, ingress.check(server.bindAddress(), server.bridgeTcpPort()));
        }
        for (ClientTunnel client : config.clients()) {
            if (engine.reserved(client.enclaveDialPort())) {
                throw new BridgeException(
                        BridgeReason.PORT_TAKEN,
                        "VSOCK port " + client.enclaveDialPort()
                                + " belongs to the bridge or to a service of the host");
            }
        }
        return plan;
    }

    /** Opens all tunnels, or none. */
    Future<HostSession> open(Map<ServerTunnel, InetSocketAddress> plan) {
        Promise<HostSession> opened = engine.control().newPromise();
        PromiseCombiner all = new PromiseCombiner(engine.control());
        for (Map.Entry<ServerTunnel, InetSocketAddress> server : plan.entrySet()) {
            all.add((Future<?>) listen(server.getKey(), server.getValue()));
        }
        for (ClientTunnel client : config.clients()) {
            all.add((Future<?>) claim(client));
        }
        Promise<Void> ready = engine.control().newPromise();
        all.finish(ready);
        ready.addListener(done -> {
            if (done.isSuccess()) {
                info = new BridgedEnclave(
                        cid,
                        config.watchdog().enclaveId(),
                        config.appName(),
                        engine.settings().clock().instant(),
                        listening);
                opened.setSuccess(this);
            } else {
                Throwable cause = done.cause();
                close(BridgeReason.PORT_TAKEN);
                opened.setFailure(new BridgeException(
                        Reasons.of(cause) == BridgeReason.CONNECT_FAILED ? BridgeReason.PORT_TAKEN : Reasons.of(cause),
                        "A port cannot be opened: " + Reasons.detail(cause),
                        cause));
            }
        });
        return opened;
    }

    private Future<?> listen(ServerTunnel server, InetSocketAddress address) {
        BridgeEvent.Tunnel tunnel = new BridgeEvent.Tunnel(BridgeEvent.Kind.SERVER_TUNNEL, cid, server.bridgeTcpPort());
        TunnelLimits limits = engine.settings().limits();
        Links accepted = engine.links(tunnel, limits.maxConnectionsPerTunnel(), limits.idleTimeout());
        links.add(accepted);
        VsockAddress target = new VsockAddress(cid, server.enclaveListenPort());
        Link.Greeting greeting = server.proxyProtocol() ? Link.toBack(HostSession::proxyHeader) : Link.noGreeting();
        ChannelFuture bound = engine.net()
                .listenTcp(
                        address,
                        Net.onAccept(channel -> {
                            Link link = accepted.admit(channel);
                            if (link != null) {
                                HoldHandler hold = new HoldHandler();
                                channel.pipeline().addLast(hold);
                                link.relay(
                                        hold,
                                        true,
                                        engine.net().vsockHalfClose(),
                                        loop -> engine.net().dialVsock(loop, target, limits.connectTimeout()),
                                        greeting);
                            }
                        }),
                        cause -> engine.events()
                                .tell(new BridgeEvent.AcceptPaused(tunnel, Reasons.of(cause), Reasons.detail(cause))));
        Promise<Void> promise = engine.control().newPromise();
        bound.addListener(done -> engine.control().execute(() -> {
            if (!done.isSuccess()) {
                promise.setFailure(new BridgeException(
                        BridgeReason.PORT_TAKEN, "TCP " + address + ": " + Reasons.detail(done.cause()), done.cause()));
                return;
            }
            listeners.add(bound.channel());
            listening.put(
                    server.bridgeTcpPort(), (InetSocketAddress) bound.channel().localAddress());
            if (closed) {
                bound.channel().close();
            }
            promise.setSuccess(null);
        }));
        return promise;
    }

    private static ByteBuf proxyHeader(Channel front) {
        return ProxyHeader.encode(
                front.alloc(),
                front.remoteAddress() instanceof InetSocketAddress source ? source : null,
                front.localAddress() instanceof InetSocketAddress destination ? destination : null);
    }

    private Future<?> claim(ClientTunnel client) {
        BridgeEvent.Tunnel tunnel = ClientPorts.tunnel(client.enclaveDialPort(), cid);
        TunnelLimits limits = engine.settings().limits();
        Duration idle = client.requestTimeout().compareTo(limits.idleTimeout()) < 0
                ? client.requestTimeout()
                : limits.idleTimeout();
        Links accepted = engine.links(tunnel, limits.maxConnectionsPerTunnel(), idle);
        links.add(accepted);
        claimed.add(client.enclaveDialPort());
        return engine.clientPorts().claim(client.enclaveDialPort(), cid, channel -> {
            Link link = accepted.admit(channel);
            if (link != null) {
                channel.pipeline().addLast(new TargetLineHandler(engine, link, cid));
            }
        });
    }

    /** Keeps a control or log connection with this session, to be closed with it; false if it is closed already. */
    boolean attach(Channel channel) {
        attached.add(channel);
        channel.closeFuture().addListener(done -> attached.remove(channel));
        if (closed) {
            channel.close();
        }
        return !closed;
    }

    AtomicInteger logConnections() {
        return logConnections;
    }

    /** Whether a log line of so many bytes may pass now; counts it. */
    synchronized boolean admitLog(int bytes) {
        long now = System.nanoTime();
        boolean admitted = logLines.tryTake(1, now) && logBytes.tryTake(bytes, now);
        (admitted ? logDelivered : logDropped).incrementAndGet();
        return admitted;
    }

    void logNotTaken() {
        logDelivered.decrementAndGet();
        logDropped.incrementAndGet();
    }

    /** Tells how many log lines passed and how many were dropped since the last call. */
    void reportLog() {
        long delivered = logDelivered.getAndSet(0);
        long dropped = logDropped.getAndSet(0);
        if (delivered != 0 || dropped != 0) {
            engine.events().tell(new BridgeEvent.LogLines(cid, delivered, dropped));
        }
        if (dropped > 0) {
            engine.events()
                    .logAbout(
                            cid,
                            System.Logger.Level.WARNING,
                            dropped + " log lines of CID " + cid.value() + " were dropped, beyond the rate limit");
        }
    }

    /** Takes nothing new; what is relayed goes on. */
    void stopAccepting() {
        links.forEach(tunnel -> tunnel.close(BridgeReason.CLOSING));
        List.copyOf(listeners).forEach(Channel::close);
    }

    /** Ends everything; done when the ports are free again. */
    Future<?> close(BridgeReason reason) {
        closed = true;
        PromiseCombiner all = new PromiseCombiner(engine.control());
        for (Channel listener : List.copyOf(listeners)) {
            all.add((Future<?>) listener.close());
        }
        for (Long port : claimed) {
            all.add((Future<?>) engine.clientPorts().release(port, cid));
        }
        links.forEach(tunnel -> tunnel.cutAll(reason));
        List.copyOf(attached).forEach(Channel::close);
        reportLog();
        Promise<Void> freed = engine.control().newPromise();
        all.finish(freed);
        return freed;
    }
}
