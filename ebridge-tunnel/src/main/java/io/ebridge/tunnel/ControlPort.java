package io.ebridge.tunnel;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.protocol.Heartbeat;
import io.ebridge.protocol.HostHandshake;
import io.ebridge.protocol.InitConnection;
import io.ebridge.protocol.ProtocolException;
import io.ebridge.vsock.Cid;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The port on which enclaves shake hands and send their heartbeats. Everything here, connections included, lives on the
 * control loop, so what one enclave does there can be counted without locks.
 */
final class ControlPort {
    private final HostEngine engine;
    private final Map<Cid, Integer> connections = new HashMap<>();
    private final Map<Cid, Handshake> handshakes = new HashMap<>();

    ControlPort(HostEngine engine) {
        this.engine = engine;
    }

    void accepted(Channel channel) {
        Cid cid = ClientPorts.peer(channel);
        if (!engine.settings().accepted().contains(cid)) {
            Channels.reset(channel);
            engine.events()
                    .handshakeFailed(cid, BridgeReason.CID_NOT_ALLOWED, "this CID is not among those to be accepted");
            return;
        }
        int others = connections.getOrDefault(cid, 0);
        if (others >= engine.settings().limits().maxControlConnections()) {
            Channels.reset(channel);
            engine.events().handshakeFailed(cid, BridgeReason.LIMIT_REACHED, others + " connections on this port");
            return;
        }
        connections.put(cid, others + 1);
        channel.closeFuture().addListener(done -> connections.computeIfPresent(cid, (key, n) -> n == 1 ? null : n - 1));
        channel.pipeline().addLast(new Sniffer(cid));
    }

    /** Waits for the bytes that tell a handshake from a heartbeat. */
    private final class Sniffer extends ChannelInboundHandlerAdapter {
        private final Cid cid;
        private ByteBuf first = Unpooled.EMPTY_BUFFER;
        private @Nullable Future<?> deadline;

        Sniffer(Cid cid) {
            this.cid = cid;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            Duration wait = engine.settings().protocolLimits().handshakeStep();
            HostSession session = engine.session(cid);
            if (session != null) {
                // Some enclaves send their first heartbeat only after half an interval.
                Duration interval = session.config().watchdog().interval();
                wait = wait.compareTo(interval) < 0 ? interval : wait;
            }
            deadline = context.executor()
                    .schedule(
                            () -> {
                                engine.events()
                                        .handshakeFailed(cid, BridgeReason.STEP_TIMEOUT, "a connection stayed silent");
                                context.close();
                            },
                            wait.toNanos(),
                            TimeUnit.NANOSECONDS);
            context.channel().config().setAutoRead(true);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            first = Unpooled.wrappedBuffer(first, RelayBuffers.compact((ByteBuf) message));
            InitConnection kind = InitConnection.of(first.nioBuffer()).orElse(null);
            if (kind == null) {
                return;
            }
            ByteBuf bytes = first;
            first = Unpooled.EMPTY_BUFFER;
            HostSession session = engine.session(cid);
            if (kind == InitConnection.HANDSHAKE) {
                HostHandshake machine = HostHandshake.start(
                        engine.environment(), engine.settings().protocolLimits(), System.nanoTime());
                context.pipeline().addLast(new Handshake(cid, machine));
            } else if (session == null || !session.attach(context.channel())) {
                bytes.release();
                engine.events()
                        .handshakeFailed(
                                cid, BridgeReason.NOT_BRIDGED, "a heartbeat, or no handshake, without a bridge");
                context.close();
                return;
            } else {
                context.pipeline().addLast(new Beats(session, session.watchdog().connect(System.nanoTime())));
            }
            context.fireChannelRead(bytes);
            context.pipeline().remove(this);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                context.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            first.release();
            Future<?> timer = deadline;
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }

    /** One handshake; a CID has one at a time, the newest. */
    private final class Handshake extends MachineHandler<BridgeConfig> {
        private final Cid cid;
        private final HostHandshake machine;

        Handshake(Cid cid, HostHandshake machine) {
            super(machine);
            this.cid = cid;
            this.machine = machine;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            Handshake earlier = handshakes.put(cid, this);
            if (earlier != null) {
                earlier.fail(new BridgeException(BridgeReason.RESTARTED, "the same CID began another handshake"));
            }
            super.handlerAdded(context);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            handshakes.remove(cid, this);
            super.handlerRemoved(context);
        }

        @Override
        void onEvent(BridgeConfig config) {
            engine.propose(cid, config).addListener((Future<HostSession> opened) -> {
                if (!opened.isSuccess()) {
                    fail(opened.cause());
                    return;
                }
                accept(opened.getNow());
            });
        }

        private void accept(HostSession session) {
            try {
                machine.accept(System.nanoTime());
                engine.admit(session);
            } catch (ProtocolException | BridgeException e) {
                session.close(Reasons.of(e));
                fail(e);
                return;
            }
            ChannelFuture written = flushOutput();
            if (written != null) {
                written.addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        void onDone(ByteBuf rest) {
            rest.release();
        }

        @Override
        void onFailure(Throwable cause) {
            engine.events().handshakeFailed(cid, Reasons.of(cause), Reasons.detail(cause));
            context().close();
        }
    }

    /** The heartbeats of one connection. */
    private final class Beats extends MachineHandler<UUID> {
        private final HostSession session;

        Beats(HostSession session, Heartbeat machine) {
            super(machine);
            this.session = session;
        }

        @Override
        void onEvent(UUID id) {
            engine.events().tell(new BridgeEvent.Heartbeat(session.cid()));
        }

        @Override
        void onDone(ByteBuf rest) {
            rest.release();
            context().close();
        }

        @Override
        void onFailure(Throwable cause) {
            context().close();
            if (Reasons.of(cause) == BridgeReason.HEARTBEAT_MISMATCH) {
                engine.end(session, BridgeReason.HEARTBEAT_MISMATCH);
            }
        }
    }
}
