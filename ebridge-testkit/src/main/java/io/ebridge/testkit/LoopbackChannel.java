package io.ebridge.testkit;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.net.SocketAddress;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One end of a stream on the network; runs on any event loop. It reads as a socket does: only when asked, the end of the input included, but a reset is told at once. */
final class LoopbackChannel extends AbstractChannel implements DuplexChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private final @Nullable LoopbackTransport machine;
    private final Config config = new Config();
    private volatile boolean open = true;
    private volatile boolean inputShut;
    private volatile boolean outputShut;
    private volatile @Nullable Link link;
    private boolean client;
    private boolean demanded;

    /** Event loops close the sockets that they watch when they end; this has none, so it asks to be told. */
    private final Runnable endOfLoop = () -> unsafe().close(unsafe().voidPromise());

    private @Nullable ScheduledFuture<?> later;
    private @Nullable ChannelPromise connecting;

    LoopbackChannel(LoopbackTransport machine) {
        super(null);
        this.machine = machine;
    }

    LoopbackChannel(LoopbackListener parent, Link link) {
        super(parent);
        machine = null;
        this.link = link;
    }

    private Pipe in() {
        Link l = connected();
        return client ? l.toClient() : l.toServer();
    }

    private Pipe out() {
        Link l = connected();
        return client ? l.toServer() : l.toClient();
    }

    private Link connected() {
        Link l = link;
        if (l == null) {
            throw new NotYetConnectedException();
        }
        return l;
    }

    private void attach() {
        out().writer(() -> submit(() -> ((Io) unsafe()).writeMore()));
        in().reader(() -> submit(this::readable));
    }

    /** Wakes may come when the event loop has ended; the channel has ended with it. */
    private void submit(Runnable task) {
        EventLoop loop = eventLoop();
        if (!loop.isShutdown()) {
            try {
                loop.execute(task);
            } catch (RejectedExecutionException e) {
                System.getLogger(LoopbackChannel.class.getName())
                        .log(System.Logger.Level.DEBUG, "woken after the end", e);
            }
        }
    }

    // ---- reading

    private void readable() {
        if (!open || link == null) {
            return;
        }
        if (in().look() == Pipe.Found.RESET) {
            pipeline().fireExceptionCaught(new VsockException(Reason.RESET, "the stream was cut", (VsockAddress)
                    remoteAddress()));
            unsafe().close(unsafe().voidPromise());
        } else if (demanded && !inputShut) {
            readNow();
        }
    }

    private void readNow() {
        Pipe in = in();
        var handle = unsafe().recvBufAllocHandle();
        handle.reset(config);
        boolean any = false;
        Pipe.Found found = in.look();
        while (found == Pipe.Found.BYTES && open && !inputShut) {
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
        if (found == Pipe.Found.RESET) {
            readable();
        } else if (found == Pipe.Found.END && (demanded || !any)) {
            endOfInput();
        } else if (demanded) {
            again(in);
        }
    }

    private void again(Pipe in) {
        Pipe.Found found = in.look();
        if (found != Pipe.Found.NOTHING) {
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
    protected void doBeginRead() {
        demanded = true;
        if (!inputShut) {
            submit(this::readable);
        }
    }

    // ---- writing

    @Override
    protected void doWrite(ChannelOutboundBuffer buffer) throws Exception {
        Pipe out = out();
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
    protected Object filterOutboundMessage(Object message) {
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
            LoopbackTransport from = machine;
            if (from == null || link != null || connecting != null) {
                safeSetFailure(promise, new ConnectionPendingException());
                return;
            }
            if (!(remote instanceof VsockAddress to)) {
                safeSetFailure(promise, new IllegalArgumentException("not a VSOCK address: " + remote));
                return;
            }
            try {
                Link made = from.network().connect(from, to);
                if (made == null) {
                    awaitTimeout(to, promise);
                    return;
                }
                client = true;
                link = made;
            } catch (VsockException e) {
                safeSetFailure(promise, e);
                return;
            }
            safeSetSuccess(promise);
            pipeline().fireChannelActive();
            attach();
        }

        private void awaitTimeout(VsockAddress to, ChannelPromise promise) {
            connecting = promise;
            int millis = config.getConnectTimeoutMillis();
            if (millis > 0) {
                later = eventLoop()
                        .schedule(
                                () -> {
                                    if (promise.tryFailure(new VsockException(
                                            Reason.TIMEOUT, "no answer within " + millis + " ms", to))) {
                                        close(voidPromise());
                                    }
                                },
                                millis,
                                TimeUnit.MILLISECONDS);
            }
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new Io();
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.addShutdownHook(endOfLoop);
        }
        promise.setSuccess();
        if (link != null) {
            attach();
        }
    }

    @Override
    protected void doDeregister() {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.removeShutdownHook(endOfLoop);
        }
    }

    @Override
    protected void doClose() {
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
            unanswered.tryFailure(new VsockException(Reason.CLOSED, "closed before it was connected", null));
        }
        Link l = link;
        if (l != null) {
            if (config.linger == 0) {
                l.reset();
            } else {
                out().end();
                in().closeReader();
            }
            l.endClosed();
        }
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("a stream is not bound");
    }

    @Override
    protected void doShutdownOutput() {
        outputShut = true;
        out().end();
        if (!connected().halfClose()) {
            // What the VMMs without half-close do: the other direction ends too.
            in().end();
        }
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        onLoop(() -> ((AbstractUnsafe) unsafe()).shutdownOutput(promise));
        return promise;
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        onLoop(() -> {
            inputShut = true;
            in().closeReader();
            promise.setSuccess();
        });
        return promise;
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        shutdownOutput().addListener(f -> {
            if (f.isSuccess()) {
                shutdownInput(promise);
            } else {
                promise.setFailure(f.cause());
            }
        });
        return promise;
    }

    private void onLoop(Runnable task) {
        if (eventLoop().inEventLoop()) {
            task.run();
        } else {
            eventLoop().execute(task);
        }
    }

    @Override
    public boolean isInputShutdown() {
        return inputShut || !isActive();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut || !isActive();
    }

    @Override
    public boolean isShutdown() {
        return isInputShutdown() && isOutputShutdown();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && link != null;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        Link l = link;
        return l == null ? null : client ? l.client() : l.server();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        Link l = link;
        return l == null ? null : client ? l.named() : l.client();
    }

    private final class Config extends DefaultChannelConfig {
        private volatile boolean allowHalfClosure;
        private volatile int linger = -1;

        Config() {
            super(LoopbackChannel.this);
        }

        @Override
        protected void autoReadCleared() {
            if (isRegistered()) {
                eventLoop().execute(() -> demanded = false);
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
