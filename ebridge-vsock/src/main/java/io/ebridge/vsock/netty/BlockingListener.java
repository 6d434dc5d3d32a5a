package io.ebridge.vsock.netty;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.channel.AcceptPause;
import io.ebridge.vsock.channel.EventLoops;
import io.ebridge.vsock.channel.Failures;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Keeps accepted streams in a bounded queue; when it is full, accepting stops and the operating system's own queue fills. */
final class BlockingListener implements VsockListener {
    private static final long OPEN_SECONDS = 10;

    private final int backlog;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<BlockingStream> waiting = new ArrayDeque<>();
    private boolean closed;
    private @Nullable VsockException failure;
    private final Channel server;
    private final CompletableFuture<Boolean> gone;

    private BlockingListener(int backlog, Channel server, CompletableFuture<Boolean> gone) {
        this.backlog = backlog;
        this.server = server;
        this.gone = gone;
    }

    static BlockingListener open(NettyVsockTransport transport, EventLoops loops, VsockAddress local, int backlog)
            throws VsockException {
        EventLoops.Lease lease = Waiting.lease(loops, local);
        CompletableFuture<BlockingListener> self = new CompletableFuture<>();
        ChannelFuture binding = transport
                .serverBootstrap(lease.loops(), lease.loops())
                .option(ChannelOption.SO_BACKLOG, backlog)
                .handler(new AcceptPause(cause -> self.thenAccept(l -> l.cannotAccept(cause))))
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        BlockingStream stream = new BlockingStream((DuplexChannel) channel, loops.acquire()::close);
                        channel.pipeline().addLast(stream, new Arrival(self, stream));
                    }
                })
                .bind(local);
        CompletableFuture<Boolean> gone = new CompletableFuture<>();
        BlockingListener listener = new BlockingListener(backlog, binding.channel(), gone);
        CompletableFuture<Boolean> bound = new CompletableFuture<>();
        binding.addListener(f -> {
            if (f.isSuccess()) {
                binding.channel().closeFuture().addListener(c -> {
                    gone.complete(true);
                    lease.close();
                });
                bound.complete(true);
            } else {
                lease.close();
                bound.completeExceptionally(f.cause());
            }
        });
        self.complete(listener);
        boolean interrupted = false;
        try {
            // Listening waits for nothing but the event loop, so an interrupt is kept for the next call that can wait
            // for a peer.
            while (true) {
                try {
                    bound.get(OPEN_SECONDS, TimeUnit.SECONDS);
                    return listener;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw Waiting.unwrap(Objects.requireNonNull(e.getCause()), local);
        } catch (TimeoutException e) {
            binding.channel().close();
            throw new VsockException(
                    Reason.TIMEOUT, "the event loop did not listen within " + OPEN_SECONDS + " s", local, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Hands a stream over once it is active. */
    private static final class Arrival extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<BlockingListener> listener;
        private final BlockingStream stream;

        Arrival(CompletableFuture<BlockingListener> listener, BlockingStream stream) {
            this.listener = listener;
            this.stream = stream;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.pipeline().remove(this);
            listener.thenAccept(l -> l.add(stream, ctx.channel().parent()));
        }
    }

    /** The next who waits is told, and accepting goes on by itself after a while. */
    private void cannotAccept(Throwable cause) {
        lock.lock();
        try {
            failure = Failures.of(cause, null);
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    private void add(BlockingStream stream, Channel parent) {
        boolean refused;
        lock.lock();
        try {
            refused = closed;
            if (!refused) {
                waiting.add(stream);
                if (waiting.size() >= backlog) {
                    parent.config().setAutoRead(false);
                }
                arrived.signal();
            }
        } finally {
            lock.unlock();
        }
        if (refused) {
            stream.reset();
        }
    }

    @Override
    public VsockAddress localAddress() {
        return (VsockAddress) server.localAddress();
    }

    @Override
    public VsockStream accept() throws VsockException, InterruptedIOException {
        return accept(Long.MAX_VALUE);
    }

    @Override
    public VsockStream accept(Duration timeout) throws VsockException, InterruptedIOException {
        return accept(Waiting.nanos(timeout));
    }

    private VsockStream accept(long nanos) throws VsockException, InterruptedIOException {
        long left = nanos;
        try {
            lock.lockInterruptibly();
            try {
                while (waiting.isEmpty()) {
                    if (closed) {
                        throw new VsockException(Reason.CLOSED, "the listener is closed", null);
                    }
                    VsockException cause = failure;
                    if (cause != null) {
                        failure = null;
                        throw new VsockException(cause.reason(), "streams cannot be accepted now", null, cause);
                    }
                    if (nanos == Long.MAX_VALUE) {
                        arrived.await();
                    } else if (left <= 0) {
                        throw new SocketTimeoutException("nobody connected in time");
                    } else {
                        left = arrived.awaitNanos(left);
                    }
                }
                if (waiting.size() >= backlog && !closed) {
                    server.config().setAutoRead(true);
                }
                BlockingStream next = waiting.remove();
                failure = null;
                return next;
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            throw Waiting.interrupted();
        }
    }

    @Override
    public void close() {
        List<BlockingStream> unclaimed;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            unclaimed = List.copyOf(waiting);
            waiting.clear();
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
        unclaimed.forEach(BlockingStream::reset);
        server.close();
        Waiting.uninterruptibly(gone);
    }
}
