package io.ebridge.tunnel;

import io.ebridge.protocol.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One connection to the loopback proxy until its target is known and connected. */
final class ProxyFront extends ChannelInboundHandlerAdapter {
    private final EnclaveEngine engine;
    private final Link link;
    private final LongSupplier clientPort;
    private ByteBuf received = Unpooled.EMPTY_BUFFER;
    private @Nullable ProxyRequest request;
    private @Nullable Future<?> deadline;
    private boolean ended;

    ProxyFront(EnclaveEngine engine, Link link, LongSupplier clientPort) {
        this.engine = engine;
        this.link = link;
        this.clientPort = clientPort;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        deadline = context.executor()
                .schedule(
                        () -> end(BridgeReason.STEP_TIMEOUT, "no whole request in time"),
                        engine.settings().protocolLimits().targetLineTime().toNanos(),
                        TimeUnit.NANOSECONDS);
        context.channel().config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (ended) {
            context.fireChannelRead(message);
            return;
        }
        ByteBuf data = (ByteBuf) message;
        received = received.isReadable() || received.isWritable()
                ? received
                : context.alloc().buffer(1024);
        received.writeBytes(data);
        data.release();
        if (!received.isReadable()) {
            return;
        }
        try {
            ProxyRequest parser = request;
            if (parser == null) {
                parser = ProxyRequest.byFirstByte(received.getUnsignedByte(received.readerIndex()));
                request = parser;
            }
            ProxyRequest.Step step = parser.receive(received);
            if (step.reply() != null) {
                context.writeAndFlush(Unpooled.wrappedBuffer(step.reply()));
            }
            Target target = step.target();
            if (target != null) {
                connect(context.channel(), parser, target, step.first());
            }
        } catch (BridgeException e) {
            refuse(context.channel(), e);
        }
    }

    private void connect(Channel channel, ProxyRequest parser, Target target, byte[] first) {
        ended = true;
        stopTimer();
        channel.config().setAutoRead(false);
        HoldHandler hold = new HoldHandler();
        channel.pipeline().addLast(hold);
        hold.hold(Unpooled.wrappedBuffer(first));
        hold.hold(received.readRetainedSlice(received.readableBytes()));
        link.farewell((front, reason) -> farewell(front, parser.failure(reason)));
        link.relay(
                hold,
                true,
                engine.net().vsockHalfClose(),
                loop -> engine.outbound().dial(loop, engine.settings().host(clientPort.getAsLong()), target),
                (front, back) -> {
                    byte[] reply = parser.success();
                    if (reply.length > 0) {
                        front.writeAndFlush(Unpooled.wrappedBuffer(reply), front.voidPromise());
                    }
                    front.pipeline().remove(this);
                });
    }

    private void refuse(Channel channel, BridgeException cause) {
        ProxyRequest parser = request;
        byte[] reply = parser == null ? new byte[0] : parser.failure(cause.reason());
        link.farewell((front, reason) -> farewell(front, reply));
        end(cause.reason(), Reasons.detail(cause));
    }

    private static void farewell(Channel front, byte[] reply) {
        front.writeAndFlush(Unpooled.wrappedBuffer(reply)).addListener(ChannelFutureListener.CLOSE);
    }

    private void end(BridgeReason reason, String detail) {
        if (!ended) {
            ended = true;
            stopTimer();
            link.fail(reason, detail);
        }
    }

    private void stopTimer() {
        Future<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        received.release();
        received = Unpooled.EMPTY_BUFFER;
        stopTimer();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (ended) {
            context.fireUserEventTriggered(event);
        } else if (event instanceof ChannelInputShutdownEvent) {
            end(BridgeReason.PEER_CLOSED, "the client left before its request was whole");
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (ended) {
            context.fireChannelInactive();
        } else {
            end(BridgeReason.PEER_CLOSED, "the client left before its request was whole");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (ended && context.pipeline().last() == this) {
            // What was to be done is done, and nobody behind cares how the channel ends.
            context.close();
        } else if (ended) {
            context.fireExceptionCaught(cause);
        } else {
            end(BridgeReason.RESET, Reasons.detail(cause));
        }
    }
}
