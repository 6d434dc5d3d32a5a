package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockStream;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Moves the bytes of a blocking stream between threads, which may wait, and an event loop, which may not. From the first time that bytes are asked for one thread reads, a little ahead; another one writes while there is something
 * to write, and in the end closes the stream. What lies here is bounded in both directions.
 */
final class StreamPump implements Inlet, Outlet {
    private static final int BLOCK = 64 * 1024;
    private static final int READ_AHEAD = 128 * 1024;
    private static final int WRITE_LIMIT = 256 * 1024;
    private static final long DRAIN_SECONDS = 5;

    private final VsockStream stream;
    private final PatientThreads threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition roomToRead = lock.newCondition();

    private final ArrayDeque<byte[]> received = new ArrayDeque<>();
    private int firstOffset;
    private int receivedBytes;
    private Found last = Found.NOTHING;
    private boolean reading;
    private boolean inputUnwanted;

    private final ArrayDeque<byte[]> unsent = new ArrayDeque<>();
    private int unsentBytes;
    private boolean writerWaits;
    private boolean endWanted;
    private boolean endSent;
    private boolean closeWanted;
    private boolean resetWanted;
    private boolean closed;
    private boolean writing;
    private @Nullable Thread writer;
    private @Nullable IOException writeFailure;

    private @Nullable Runnable readable;
    private @Nullable Runnable writable;

    StreamPump(VsockStream stream, PatientThreads threads) {
        this.stream = stream;
        this.threads = threads;
    }

    // ---- what the peer sends

    @Override
    public void reader(Runnable wake) {
        lock.lock();
        readable = wake;
        lock.unlock();
        wake.run();
    }

    @Override
    public void ask() {
        lock.lock();
        try {
            if (reading || closeWanted) {
                return;
            }
            reading = true;
        } finally {
            lock.unlock();
        }
        threads.execute(this::readAll, () -> found(Found.RESET));
    }

    private void readAll() {
        byte[] block = new byte[BLOCK];
        try {
            InputStream in = stream.inputStream();
            while (awaitRoom()) {
                int n = in.read(block);
                if (n < 0) {
                    found(Found.END);
                    return;
                }
                add(Arrays.copyOf(block, n));
            }
        } catch (IOException | RuntimeException e) {
            System.getLogger(StreamPump.class.getName()).log(System.Logger.Level.DEBUG, "reading has ended", e);
            found(Found.RESET);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            found(Found.RESET);
        }
    }

    /** Waits until there is room; whether bytes are still wanted. */
    private boolean awaitRoom() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (receivedBytes >= READ_AHEAD && !inputUnwanted) {
                roomToRead.await();
            }
            return !inputUnwanted;
        } finally {
            lock.unlock();
        }
    }

    private void add(byte[] block) {
        lock.lock();
        try {
            if (block.length == 0 || inputUnwanted) {
                return;
            }
            received.add(block);
            receivedBytes += block.length;
        } finally {
            lock.unlock();
        }
        wake(readable);
    }

    private void found(Found end) {
        lock.lock();
        try {
            if (last == Found.NOTHING) {
                last = end;
            }
        } finally {
            lock.unlock();
        }
        wake(readable);
    }

    @Override
    public Found look() {
        lock.lock();
        try {
            return received.isEmpty() ? last : Found.BYTES;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void take(ByteBuf into) {
        lock.lock();
        try {
            while (into.isWritable() && !received.isEmpty()) {
                byte[] first = received.element();
                int n = Math.min(into.writableBytes(), first.length - firstOffset);
                into.writeBytes(first, firstOffset, n);
                receivedBytes -= n;
                firstOffset += n;
                if (firstOffset == first.length) {
                    received.remove();
                    firstOffset = 0;
                }
            }
            if (receivedBytes < READ_AHEAD) {
                roomToRead.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void closeReader() {
        lock.lock();
        try {
            inputUnwanted = true;
            received.clear();
            receivedBytes = 0;
            firstOffset = 0;
            roomToRead.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- what goes to the peer

    @Override
    public void writer(Runnable wake) {
        lock.lock();
        writable = wake;
        lock.unlock();
    }

    @Override
    public int offer(ByteBuf from) throws IOException {
        int taken;
        lock.lock();
        try {
            IOException failure = writeFailure;
            if (failure != null || closeWanted) {
                throw new VsockException(Reason.RESET, "the stream was cut", stream.remoteAddress(), failure);
            }
            taken = Math.max(0, Math.min(from.readableBytes(), WRITE_LIMIT - unsentBytes));
            for (int at = 0; at < taken; at += BLOCK) {
                byte[] block = new byte[Math.min(BLOCK, taken - at)];
                from.getBytes(from.readerIndex() + at, block);
                unsent.add(block);
            }
            unsentBytes += taken;
            writerWaits = taken < from.readableBytes();
        } finally {
            lock.unlock();
        }
        work();
        return taken;
    }

    @Override
    public void end() {
        lock.lock();
        endWanted = true;
        lock.unlock();
        work();
    }

    /**
     * Closes the stream: when everything is written, or at once.
     *
     * @param reset whether the peer shall see that it was cut
     */
    void close(boolean reset) {
        closeReader();
        boolean drain;
        lock.lock();
        try {
            closeWanted = true;
            if (reset || writeFailure != null) {
                dropUnsent();
            }
            drain = !unsent.isEmpty();
        } finally {
            lock.unlock();
        }
        work();
        if (drain) {
            // What is still to be written gets so much time; by a clock of its own, for the event loop may have ended.
            CompletableFuture.delayedExecutor(DRAIN_SECONDS, TimeUnit.SECONDS).execute(this::abort);
        }
    }

    private void abort() {
        lock.lock();
        try {
            if (!closed) {
                dropUnsent();
            }
        } finally {
            lock.unlock();
        }
        work();
    }

    /** With the lock held. */
    private void dropUnsent() {
        resetWanted = true;
        unsent.clear();
        unsentBytes = 0;
        Thread busy = writer;
        if (busy != null && !closed) {
            busy.interrupt();
        }
    }

    private void work() {
        lock.lock();
        try {
            boolean todo = !unsent.isEmpty() || endWanted && !endSent || closeWanted && !closed;
            if (!todo || writing) {
                return;
            }
            writing = true;
        } finally {
            lock.unlock();
        }
        threads.execute(this::writeAll, this::cannotWrite);
    }

    private void cannotWrite() {
        failed(new VsockException(Reason.RESOURCES, "no thread to write with", stream.remoteAddress()));
        lock.lock();
        writing = false;
        boolean closeNow = closeWanted && !closed;
        closed |= closeNow;
        lock.unlock();
        if (closeNow) {
            stream.reset();
        }
    }

    private void writeAll() {
        lock.lock();
        writer = Thread.currentThread();
        lock.unlock();
        while (true) {
            byte[] block;
            boolean end;
            boolean reset;
            lock.lock();
            try {
                block = unsent.peek();
                end = block == null && endWanted && !endSent && !resetWanted && writeFailure == null;
                reset = resetWanted || writeFailure != null;
                if (block == null && !end) {
                    // An interrupt was meant for what this thread did until now.
                    writer = null;
                    if (!closeWanted || closed) {
                        writing = false;
                        return;
                    }
                    closed = true;
                    break;
                }
                endSent |= end;
            } finally {
                lock.unlock();
            }
            try {
                if (block != null) {
                    stream.outputStream().write(block);
                    stream.outputStream().flush();
                    sent(block);
                } else if (!reset) {
                    stream.shutdownOutput();
                }
            } catch (IOException e) {
                failed(e);
            } catch (RuntimeException e) {
                failed(new IOException(e));
            }
        }
        Thread.interrupted();
        boolean cut;
        lock.lock();
        cut = resetWanted || writeFailure != null;
        lock.unlock();
        if (cut) {
            stream.reset();
        } else {
            stream.close();
        }
    }

    private void sent(byte[] block) {
        boolean room;
        lock.lock();
        try {
            if (unsent.peek() == block) {
                unsent.remove();
                unsentBytes -= block.length;
            }
            room = writerWaits && unsentBytes <= WRITE_LIMIT / 2;
            writerWaits &= !room;
        } finally {
            lock.unlock();
        }
        if (room) {
            wake(writable);
        }
    }

    private void failed(IOException cause) {
        lock.lock();
        try {
            if (writeFailure == null) {
                writeFailure = cause;
            }
            unsent.clear();
            unsentBytes = 0;
        } finally {
            lock.unlock();
        }
        wake(writable);
    }

    private static void wake(@Nullable Runnable wake) {
        if (wake != null) {
            wake.run();
        }
    }
}
