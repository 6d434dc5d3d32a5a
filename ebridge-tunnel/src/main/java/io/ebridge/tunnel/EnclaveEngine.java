package io.ebridge.tunnel;

import io.ebridge.vsock.Cid;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** What listens in the enclave: exposed ports and the loopback proxy. */
final class EnclaveEngine {
    private static final long BIND_SECONDS = 10;

    private final EnclaveSettings settings;
    private final Events events;
    private final Net net;
    private final DataPath path;
    private final Gate gate;
    private final OutboundDialer outbound;
    private final Set<Listening> open = ConcurrentHashMap.newKeySet();

    EnclaveEngine(EnclaveSettings settings, Events events) throws BridgeException {
        this.settings = settings;
        this.events = events;
        this.net = new Net(settings.transport(), settings.limits(), settings.eventLoops(), "ebridge-relay");
        this.path = new CopyPath(settings.limits());
        this.gate = new Gate(settings.limits().maxConnections());
        this.outbound = new OutboundDialer(
                net, settings.protocolLimits(), settings.limits().connectTimeout());
    }

    EnclaveSettings settings() {
        return settings;
    }

    Net net() {
        return net;
    }

    OutboundDialer outbound() {
        return outbound;
    }

    Endpoint expose(long vsockPort, InetSocketAddress server) throws BridgeException {
        if (server.isUnresolved()) {
            throw new BridgeException(BridgeReason.NAME_NOT_RESOLVED, "Unresolved: " + server);
        }
        Links links = links(new BridgeEvent.Tunnel(BridgeEvent.Kind.EXPOSED_PORT, settings.hostCid(), vsockPort));
        ChannelFuture bound = net.listenVsock(
                vsockPort,
                Net.onAccept(channel -> {
                    Cid peer = ClientPorts.peer(channel);
                    // 2 is the host for every hypervisor, whatever other CID the enclave dials it by.
                    if (!peer.equals(settings.hostCid()) && !peer.equals(Cid.HOST)) {
                        links.refuse(channel, BridgeReason.CID_NOT_ALLOWED, "not the host, but CID " + peer);
                        return;
                    }
                    Link link = links.admit(channel);
                    if (link != null) {
                        HoldHandler hold = new HoldHandler();
                        channel.pipeline().addLast(hold);
                        link.relay(
                                hold,
                                net.vsockHalfClose(),
                                true,
                                loop -> net.dialTcp(
                                        loop, server, settings.limits().connectTimeout()),
                                Link.noGreeting());
                    }
                }),
                paused(links));
        return new Listening(listening(bound, "VSOCK port " + vsockPort), links);
    }

    LocalProxy proxy(LongSupplier clientPort) throws BridgeException {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Links links = links(new BridgeEvent.Tunnel(BridgeEvent.Kind.LOCAL_PROXY, settings.hostCid(), 0));
        ChannelFuture bound = net.listenTcp(
                loopback,
                Net.onAccept(channel -> {
                    Link link = links.admit(channel);
                    if (link != null) {
                        channel.pipeline().addLast(new ProxyFront(this, link, clientPort));
                    }
                }),
                paused(links));
        return new LocalProxy(new Listening(listening(bound, "loopback"), links));
    }

    private Consumer<Throwable> paused(Links links) {
        return cause ->
                events.tell(new BridgeEvent.AcceptPaused(links.tunnel(), Reasons.of(cause), Reasons.detail(cause)));
    }

    private Links links(BridgeEvent.Tunnel tunnel) {
        TunnelLimits limits = settings.limits();
        return new Links(
                tunnel,
                limits.maxConnectionsPerTunnel(),
                gate,
                events,
                path,
                new DataPath.Timeouts(limits.idleTimeout(), limits.halfClosedTimeout()));
    }

    private static Channel listening(ChannelFuture bound, String where) throws BridgeException {
        if (!bound.awaitUninterruptibly(BIND_SECONDS, TimeUnit.SECONDS) || !bound.isSuccess()) {
            bound.channel().close();
            Throwable cause = bound.cause();
            throw new BridgeException(
                    cause == null ? BridgeReason.TIMEOUT : Reasons.of(cause),
                    "Cannot listen on " + where + ": " + Reasons.detail(cause),
                    cause);
        }
        return bound.channel();
    }

    void drain(Duration drain) {
        List<Listening> all = List.copyOf(open);
        all.forEach(Listening::stopAccepting);
        try {
            if (!all.isEmpty() && !gate.awaitEmpty(drain)) {
                Events.log(
                        System.Logger.Level.INFO,
                        gate.inside() + " connections did not end within " + drain + " and are cut");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(Listening::close);
    }

    void close() {
        net.close();
    }

    /** An open port and its connections. */
    private final class Listening implements Endpoint {
        private final Channel listener;
        private final Links links;

        Listening(Channel listener, Links links) {
            this.listener = listener;
            this.links = links;
            open.add(this);
        }

        @Override
        public SocketAddress address() {
            return listener.localAddress();
        }

        void stopAccepting() {
            links.close(BridgeReason.CLOSING);
            listener.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            stopAccepting();
            links.cutAll(BridgeReason.CLOSING);
            open.remove(this);
        }
    }
}
