package io.ebridge.vsock.channel;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A listener without a socket of its own: the {@link GuestSwitch} brings it the streams that ask for its port. */
final class GuestListener extends AbstractServerChannel {
    /** A stream that has been connected and not been given to an event loop yet. */
    interface Arrival {
        Channel accept(Channel parent);

        void refuse();
    }

    private final GuestSwitch guestSwitch;
    private final Config config = new Config();
    private final ArrayDeque<Arrival> waiting = new ArrayDeque<>();
    private volatile boolean open = true;
    private volatile @Nullable VsockAddress local;
    private boolean demanded;

    /** Event loops close the sockets that they watch when they end; this has none, so it asks to be told. */
    private final Runnable endOfLoop = () -> unsafe().close(unsafe().voidPromise());

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
                            } else if (open) {
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

    /** Takes a stream; called from the switch's event loop. */
    void arrive(Arrival arrival) {
        try {
            eventLoop().execute(() -> queue(arrival));
        } catch (RejectedExecutionException e) {
            // The event loop has ended, and this listener with it.
            arrival.refuse();
        }
    }

    private void queue(Arrival arrival) {
        if (!open || waiting.size() >= config.backlog) {
            arrival.refuse();
            return;
        }
        waiting.add(arrival);
        if (demanded) {
            hand();
        }
    }

    private void hand() {
        demanded = false;
        while (!waiting.isEmpty()) {
            pipeline().fireChannelRead(waiting.remove().accept(this));
        }
        pipeline().fireChannelReadComplete();
    }

    @Override
    protected void doBeginRead() {
        demanded = true;
        if (!waiting.isEmpty()) {
            eventLoop().execute(() -> {
                if (demanded && open) {
                    hand();
                }
            });
        }
    }

    @Override
    protected void doBind(SocketAddress address) {
        local = (VsockAddress) address;
    }

    @Override
    protected void doClose() {
        open = false;
        VsockAddress bound = local;
        if (bound != null) {
            guestSwitch.remove(bound, this);
        }
        waiting.forEach(Arrival::refuse);
        waiting.clear();
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.addShutdownHook(endOfLoop);
        }
        promise.setSuccess();
    }

    @Override
    protected void doDeregister() {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.removeShutdownHook(endOfLoop);
        }
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && local != null;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local;
    }

    private final class Config extends DefaultChannelConfig {
        private volatile int backlog = 1024;

        Config() {
            super(GuestListener.this);
        }

        @Override
        protected void autoReadCleared() {
            eventLoop().execute(() -> demanded = false);
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option == ChannelOption.SO_BACKLOG) {
                validate(option, value);
                backlog = (Integer) value;
                return true;
            }
            return super.setOption(option, value);
        }
    }
}
