package io.ebridge.vsock.netty;

import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.channel.Failures;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What is written to a channel and the operating system does not have yet: {@value #LIMIT} bytes at most, then writers wait. */
final class Outgoing extends OutputStream {
    private static final int LIMIT = 256 * 1024;
    private static final int CHUNK = 64 * 1024;

    private final DuplexChannel channel;
    private final BlockingStream owner;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition writable = lock.newCondition();
    private long unsentBytes;
    private boolean ended;
    private boolean closed;
    private @Nullable VsockException cut;
    private volatile Duration timeout = Duration.ZERO;

    Outgoing(DuplexChannel channel, BlockingStream owner) {
        this.channel = channel;
        this.owner = owner;
    }

    // ---- what the event loop brings

    private void sent(int n, @Nullable Throwable cause) {
        lock.lock();
        try {
            unsentBytes -= n;
            if (cause != null && cut == null) {
                cut = Failures.ofStream(cause, owner.remoteAddress());
            }
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void cut(VsockException cause) {
        lock.lock();
        if (cut == null) {
            cut = cause;
        }
        writable.signalAll();
        lock.unlock();
    }

    // ---- what callers do

    void timeout(Duration limit) {
        Waiting.nanos(limit);
        timeout = limit;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        Waiting.notOn(channel.eventLoop());
        int done = 0;
        try {
            while (done < length) {
                int n = Math.min(CHUNK, length - done);
                lock.lockInterruptibly();
                try {
                    awaitUnsentBelow(LIMIT);
                    if (ended) {
                        throw new VsockException(
                                Reason.CLOSED, "the output was ended on this side", owner.remoteAddress());
                    }
                    unsentBytes += n;
                } finally {
                    lock.unlock();
                }
                send(from, offset + done, n);
                done += n;
            }
        } catch (InterruptedException e) {
            InterruptedIOException interrupted = Waiting.interrupted();
            interrupted.bytesTransferred = done;
            throw interrupted;
        }
    }

    private void send(byte[] from, int offset, int n) throws IOException {
        // The event loop of a transport that is shut down tells nobody any more what becomes of a write.
        if (channel.eventLoop().isShuttingDown() && !channel.isOpen()) {
            sent(n, new java.nio.channels.ClosedChannelException());
            throw new VsockException(Reason.RESET, "the stream was cut", owner.remoteAddress());
        }
        ByteBuf bytes = channel.alloc().directBuffer(n).writeBytes(from, offset, n);
        channel.writeAndFlush(bytes).addListener(f -> sent(n, f.cause()));
    }

    /** Waits with the lock held. */
    private void awaitUnsentBelow(long limit) throws IOException, InterruptedException {
        long nanos = Waiting.nanos(timeout);
        long left = nanos;
        while (true) {
            if (closed) {
                throw owner.closedHere();
            }
            if (cut != null) {
                throw Waiting.again(cut);
            }
            if (unsentBytes < limit) {
                return;
            }
            if (nanos == 0) {
                writable.await();
            } else if (left <= 0) {
                throw new VsockException(
                        Reason.TIMEOUT, "the peer took nothing within " + timeout, owner.remoteAddress());
            } else {
                left = writable.awaitNanos(left);
            }
        }
    }

    @Override
    public void flush() throws IOException {
        Waiting.notOn(channel.eventLoop());
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

    /** Waits until everything is sent, and takes nothing more; false if that was so already. */
    boolean end() throws IOException {
        Waiting.notOn(channel.eventLoop());
        try {
            lock.lockInterruptibly();
            try {
                if (ended) {
                    return false;
                }
                awaitUnsentBelow(1);
                ended = true;
                return true;
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            throw Waiting.interrupted();
        }
    }

    boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** The stream is closed: takes nothing more and wakes who waits. */
    void refuse() {
        lock.lock();
        closed = true;
        writable.signalAll();
        lock.unlock();
    }

    /** Waits until everything is sent, so long at most; an interrupt ends the wait. */
    void drain(long seconds) {
        boolean interrupted = false;
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(seconds);
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

    @Override
    public void close() {
        owner.close();
    }
}
