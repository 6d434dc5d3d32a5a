package io.ebridge.vsock.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Lets a listener that cannot accept rest for a second: without descriptors it would try again at once, for ever. Netty's own acceptor does so too, but lets the exception fall out of the pipeline, with a warning each time.
 */
public final class AcceptPause extends ChannelInboundHandlerAdapter {
    static final long MILLIS = 1000;

    private final Consumer<Throwable> onFailure;

    /**
     * A handler for a listener.
     *
     * @param onFailure told why it cannot accept; on the event loop
     */
    public AcceptPause(Consumer<Throwable> onFailure) {
        this.onFailure = onFailure;
    }

    @Override
    public boolean isSharable() {
        return true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (ctx.channel().config().isAutoRead()) {
            ctx.channel().config().setAutoRead(false);
            ctx.executor().schedule(() -> ctx.channel().config().setAutoRead(true), MILLIS, TimeUnit.MILLISECONDS);
        }
        onFailure.accept(cause);
    }
}
