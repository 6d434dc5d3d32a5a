package io.ebridge.vsock.netty;

import io.ebridge.vsock.VsockException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a channel has received and nobody has read yet. One read is asked for while less than {@link #READ_AHEAD} lies here, so that a reader that stops stops the peer; Netty's epoll delivers the rest unasked once the peer has
 * ended its output, and that is kept too.
 */
final class Incoming extends InputStream {
    private static final int READ_AHEAD = 64 * 1024;

    private final DuplexChannel channel;
    private final BlockingStream owner;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readable = lock.newCondition();
    private final ArrayDeque<ByteBuf> received = new ArrayDeque<>();
    private long receivedBytes;
    private boolean reading;
    private boolean ended;
    private boolean closed;
    private @Nullable VsockException cut;
    private volatile Duration timeout = Duration.ZERO;

    Incoming(DuplexChannel channel, BlockingStream owner) {
        this.channel = channel;
        this.owner = owner;
    }

    // ---- what the event loop brings

    void askForMore() {
        lock.lock();
        try {
            if (!reading && !ended && !closed && cut == null && receivedBytes < READ_AHEAD) {
                reading = true;
                channel.read();
            }
        } finally {
            lock.unlock();
        }
    }

    void add(ByteBuf bytes) {
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

    void readComplete() {
        lock.lock();
        reading = false;
        lock.unlock();
        askForMore();
    }

    void end() {
        lock.lock();
        ended = true;
        readable.signalAll();
        lock.unlock();
    }

    boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    void cut(VsockException cause) {
        lock.lock();
        if (cut == null) {
            cut = cause;
        }
        readable.signalAll();
        lock.unlock();
    }

    // ---- what callers do

    void timeout(Duration limit) {
        Waiting.nanos(limit);
        timeout = limit;
    }

    Duration timeout() {
        return timeout;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        Waiting.notOn(channel.eventLoop());
        int n;
        try {
            lock.lockInterruptibly();
            try {
                if (!awaitBytes()) {
                    return -1;
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

    /** Waits with the lock held; false at the end. */
    private boolean awaitBytes() throws IOException, InterruptedException {
        long nanos = Waiting.nanos(timeout);
        long left = nanos;
        while (received.isEmpty()) {
            if (closed) {
                throw owner.closedHere();
            }
            if (ended) {
                return false;
            }
            if (cut != null) {
                throw Waiting.again(cut);
            }
            if (nanos == 0) {
                readable.await();
            } else if (left <= 0) {
                throw new SocketTimeoutException("nothing to read within " + timeout);
            } else {
                left = readable.awaitNanos(left);
            }
        }
        return true;
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

    @Override
    public int available() throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw owner.closedHere();
            }
            return (int) Math.min(receivedBytes, Integer.MAX_VALUE);
        } finally {
            lock.unlock();
        }
    }

    /** The stream is closed: drops what is here and wakes who waits. */
    void drop() {
        lock.lock();
        try {
            closed = true;
            received.forEach(ByteBuf::release);
            received.clear();
            receivedBytes = 0;
            readable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
