package io.ebridge.testkit;

import io.ebridge.vsock.channel.Inlet;
import io.ebridge.vsock.channel.Outlet;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a stream: a bounded queue of bytes between two event loops, with everything that may happen to them on the way. Either side is woken through a callback, which is called without the lock and must only submit a task.
 */
final class Pipe implements LoopbackLink.Flow, Inlet, Outlet {
    static final int CAPACITY = 256 * 1024;

    private static final int CHUNK = 16 * 1024;
    private static final long NOW = 0;

    /** A piece of the stream, or its end where it is empty. */
    private static final class Chunk {
        final byte[] bytes;
        final long readyAt;
        int position;

        Chunk(byte[] bytes, long readyAt) {
            this.bytes = bytes;
            this.readyAt = readyAt;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Runnable resetLink;
    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
    private final Map<Long, Integer> corruptions = new HashMap<>();
    private int queued;
    private long sent;
    private long delivered;
    private long delayNanos;
    private long bytesPerSecond = Long.MAX_VALUE;
    private long lineFreeAt = System.nanoTime();
    private long resetAfter = Long.MAX_VALUE;
    private long endAfter = Long.MAX_VALUE;
    private boolean stalled;
    private boolean ended;
    private boolean reset;
    private boolean readerGone;
    private boolean writerWaits;
    private long wakeReaderIn;
    private @Nullable Runnable reader;
    private @Nullable Runnable writer;

    Pipe(Runnable resetLink) {
        this.resetLink = resetLink;
    }

    // ---- the sender's side

    @Override
    public void writer(Runnable wake) {
        lock.lock();
        writer = wake;
        lock.unlock();
    }

    @Override
    public int offer(ByteBuf from) throws IOException {
        int taken = 0;
        lock.lock();
        try {
            if (reset || readerGone) {
                throw new IOException(reset ? "Connection reset by peer" : "Broken pipe");
            }
            while (from.readableBytes() > taken && queued < CAPACITY) {
                int n = Math.min(Math.min(from.readableBytes() - taken, CAPACITY - queued), CHUNK);
                byte[] bytes = new byte[n];
                from.getBytes(from.readerIndex() + taken, bytes);
                add(bytes);
                taken += n;
            }
            writerWaits = taken < from.readableBytes();
        } finally {
            lock.unlock();
        }
        wakeReader();
        return taken;
    }

    private void add(byte[] bytes) {
        long limit = Math.min(resetAfter, endAfter);
        int kept = (int) Math.max(0, Math.min(bytes.length, limit - sent));
        for (int i = 0; i < kept && !corruptions.isEmpty(); i++) {
            Integer mask = corruptions.remove(sent + i);
            if (mask != null) {
                bytes[i] ^= mask.byteValue();
            }
        }
        sent += bytes.length;
        if (kept > 0) {
            chunks.add(new Chunk(kept == bytes.length ? bytes : Arrays.copyOf(bytes, kept), readyAt(kept)));
            queued += kept;
        }
    }

    private long readyAt(int n) {
        long now = System.nanoTime();
        long start = Math.max(now, lineFreeAt);
        lineFreeAt = bytesPerSecond == Long.MAX_VALUE ? start : start + Math.max(1, (long) (n * 1e9 / bytesPerSecond));
        return lineFreeAt + delayNanos;
    }

    private void addEnd() {
        if (!ended) {
            ended = true;
            chunks.add(new Chunk(new byte[0], readyAt(0)));
        }
    }

    @Override
    public void end() {
        lock.lock();
        try {
            addEnd();
        } finally {
            lock.unlock();
        }
        wakeReader();
    }

    // ---- the receiver's side

    @Override
    public void reader(Runnable wake) {
        lock.lock();
        reader = wake;
        lock.unlock();
        wake.run();
    }

    @Override
    public Found look() {
        lock.lock();
        try {
            wakeReaderIn = NOW;
            if (reset) {
                return Found.RESET;
            }
            Chunk first = chunks.peek();
            if (stalled) {
                return Found.NOTHING;
            }
            if (delivered >= endAfter) {
                return Found.END;
            }
            if (first == null) {
                return Found.NOTHING;
            }
            long wait = first.readyAt - System.nanoTime();
            if (wait > 0) {
                wakeReaderIn = wait;
                return Found.NOTHING;
            }
            return first.bytes.length == 0 ? Found.END : Found.BYTES;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long nanosUntilMore() {
        lock.lock();
        try {
            return wakeReaderIn;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void take(ByteBuf into) {
        boolean wake;
        boolean lost;
        lock.lock();
        try {
            long now = System.nanoTime();
            long limit = Math.min(resetAfter, endAfter);
            while (into.isWritable() && !reset && delivered < limit) {
                Chunk first = chunks.peek();
                if (first == null || first.bytes.length == 0 || first.readyAt > now) {
                    break;
                }
                int n = Math.min(into.writableBytes(), first.bytes.length - first.position);
                n = (int) Math.min(n, limit - delivered);
                into.writeBytes(first.bytes, first.position, n);
                first.position += n;
                queued -= n;
                delivered += n;
                if (first.position == first.bytes.length) {
                    chunks.remove();
                }
            }
            wake = writerWaits && queued <= CAPACITY / 2;
            if (wake) {
                writerWaits = false;
            }
            lost = delivered >= resetAfter;
        } finally {
            lock.unlock();
        }
        if (lost) {
            resetLink.run();
        } else if (wake) {
            wakeWriter();
        }
    }

    /** The sender finds out when it sends more. */
    @Override
    public void closeReader() {
        lock.lock();
        try {
            readerGone = true;
            chunks.clear();
            queued = 0;
        } finally {
            lock.unlock();
        }
        wakeWriter();
    }

    /** Drops what is under way; nobody is woken yet. */
    void reset() {
        lock.lock();
        try {
            reset = true;
            chunks.clear();
            queued = 0;
        } finally {
            lock.unlock();
        }
    }

    /** Lets both sides look again. */
    void wake() {
        wakeReader();
        wakeWriter();
    }

    private void wakeReader() {
        run(reader);
    }

    private void wakeWriter() {
        run(writer);
    }

    private static void run(@Nullable Runnable wake) {
        if (wake != null) {
            wake.run();
        }
    }

    // ---- faults

    @Override
    public long sent() {
        lock.lock();
        try {
            return sent;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long delivered() {
        lock.lock();
        try {
            return delivered;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void delay(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("a delay of " + by + " is in the past");
        }
        lock.lock();
        delayNanos = by.toNanos();
        lock.unlock();
    }

    @Override
    public void bandwidth(long limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("a bandwidth of " + limit + " bytes per second; use stall() for none");
        }
        lock.lock();
        bytesPerSecond = limit;
        lock.unlock();
    }

    @Override
    public void stall() {
        lock.lock();
        stalled = true;
        lock.unlock();
    }

    @Override
    public void resume() {
        lock.lock();
        stalled = false;
        lock.unlock();
        wakeReader();
    }

    @Override
    public void corrupt(long offset, int mask) {
        if (offset < 0 || mask < 1 || mask > 255) {
            throw new IllegalArgumentException("offset " + offset + ", mask " + mask);
        }
        lock.lock();
        corruptions.put(offset, mask);
        lock.unlock();
    }

    @Override
    public void resetAfter(long offset) {
        lock.lock();
        boolean lost;
        try {
            resetAfter = offset;
            lost = delivered >= offset;
        } finally {
            lock.unlock();
        }
        if (lost) {
            resetLink.run();
        }
    }

    @Override
    public void endAfter(long offset) {
        lock.lock();
        endAfter = offset;
        lock.unlock();
        wakeReader();
    }
}
