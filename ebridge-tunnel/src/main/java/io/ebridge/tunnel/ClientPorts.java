package io.ebridge.tunnel;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The VSOCK ports on which the host listens for its enclaves' connections outward. Enclaves share a port (5002 is everybody's
 * favourite); the peer's CID tells whose connection it is. Changed on the control loop only.
 */
final class ClientPorts {
    private final Net net;
    private final EventLoop control;
    private final Events events;
    private final Map<Long, Port> ports = new HashMap<>();
    private final Map<Long, Future<?>> closing = new HashMap<>();

    /** One port: its listener, and per enclave what to do with an accepted channel. */
    private record Port(Promise<Channel> listener, Map<Cid, Consumer<Channel>> routes) {}

    ClientPorts(Net net, EventLoop control, Events events) {
        this.net = net;
        this.control = control;
        this.events = events;
    }

    /** Has an enclave's connections to a port handed to a route; done when the port listens. */
    Future<Channel> claim(long number, Cid cid, Consumer<Channel> route) {
        Port port = ports.get(number);
        if (port == null) {
            port = new Port(control.newPromise(), new ConcurrentHashMap<>());
            ports.put(number, port);
            listen(number, port);
        }
        port.routes.put(cid, route);
        return port.listener;
    }

    private void listen(long number, Port port) {
        Future<?> earlier = closing.get(number);
        if (earlier != null) {
            earlier.addListener(done -> listen(number, port));
            return;
        }
        ChannelFuture bound = net.listenVsock(
                number,
                Net.onAccept(channel -> accepted(number, port, channel)),
                cause -> events.tell(new BridgeEvent.AcceptPaused(
                        tunnel(number, Cid.ANY), Reasons.of(cause), Reasons.detail(cause))));
        bound.addListener(done -> control.execute(() -> {
            if (done.isSuccess()) {
                port.listener.setSuccess(bound.channel());
            } else {
                ports.remove(number, port);
                port.listener.setFailure(done.cause());
            }
        }));
    }

    private void accepted(long number, Port port, Channel channel) {
        Cid cid = peer(channel);
        Consumer<Channel> route = port.routes.get(cid);
        if (route == null) {
            Channels.reset(channel);
            events.refused(
                    tunnel(number, cid), BridgeReason.NOT_BRIDGED, "no enclave of this CID has claimed the port");
        } else {
            route.accept(channel);
        }
    }

    /** Takes an enclave's claim back; done when nothing is left to close. */
    Future<?> release(long number, Cid cid) {
        Port port = ports.get(number);
        if (port == null || port.routes.remove(cid) == null || !port.routes.isEmpty()) {
            return control.newSucceededFuture(null);
        }
        ports.remove(number);
        Promise<Void> closed = control.newPromise();
        closing.put(number, closed);
        port.listener.addListener(listening -> {
            if (listening.isSuccess()) {
                port.listener
                        .getNow()
                        .close()
                        .addListener(done -> control.execute(() -> {
                            closing.remove(number, closed);
                            closed.setSuccess(null);
                        }));
            } else {
                closing.remove(number, closed);
                closed.setSuccess(null);
            }
        });
        return closed;
    }

    static BridgeEvent.Tunnel tunnel(long number, Cid cid) {
        return new BridgeEvent.Tunnel(BridgeEvent.Kind.CLIENT_TUNNEL, cid, number);
    }

    static Cid peer(Channel channel) {
        return channel.remoteAddress() instanceof VsockAddress address ? address.cid() : Cid.ANY;
    }
}
