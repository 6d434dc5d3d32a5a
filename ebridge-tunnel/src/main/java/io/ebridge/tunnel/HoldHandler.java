package io.ebridge.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a channel receives until its other end is connected. Auto-read is off meanwhile, but a peer that ends its
 * direction makes the native transport deliver what is left all the same, and that must not be lost. Event loop only.
 */
final class HoldHandler extends ChannelInboundHandlerAdapter {
    /** More than any receive buffer that a transport of ours fills on its own. */
    static final int MAX_HELD = 8 << 20;

    private final Queue<ByteBuf> held = new ArrayDeque<>(2);
    private long heldBytes;
    private boolean inputEnded;
    private boolean lost;
    private @Nullable Consumer<BridgeReason> onLost;
    private @Nullable ChannelHandlerContext ctx;

    /** Has the given action run, once, if the channel fails or closes while it is held. */
    void onLost(Consumer<BridgeReason> action) {
        onLost = action;
    }

    ChannelHandlerContext context() {
        return Objects.requireNonNull(ctx, "not in a pipeline");
    }

    boolean inputEnded() {
        return inputEnded;
    }

    boolean lost() {
        return lost;
    }

    /** Puts bytes behind what is held; takes over the reference. */
    void hold(ByteBuf data) {
        if (lost || !data.isReadable()) {
            data.release();
            return;
        }
        heldBytes += data.readableBytes();
        held.add(RelayBuffers.compact(data));
        if (heldBytes > MAX_HELD) {
            lose(BridgeReason.LIMIT_REACHED);
            context().close();
        }
    }

    /** The next bytes held, for the caller to release, or null. */
    @Nullable ByteBuf poll() {
        return held.poll();
    }

    private void lose(BridgeReason reason) {
        if (lost) {
            return;
        }
        lost = true;
        releaseAll();
        Consumer<BridgeReason> action = onLost;
        if (action != null) {
            action.accept(reason);
        }
    }

    private void releaseAll() {
        for (ByteBuf data = held.poll(); data != null; data = held.poll()) {
            data.release();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        releaseAll();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        hold((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {}

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        lose(BridgeReason.PEER_CLOSED);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        lose(BridgeReason.RESET);
        context.close();
    }
}
