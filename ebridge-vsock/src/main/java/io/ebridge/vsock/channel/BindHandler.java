package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.net.SocketAddress;

/** First in the pipeline of a listener: checks the address, and turns failures into {@link VsockException}. */
final class BindHandler extends ChannelOutboundHandlerAdapter {
    /** Says whether a transport can listen on an address, and how it calls it. */
    interface Check {
        VsockAddress check(VsockAddress wanted) throws VsockException;
    }

    private final Check check;

    BindHandler(Check check) {
        this.check = check;
    }

    @Override
    public void bind(ChannelHandlerContext ctx, SocketAddress local, ChannelPromise promise) {
        if (!(local instanceof VsockAddress wanted)) {
            promise.tryFailure(new IllegalArgumentException("not a VSOCK address: " + local));
            return;
        }
        ChannelPromise below = ctx.newPromise();
        below.addListener(f -> {
            if (f.isSuccess()) {
                promise.trySuccess();
            } else {
                promise.tryFailure(Failures.of(f.cause(), wanted));
            }
        });
        try {
            ctx.bind(check.check(wanted), below);
        } catch (VsockException e) {
            below.tryFailure(e);
        }
    }
}
