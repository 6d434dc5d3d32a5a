package io.ebridge.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One pair of channels on one event loop. A direction ends when its source ends it and everything read has been written;
 * then the sink's output is shut down, and a channel whose both directions have ended is closed at once. Anything out of
 * that order (an error, a reset, a close without an end, silence for too long) resets both, so that a peer can tell a
 * complete stream from a broken one.
 */
final class Relay implements DataPath.Carried {
    private static final long REPORT_NANOS = 1_000_000_000L;

    private final DataPath.Observer observer;
    private final RelaySweeper sweeper;
    private final long idleNanos;
    private final long halfClosedNanos;
    private final End front;
    private final End back;

    private boolean over;
    private boolean moved;
    private long lastMoved = System.nanoTime();
    private long lastReport = lastMoved;
    private long reportedIn;
    private long reportedOut;

    Relay(
            DataPath.HeldEnd front,
            DataPath.HeldEnd back,
            DataPath.Timeouts timeouts,
            DataPath.Observer observer,
            RelaySweeper sweeper) {
        this.observer = observer;
        this.sweeper = sweeper;
        this.idleNanos = timeouts.idle().toNanos();
        this.halfClosedNanos = timeouts.halfClosed().toNanos();
        this.front = new End(front);
        this.back = new End(back);
    }

    void start() {
        sweeper.add(this);
        front.other = back;
        back.other = front;
        front.install();
        back.install();
        front.replay();
        back.replay();
    }

    @Override
    public void cut(BridgeReason reason) {
        Channel channel = front.channel;
        if (channel.eventLoop().inEventLoop()) {
            cutNow(reason);
            return;
        }
        try {
            channel.eventLoop().execute(() -> cutNow(reason));
        } catch (RejectedExecutionException e) {
            // The loop is gone, and with it the channels.
            Events.log(System.Logger.Level.TRACE, "A pair outlived its event loop", e);
        }
    }

    private void cutNow(BridgeReason reason) {
        if (!over) {
            over = true;
            Channels.reset(front.channel);
            Channels.reset(back.channel);
            finish(reason);
        }
    }

    private void endOfOne() {
        if (!over && front.done() && back.done()) {
            over = true;
            finish(null);
        }
    }

    private void finish(@Nullable BridgeReason reason) {
        sweeper.remove(this);
        report(System.nanoTime());
        observer.ended(front.received, back.received, reason);
    }

    private void report(long now) {
        lastReport = now;
        long in = front.received - reportedIn;
        long out = back.received - reportedOut;
        if (in != 0 || out != 0) {
            reportedIn = front.received;
            reportedOut = back.received;
            observer.moved(in, out);
        }
    }

    /** Called every tick. */
    void sweep(long now) {
        if (over) {
            return;
        }
        if (now - lastReport >= REPORT_NANOS) {
            report(now);
        }
        // Not short-circuit: both ends note what they have still to write.
        if (moved | front.drained() | back.drained()) {
            moved = false;
            lastMoved = now;
            return;
        }
        boolean half = front.inputEnded || back.inputEnded;
        if (now - lastMoved >= (half ? Math.min(halfClosedNanos, idleNanos) : idleNanos)) {
            cutNow(BridgeReason.IDLE);
        } else if (half) {
            front.buryIfDead();
            back.buryIfDead();
        }
    }

    /** One of the two channels. */
    private final class End extends ChannelInboundHandlerAdapter {
        private final HoldHandler hold;
        private final boolean halfClose;
        private final Channel channel;
        private ChannelHandlerContext ctx;
        private End other = this;
        private long received;
        private long pendingSeen;
        private boolean inputEnded;
        private boolean outputEnded;

        End(DataPath.HeldEnd held) {
            this.hold = held.hold();
            this.halfClose = held.halfClose();
            this.ctx = hold.context();
            this.channel = ctx.channel();
        }

        void install() {
            ctx.pipeline().addAfter(ctx.name(), null, this);
        }

        /** Feeds what was held, then lets new bytes in. */
        void replay() {
            for (ByteBuf data = hold.poll(); data != null; data = hold.poll()) {
                forward(data);
            }
            boolean ended = hold.inputEnded();
            boolean lost = hold.lost() || !channel.isActive();
            channel.pipeline().remove(hold);
            if (over) {
                return;
            }
            if (lost) {
                cutNow(BridgeReason.RESET);
            } else if (ended) {
                endInput();
            } else if (other.channel.isWritable()) {
                channel.config().setAutoRead(true);
            }
        }

        boolean done() {
            return inputEnded && outputEnded;
        }

        private void forward(ByteBuf data) {
            if (over || other.outputEnded) {
                data.release();
                cutNow(BridgeReason.RESET);
                return;
            }
            received += data.readableBytes();
            moved = true;
            ChannelOutboundBuffer pending = other.channel.unsafe().outboundBuffer();
            boolean waits = pending != null && !pending.isEmpty();
            other.ctx.writeAndFlush(waits ? RelayBuffers.compact(data) : data, other.channel.voidPromise());
            if (!other.channel.isWritable()) {
                channel.config().setAutoRead(false);
            }
        }

        private void endInput() {
            if (over || inputEnded) {
                return;
            }
            inputEnded = true;
            moved = true;
            other.finishOutput();
            if (outputEnded) {
                // Even if the other end has just finished the pair: a channel shut both ways but open makes epoll spin.
                channel.close();
                endOfOne();
            }
        }

        /** Nothing more will come for this channel: once what is written is out, say so. */
        private void finishOutput() {
            ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
            if (pending == null || pending.isEmpty()) {
                outputFinished();
            } else {
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
                    if (written.isSuccess()) {
                        outputFinished();
                    } else {
                        cutNow(BridgeReason.RESET);
                    }
                });
            }
        }

        private void outputFinished() {
            if (over || outputEnded) {
                return;
            }
            outputEnded = true;
            if (inputEnded) {
                channel.close();
                endOfOne();
            } else if (halfClose && channel instanceof DuplexChannel duplex) {
                Channels.endOutput(duplex, () -> cutNow(BridgeReason.RESET));
            }
            // Where the transport would turn this into a full close, the end is held back until the answer has ended.
        }

        /** Whether the number of bytes that wait to be written has changed since the last look. */
        private boolean drained() {
            ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
            long now = pending == null ? 0 : pending.totalPendingWriteBytes();
            boolean changed = now != pendingSeen;
            pendingSeen = now;
            return changed;
        }

        /**
         * A peer that has ended its direction and is then gone keeps the event loop busy and is not told of by any read. If
         * it was a TCP peer it has reset. If not it may have closed in good order, as peers do that never half-close: then what it sent
         * is delivered, and only more data for it is answered with a reset.
         */
        private void buryIfDead() {
            if (over || !inputEnded || outputEnded || !Channels.dead(channel)) {
                return;
            }
            if (channel.remoteAddress() instanceof InetSocketAddress) {
                cutNow(BridgeReason.RESET);
            } else {
                outputEnded = true;
                channel.close();
                endOfOne();
            }
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            ctx = context;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            forward((ByteBuf) message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {}

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (channel.isWritable() && !over && !other.inputEnded) {
                other.channel.config().setAutoRead(true);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                endInput();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!done()) {
                cutNow(BridgeReason.RESET);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            cutNow(BridgeReason.RESET);
        }
    }
}
