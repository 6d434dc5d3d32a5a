package io.ebridge.vsock.netty;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.channel.Failures;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A channel seen as a blocking stream. It is the last handler of the pipeline. Reading is by demand: one read is asked for while less than {@link #READ_AHEAD} lies here, so that a reader that stops stops the peer; Netty's epoll
 * delivers the rest unasked once the peer has ended its output, and that is kept too.
 */
final class BlockingStream extends ChannelInboundHandlerAdapter implements VsockStream {
    private static final int READ_AHEAD = 64 * 1024;
    private static final int WRITE_LIMIT = 256 * 1024;
    private static final int CHUNK = 64 * 1024;
    private static final long DRAIN_SECONDS = 5;

    private final DuplexChannel channel;
    private final Runnable whenGone;
    private final CompletableFuture<Boolean> channelClosed = new CompletableFuture<>();
    private final In in = new In();
    private final Out out = new Out();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readable = lock.newCondition();
    private final Condition writable = lock.newCondition();
    private final ArrayDeque<ByteBuf> received = new ArrayDeque<>();
    private long receivedBytes;
    private boolean reading;
    private boolean inputEnded;
    private boolean outputEnded;
    private @Nullable VsockException cut;
    private long unsentBytes;
    private boolean closed;
    private volatile Duration readTimeout = Duration.ZERO;
    private volatile Duration writeTimeout = Duration.ZERO;

    /**
     * A stream over a channel.
     *
     * @param whenGone run once when the channel is closed and so is the stream: until then callers need the event loop
     */
    BlockingStream(DuplexChannel channel, Runnable whenGone) {
        this.channel = channel;
        this.whenGone = whenGone;
        channel.closeFuture().addListener(f -> channelClosed());
        channel.config()
                .setRecvByteBufAllocator(
                        new AdaptiveRecvByteBufAllocator(2048, 16 * 1024, 64 * 1024).maxMessagesPerRead(2));
    }

    // ---- what the event loop brings

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        askForMore();
        ctx.fireChannelActive();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (channel.isActive()) {
            askForMore();
        }
    }

    private void channelClosed() {
        channelClosed.complete(true);
        lock.lock();
        boolean done = closed;
        lock.unlock();
        if (done) {
            whenGone.run();
        }
    }

    private void askForMore() {
        lock.lock();
        try {
            if (!reading && !inputEnded && !closed && cut == null && receivedBytes < READ_AHEAD) {
                reading = true;
                channel.read();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf bytes = (ByteBuf) msg;
        lock.lock();
        try {
            if (closed || !bytes.isReadable()) {
                bytes.release();
                return;
            }
            received.add(bytes);
            receivedBytes += bytes.readableBytes();
            readable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        lock.lock();
        reading = false;
        lock.unlock();
        askForMore();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            lock.lock();
            try {
                inputEnded = true;
                readable.signalAll();
                if (outputEnded) {
                    // Both directions have ended; an epoll channel left open now keeps its event loop busy.
                    channel.close();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        cut(Failures.ofStream(cause, remoteAddress()));
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cut(new VsockException(Reason.RESET, "the stream was cut", remoteAddress()));
    }

    private void cut(VsockException cause) {
        lock.lock();
        try {
            if (cut == null && !(inputEnded && outputEnded)) {
                cut = cause;
            }
            readable.signalAll();
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- what callers do

    @Override
    public VsockAddress localAddress() {
        return address(channel.localAddress());
    }

    @Override
    public VsockAddress remoteAddress() {
        return address(channel.remoteAddress());
    }

    private static VsockAddress address(@Nullable SocketAddress address) {
        return address instanceof VsockAddress vsock ? vsock : VsockAddress.anyCid(VsockAddress.ANY_PORT);
    }

    @Override
    public InputStream inputStream() {
        return in;
    }

    @Override
    public OutputStream outputStream() {
        return out;
    }

    @Override
    public void readTimeout(Duration timeout) {
        Waiting.nanos(timeout);
        readTimeout = timeout;
    }

    @Override
    public Duration readTimeout() {
        return readTimeout;
    }

    @Override
    public void writeTimeout(Duration timeout) {
        Waiting.nanos(timeout);
        writeTimeout = timeout;
    }

    @Override
    public boolean isOpen() {
        lock.lock();
        try {
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void notOnEventLoop() {
        if (channel.eventLoop().inEventLoop()) {
            throw new IllegalStateException("a blocking call on the stream's own event loop would wait for itself");
        }
    }

    private VsockException closedHere() {
        return new VsockException(Reason.CLOSED, "the stream is closed", remoteAddress());
    }

    private int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        notOnEventLoop();
        long nanos = Waiting.nanos(readTimeout);
        long left = nanos;
        int n;
        try {
            lock.lockInterruptibly();
            try {
                while (received.isEmpty()) {
                    if (closed) {
                        throw closedHere();
                    }
                    if (inputEnded) {
                        return -1;
                    }
                    if (cut != null) {
                        throw again(cut);
                    }
                    if (nanos == 0) {
                        readable.await();
                    } else if (left <= 0) {
                        throw new SocketTimeoutException("nothing to read within " + readTimeout);
                    } else {
                        left = readable.awaitNanos(left);
                    }
                }
                n = take(into, offset, length);
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            throw Waiting.interrupted();
        }
        askForMore();
        return n;
    }

    private int take(byte[] into, int offset, int length) {
        int taken = 0;
        while (taken < length && !received.isEmpty()) {
            ByteBuf first = received.element();
            int n = Math.min(length - taken, first.readableBytes());
            first.readBytes(into, offset + taken, n);
            taken += n;
            if (!first.isReadable()) {
                received.remove().release();
            }
        }
        receivedBytes -= taken;
        return taken;
    }

    /** A fresh exception for each caller, with its own stack. */
    private static VsockException again(VsockException cause) {
        return new VsockException(cause.reason(), "the stream was cut", cause.address(), cause);
    }

    private void write(byte[] from, int offset, int length) throws IOException {
        notOnEventLoop();
        int done = 0;
        try {
            while (done < length) {
                int n = Math.min(CHUNK, length - done);
                lock.lockInterruptibly();
                try {
                    awaitUnsentBelow(WRITE_LIMIT);
                    if (outputEnded) {
                        throw new VsockException(Reason.CLOSED, "the output was ended on this side", remoteAddress());
                    }
                    unsentBytes += n;
                } finally {
                    lock.unlock();
                }
                ByteBuf bytes = channel.alloc().directBuffer(n).writeBytes(from, offset + done, n);
                channel.writeAndFlush(bytes).addListener(f -> sent(n, f.cause()));
                done += n;
            }
        } catch (InterruptedException e) {
            InterruptedIOException interrupted = Waiting.interrupted();
            interrupted.bytesTransferred = done;
            throw interrupted;
        }
    }

    private void sent(int n, @Nullable Throwable cause) {
        lock.lock();
        try {
            unsentBytes -= n;
            if (cause != null && cut == null) {
                cut = Failures.ofStream(cause, remoteAddress());
            }
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits with the lock held. */
    private void awaitUnsentBelow(long limit) throws IOException, InterruptedException {
        long nanos = Waiting.nanos(writeTimeout);
        long left = nanos;
        while (true) {
            if (closed) {
                throw closedHere();
            }
            if (cut != null) {
                throw again(cut);
            }
            if (unsentBytes < limit) {
                return;
            }
            if (nanos == 0) {
                writable.await();
            } else if (left <= 0) {
                throw new VsockException(
                        Reason.TIMEOUT, "the peer took nothing within " + writeTimeout, remoteAddress());
            } else {
                left = writable.awaitNanos(left);
            }
        }
    }

    private void flush() throws IOException {
        notOnEventLoop();
        try {
            lock.lockInterruptibly();
            try {
                awaitUnsentBelow(1);
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            throw Waiting.interrupted();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        notOnEventLoop();
        try {
            lock.lockInterruptibly();
            try {
                if (outputEnded) {
                    return;
                }
                awaitUnsentBelow(1);
                outputEnded = true;
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            throw Waiting.interrupted();
        }
        // Netty drops what is still in its buffer when the output ends, so nothing may be; and the event loop does it
        // after what it has been given before.
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        channel.shutdownOutput().addListener(f -> {
            if (f.isSuccess()) {
                done.complete(true);
            } else {
                done.completeExceptionally(f.cause());
            }
            closeIfBothEnded();
        });
        try {
            done.get(DRAIN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw Waiting.interrupted();
        } catch (ExecutionException e) {
            throw Failures.ofStream(Objects.requireNonNull(e.getCause()), remoteAddress());
        } catch (TimeoutException e) {
            throw new VsockException(Reason.TIMEOUT, "the event loop did not end the output", remoteAddress(), e);
        }
    }

    private void closeIfBothEnded() {
        lock.lock();
        try {
            if (inputEnded && outputEnded) {
                channel.close();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void reset() {
        if (markClosed()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            closeChannel();
        }
    }

    /** Whether this call closed it. */
    private boolean markClosed() {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            received.forEach(ByteBuf::release);
            received.clear();
            receivedBytes = 0;
            readable.signalAll();
            writable.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        if (!markClosed()) {
            return;
        }
        if (!channel.eventLoop().inEventLoop()) {
            drain();
        }
        closeChannel();
    }

    private void closeChannel() {
        if (channelClosed.isDone()) {
            whenGone.run();
        } else {
            channel.close();
            if (!channel.eventLoop().inEventLoop()) {
                Waiting.uninterruptibly(channelClosed);
            }
        }
    }

    private void drain() {
        boolean interrupted = false;
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
            while (unsentBytes > 0 && cut == null && left > 0) {
                left = writable.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            lock.unlock();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class In extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            return BlockingStream.this.read(into, offset, length);
        }

        @Override
        public int available() throws IOException {
            lock.lock();
            try {
                if (closed) {
                    throw closedHere();
                }
                return (int) Math.min(receivedBytes, Integer.MAX_VALUE);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            BlockingStream.this.close();
        }
    }

    private final class Out extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, from.length);
            BlockingStream.this.write(from, offset, length);
        }

        @Override
        public void flush() throws IOException {
            BlockingStream.this.flush();
        }

        @Override
        public void close() {
            BlockingStream.this.close();
        }
    }
}
