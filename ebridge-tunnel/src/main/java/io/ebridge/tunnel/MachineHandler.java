package io.ebridge.tunnel;

import io.ebridge.protocol.ProtocolException;
import io.ebridge.protocol.StateMachine;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts a state machine of the protocol on a channel: feeds it bytes and time, writes what it wants written. Exactly one of
 * {@link #onDone} and {@link #onFailure} is called in the end; what comes after that goes to the next handler. Event loop only.
 */
abstract class MachineHandler<E> extends ChannelInboundHandlerAdapter {
    private final StateMachine<E> machine;
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Future<?> timer;
    private boolean ended;

    MachineHandler(StateMachine<E> machine) {
        this.machine = machine;
    }

    /** The machine has something to tell. */
    abstract void onEvent(E event);

    /** The exchange has ended well; what was received behind it is the callee's to release. */
    abstract void onDone(ByteBuf rest);

    /** The exchange has failed, the channel is still open or has just closed. */
    abstract void onFailure(Throwable cause);

    final ChannelHandlerContext context() {
        return Objects.requireNonNull(ctx, "not in a pipeline");
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        if (context.channel().isActive()) {
            begin();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        begin();
    }

    private void begin() {
        context().channel().config().setAutoRead(true);
        flushOutput();
        scheduleTick();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        cancelTick();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (ended) {
            context.fireChannelRead(message);
            return;
        }
        ByteBuf data = (ByteBuf) message;
        try {
            ByteBuffer in = data.nioBuffer();
            int all = in.remaining();
            while (in.hasRemaining() && !machine.isDone()) {
                E event = machine.receive(in, System.nanoTime()).orElse(null);
                flushOutput();
                if (event != null) {
                    onEvent(event);
                }
            }
            data.skipBytes(all - in.remaining());
        } catch (ProtocolException e) {
            data.release();
            fail(e);
            return;
        }
        if (machine.isDone()) {
            done(data);
        } else {
            data.release();
            scheduleTick();
        }
    }

    private void done(ByteBuf rest) {
        if (ended) {
            rest.release();
            return;
        }
        ended = true;
        cancelTick();
        onDone(rest);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (ended) {
            context.fireUserEventTriggered(event);
        } else if (event instanceof ChannelInputShutdownEvent) {
            endOfInput();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (ended) {
            context.fireChannelInactive();
        } else {
            endOfInput();
        }
    }

    private void endOfInput() {
        try {
            machine.endOfInput(System.nanoTime());
            done(Unpooled.EMPTY_BUFFER);
        } catch (ProtocolException e) {
            fail(e);
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
            fail(cause);
        }
    }

    final void fail(Throwable cause) {
        if (!ended) {
            ended = true;
            cancelTick();
            onFailure(cause);
        }
    }

    /** Writes what the machine wants written; the future of the last write, or null if there was none. */
    final @Nullable ChannelFuture flushOutput() {
        ChannelFuture last = null;
        for (ByteBuffer out = machine.pollOutput().orElse(null); out != null; ) {
            last = context().writeAndFlush(Unpooled.wrappedBuffer(out));
            out = machine.pollOutput().orElse(null);
        }
        return last;
    }

    final void scheduleTick() {
        cancelTick();
        Duration left = machine.timeLeft(System.nanoTime()).orElse(null);
        if (left != null && !ended) {
            timer = context().executor().schedule(this::tick, left.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void cancelTick() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }

    private void tick() {
        if (ended) {
            return;
        }
        try {
            machine.tick(System.nanoTime());
            // A peer that reads nothing must not make this side's heartbeats pile up.
            if (context().channel().isWritable()) {
                flushOutput();
            }
            scheduleTick();
        } catch (ProtocolException e) {
            fail(e);
        }
    }
}
