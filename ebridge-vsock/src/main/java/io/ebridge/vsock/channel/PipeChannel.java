package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.net.SocketAddress;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream without a socket of its own, on any event loop: an {@link Inlet} and an {@link Outlet}. It reads as a socket does: only when asked, the end of the input included, but a reset is told at once.
 */
public abstract class PipeChannel extends AbstractChannel implements SplitChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    /** The two directions of a stream that is connected. */
    private record Ends(Inlet in, Outlet out) {}

    private final Config config = new Config();
    private volatile boolean open = true;
    private volatile boolean inputShut;
    private volatile boolean outputShut;
    private volatile @Nullable Ends ends;
    private boolean demanded;

    /** Event loops close the sockets that they watch when they end; this has none, so it asks to be told. */
    private final Runnable endOfLoop = () -> unsafe().close(unsafe().voidPromise());

    private @Nullable ScheduledFuture<?> later;
    private @Nullable ChannelPromise connecting;

    /**
     * A stream, not connected yet.
     *
     * @param parent the listener that accepted it, or null
     */
    protected PipeChannel(@Nullable Channel parent) {
        super(parent);
    }

    /**
     * Begins to connect; on the event loop. In the end {@link #connected} or {@link #notConnected} is to be called there, unless the channel is closed before.
     *
     * @param to where
     * @param timeoutMillis how long that may take, zero for no limit
     */
    protected abstract void beginConnect(VsockAddress to, int timeoutMillis);

    /** The channel is closed before it was connected: gives up what {@link #beginConnect} began. */
    protected abstract void abandonConnect();

    /**
     * The channel is closed; neither direction is used any more.
     *
     * @param reset whether the peer shall see that it was cut
     */
    protected abstract void release(boolean reset);

    /** This side has ended its output. */
    protected void outputEnded() {}

    /**
     * The stream is connected; before the channel is registered, or on its event loop.
     *
     * @param in what the peer sends
     * @param out what goes to the peer
     */
    protected final void connected(Inlet in, Outlet out) {
        ends = new Ends(in, out);
        ChannelPromise promise = connecting;
        if (promise == null) {
            return;
        }
        connecting = null;
        boolean told = promise.trySuccess();
        pipeline().fireChannelActive();
        attach();
        if (!told) {
            unsafe().close(unsafe().voidPromise());
        }
    }

    /**
     * The stream cannot be connected; on the event loop.
     *
     * @param cause why
     */
    protected final void notConnected(VsockException cause) {
        ChannelPromise promise = connecting;
        if (promise != null) {
            connecting = null;
            promise.tryFailure(cause);
            unsafe().close(unsafe().voidPromise());
        }
    }

    private Ends ends() {
        Ends e = ends;
        if (e == null) {
            throw new NotYetConnectedException();
        }
        return e;
    }

    private void attach() {
        ends().out().writer(() -> submit(() -> ((Io) unsafe()).writeMore()));
        ends().in().reader(() -> submit(this::readable));
        if (demanded) {
            ends().in().ask();
        }
    }

    /** Wakes may come when the event loop has ended; the channel has ended with it. */
    private void submit(Runnable task) {
        EventLoop loop = eventLoop();
        if (!loop.isShutdown()) {
            try {
                loop.execute(task);
            } catch (RejectedExecutionException e) {
                System.getLogger(PipeChannel.class.getName()).log(System.Logger.Level.DEBUG, "woken after the end", e);
            }
        }
    }

    // ---- reading

    private void readable() {
        if (!open || ends == null) {
            return;
        }
        if (ends().in().look() == Inlet.Found.RESET) {
            pipeline().fireExceptionCaught(new VsockException(Reason.RESET, "the stream was cut", (VsockAddress)
                    remoteAddress()));
            unsafe().close(unsafe().voidPromise());
        } else if (demanded && !inputShut) {
            readNow(ends().in());
        }
    }

    private void readNow(Inlet in) {
        var handle = unsafe().recvBufAllocHandle();
        handle.reset(config);
        boolean any = false;
        Inlet.Found found = in.look();
        while (found == Inlet.Found.BYTES && open && !inputShut) {
            ByteBuf bytes = handle.allocate(config.getAllocator());
            handle.attemptedBytesRead(bytes.writableBytes());
            in.take(bytes);
            handle.lastBytesRead(bytes.readableBytes());
            handle.incMessagesRead(1);
            any = true;
            demanded = false;
            pipeline().fireChannelRead(bytes);
            found = in.look();
            if (!handle.continueReading()) {
                break;
            }
        }
        if (any) {
            handle.readComplete();
            pipeline().fireChannelReadComplete();
        }
        if (!open || inputShut) {
            return;
        }
        if (found == Inlet.Found.RESET) {
            readable();
        } else if (found == Inlet.Found.END && (demanded || !any)) {
            endOfInput();
        } else if (demanded) {
            again(in);
        }
    }

    private void again(Inlet in) {
        Inlet.Found found = in.look();
        if (found != Inlet.Found.NOTHING) {
            submit(this::readable);
            return;
        }
        long nanos = in.nanosUntilMore();
        ScheduledFuture<?> pending = later;
        if (nanos > 0 && (pending == null || pending.isDone())) {
            later = eventLoop().schedule(this::readable, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void endOfInput() {
        demanded = false;
        if (config.allowHalfClosure) {
            inputShut = true;
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        } else {
            unsafe().close(unsafe().voidPromise());
        }
    }

    @Override
    protected final void doBeginRead() {
        demanded = true;
        Ends e = ends;
        if (!inputShut && e != null) {
            e.in().ask();
            submit(this::readable);
        }
    }

    // ---- writing

    @Override
    protected final void doWrite(ChannelOutboundBuffer buffer) throws Exception {
        Outlet out = ends().out();
        for (Object message = buffer.current(); message != null; message = buffer.current()) {
            ByteBuf bytes = (ByteBuf) message;
            int taken = bytes.isReadable() ? out.offer(bytes) : 0;
            boolean all = taken == bytes.readableBytes();
            buffer.removeBytes(taken);
            if (all && taken == 0) {
                buffer.remove();
            }
            if (!all) {
                return;
            }
        }
    }

    @Override
    protected final Object filterOutboundMessage(Object message) {
        if (message instanceof ByteBuf) {
            return message;
        }
        throw new UnsupportedOperationException(
                "not a ByteBuf: " + message.getClass().getName());
    }

    // ---- life

    private final class Io extends AbstractUnsafe {
        void writeMore() {
            flush0();
        }

        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            if (!promise.setUncancellable() || !ensureOpen(promise)) {
                return;
            }
            if (parent() != null || ends != null || connecting != null) {
                safeSetFailure(promise, new ConnectionPendingException());
            } else if (remote instanceof VsockAddress to) {
                connecting = promise;
                beginConnect(to, config.getConnectTimeoutMillis());
            } else {
                safeSetFailure(promise, new IllegalArgumentException("not a VSOCK address: " + remote));
            }
        }
    }

    @Override
    protected final AbstractUnsafe newUnsafe() {
        return new Io();
    }

    @Override
    protected final void doRegister(ChannelPromise promise) {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.addShutdownHook(endOfLoop);
        }
        promise.setSuccess();
        if (ends != null) {
            attach();
        }
    }

    @Override
    protected final void doDeregister() {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.removeShutdownHook(endOfLoop);
        }
    }

    @Override
    protected final void doClose() {
        if (!open) {
            return;
        }
        open = false;
        ScheduledFuture<?> pending = later;
        if (pending != null) {
            pending.cancel(false);
        }
        ChannelPromise unanswered = connecting;
        if (unanswered != null) {
            connecting = null;
            abandonConnect();
            unanswered.tryFailure(new VsockException(Reason.CLOSED, "closed before it was connected", null));
        }
        if (ends != null) {
            release(config.linger == 0);
        }
    }

    @Override
    protected final void doDisconnect() {
        doClose();
    }

    @Override
    protected final void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("a stream is not bound");
    }

    @Override
    protected final void doShutdownOutput() {
        outputShut = true;
        ends().out().end();
        outputEnded();
    }

    @Override
    public final void shutdownOutputOnLoop(ChannelPromise promise) {
        ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
    }

    @Override
    public final void shutdownInputOnLoop(ChannelPromise promise) {
        Ends e = ends;
        if (e == null) {
            promise.setFailure(new NotYetConnectedException());
            return;
        }
        inputShut = true;
        e.in().closeReader();
        promise.setSuccess();
    }

    @Override
    public final boolean isInputShutdown() {
        return inputShut || !isActive();
    }

    @Override
    public final boolean isOutputShutdown() {
        return outputShut || !isActive();
    }

    @Override
    public final boolean isOpen() {
        return open;
    }

    @Override
    public final boolean isActive() {
        return open && ends != null;
    }

    @Override
    public final ChannelConfig config() {
        return config;
    }

    @Override
    public final ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected final boolean isCompatible(EventLoop loop) {
        return true;
    }

    private final class Config extends DefaultChannelConfig {
        private volatile boolean allowHalfClosure;
        private volatile int linger = -1;

        Config() {
            super(PipeChannel.this);
        }

        @Override
        protected void autoReadCleared() {
            if (isRegistered()) {
                // At once where that is possible: what is asked for after this call must not be forgotten.
                Loops.run(eventLoop(), () -> demanded = false);
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> T getOption(ChannelOption<T> option) {
            if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
                return (T) Boolean.valueOf(allowHalfClosure);
            }
            return option == ChannelOption.SO_LINGER ? (T) Integer.valueOf(linger) : super.getOption(option);
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
                validate(option, value);
                allowHalfClosure = (Boolean) value;
                return true;
            }
            if (option == ChannelOption.SO_LINGER) {
                validate(option, value);
                linger = (Integer) value;
                return true;
            }
            return super.setOption(option, value);
        }
    }
}
