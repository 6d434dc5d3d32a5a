package io.ebridge.vsock.channel;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.net.SocketAddress;

/** A listener to which the {@link GuestSwitch} brings the streams that ask for its port. */
final class GuestListener extends ArrivalServer {
    private final GuestSwitch guestSwitch;

    GuestListener(GuestSwitch guestSwitch, Cid cid) {
        this.guestSwitch = guestSwitch;
        pipeline().addFirst(new Register(cid));
    }

    /** Opening the switch's socket is another event loop's work, so a bind waits for it without blocking this one. */
    private final class Register extends ChannelOutboundHandlerAdapter {
        private final Cid cid;

        Register(Cid cid) {
            this.cid = cid;
        }

        @Override
        public void bind(ChannelHandlerContext ctx, SocketAddress address, ChannelPromise promise) {
            if (!(address instanceof VsockAddress wanted)) {
                promise.tryFailure(new IllegalArgumentException("not a VSOCK address: " + address));
            } else if (!wanted.cid().equals(Cid.ANY) && !wanted.cid().equals(cid)) {
                promise.tryFailure(new VsockException(Reason.NOT_LOCAL, "this guest has CID " + cid, wanted));
            } else {
                guestSwitch
                        .add(new VsockAddress(cid, wanted.port()), GuestListener.this)
                        .whenComplete((bound, cause) -> ctx.executor().execute(() -> {
                            if (cause != null) {
                                promise.tryFailure(Failures.of(cause, wanted));
                            } else if (isOpen()) {
                                ctx.bind(bound, promise);
                            } else {
                                guestSwitch.remove(bound, GuestListener.this);
                                promise.tryFailure(
                                        new VsockException(Reason.CLOSED, "closed before it listened", wanted));
                            }
                        }));
            }
        }
    }

    /** Takes a stream, or refuses it where too many wait; called from the switch's event loop. */
    void bring(Arrival arrival) {
        if (reserve()) {
            arrive(arrival);
        } else {
            arrival.refuse();
        }
    }

    @Override
    protected VsockAddress bindTo(VsockAddress wanted) {
        return wanted;
    }

    @Override
    protected void unbind(VsockAddress bound) {
        guestSwitch.remove(bound, this);
    }
}
