package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listener without a socket of its own, on any event loop: somebody else brings it the streams. */
public abstract class ArrivalServer extends AbstractServerChannel {
    /** A stream that has been connected and not been given to an event loop yet. */
    public interface Arrival {
        /**
         * Makes a channel of it.
         *
         * @param parent the listener
         * @return the channel
         */
        Channel accept(Channel parent);

        /** Cuts it. */
        void refuse();
    }

    private final Config config = new Config();
    private final ArrayDeque<Arrival> waiting = new ArrayDeque<>();
    private final AtomicInteger reserved = new AtomicInteger();
    private volatile boolean open = true;
    private volatile @Nullable VsockAddress local;
    private boolean demanded;

    /** Event loops close the sockets that they watch when they end; this has none, so it asks to be told. */
    private final Runnable endOfLoop = this::endOfLoop;

    /** A listener that is not bound. */
    protected ArrivalServer() {}

    /**
     * Binds.
     *
     * @param wanted where
     * @return where it is
     * @throws Exception if it cannot
     */
    protected abstract VsockAddress bindTo(VsockAddress wanted) throws Exception;

    /**
     * Gives up the place where it was bound.
     *
     * @param bound the place
     */
    protected abstract void unbind(VsockAddress bound);

    /** The event loop has ended. */
    void endOfLoop() {
        unsafe().close(unsafe().voidPromise());
    }

    /** How many streams may wait. */
    final int backlog() {
        return config.backlog;
    }

    /**
     * Takes a place in the queue; any thread.
     *
     * @return whether there was one
     */
    public final boolean reserve() {
        if (reserved.incrementAndGet() <= config.backlog) {
            return true;
        }
        reserved.decrementAndGet();
        return false;
    }

    /**
     * Brings a stream for which a place has been {@linkplain #reserve() reserved}; any thread.
     *
     * @param arrival the stream
     */
    public final void arrive(Arrival arrival) {
        if (eventLoop().inEventLoop()) {
            queue(arrival);
            return;
        }
        try {
            eventLoop().execute(() -> queue(arrival));
        } catch (RejectedExecutionException e) {
            // The event loop has ended, and this listener with it.
            refuse(arrival);
        }
    }

    /** Tells those who listen that streams cannot be accepted now; any thread. */
    final void cannotAccept(Throwable cause) {
        try {
            eventLoop().execute(() -> pipeline().fireExceptionCaught(cause));
        } catch (RejectedExecutionException e) {
            System.getLogger(ArrivalServer.class.getName())
                    .log(System.Logger.Level.DEBUG, "a listener outlived its event loop", e);
        }
    }

    private void queue(Arrival arrival) {
        if (!open) {
            refuse(arrival);
            return;
        }
        waiting.add(arrival);
        if (demanded) {
            hand();
        }
    }

    private void refuse(Arrival arrival) {
        left();
        arrival.refuse();
    }

    /** A place in the queue is free again; any thread. */
    void left() {
        reserved.decrementAndGet();
    }

    private void hand() {
        demanded = false;
        while (!waiting.isEmpty()) {
            Arrival next = waiting.remove();
            left();
            pipeline().fireChannelRead(next.accept(this));
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
    protected final void doBind(SocketAddress address) throws Exception {
        if (!(address instanceof VsockAddress wanted)) {
            throw new IllegalArgumentException("not a VSOCK address: " + address);
        }
        local = bindTo(wanted);
    }

    @Override
    protected final void doClose() {
        open = false;
        VsockAddress bound = local;
        if (bound != null) {
            unbind(bound);
        }
        Loops.run(eventLoop(), () -> {
            waiting.forEach(this::refuse);
            waiting.clear();
        });
    }

    @Override
    protected final void doRegister(ChannelPromise promise) {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.addShutdownHook(endOfLoop);
        }
        promise.setSuccess();
    }

    @Override
    protected final void doDeregister() {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.removeShutdownHook(endOfLoop);
        }
    }

    @Override
    public final ChannelConfig config() {
        return config;
    }

    @Override
    public final boolean isOpen() {
        return open;
    }

    @Override
    public final boolean isActive() {
        return open && local != null;
    }

    @Override
    protected final boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected final @Nullable SocketAddress localAddress0() {
        return local;
    }

    private final class Config extends DefaultChannelConfig {
        private volatile int backlog = 1024;

        Config() {
            super(ArrivalServer.this);
        }

        @Override
        protected void autoReadCleared() {
            if (isRegistered()) {
                // At once where that is possible: what is asked for after this call must not be forgotten.
                Loops.run(eventLoop(), () -> demanded = false);
            }
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
