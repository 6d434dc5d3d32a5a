package io.ebridge.tunnel;

import io.ebridge.vsock.VsockStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ships log bytes to the host from a bounded buffer, on a thread of its own that starts with the first byte. Offering never
 * blocks and never throws; what finds the buffer full is dropped and counted, and the count is shipped as a line of its own as soon as there
 * is room again.
 */
final class LogShipper implements AutoCloseable {
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(5);
    private static final int BATCH = 64 * 1024;

    private final EnclaveSettings settings;
    private final EnclaveControl control;
    private final ConcurrentLinkedQueue<byte[]> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queued = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong droppedEver = new AtomicLong();
    private final Thread thread;
    private volatile boolean started;
    private volatile boolean closed;

    LogShipper(EnclaveSettings settings, EnclaveControl control) {
        this.settings = settings;
        this.control = control;
        this.thread = Threads.daemon("ebridge-log").newThread(this::run);
    }

    /** Takes whole lines, line feeds included; false if they were dropped. */
    boolean offer(byte[] lines) {
        if (closed || queued.addAndGet(lines.length) > settings.logBuffer()) {
            queued.addAndGet(closed ? 0 : -lines.length);
            dropped.incrementAndGet();
            droppedEver.incrementAndGet();
            return false;
        }
        queue.add(lines);
        if (!started) {
            start();
        }
        return true;
    }

    private synchronized void start() {
        if (!started && !closed) {
            started = true;
            thread.start();
        }
    }

    long dropped() {
        return droppedEver.get();
    }

    /** A stream that cuts what is written into lines; a line that grows beyond the host's limit goes in pieces. */
    OutputStream stream() {
        return new LineStream();
    }

    private void run() {
        Duration pause = Duration.ofMillis(50);
        while (!closed || !queue.isEmpty()) {
            if (queue.isEmpty()) {
                LockSupport.parkNanos(this, IDLE_NANOS);
                continue;
            }
            if (!control.isBridged() && !closed) {
                LockSupport.parkNanos(this, IDLE_NANOS / 4);
                continue;
            }
            try (VsockStream stream =
                    settings.transport().connect(settings.host(settings.logPort()), CONNECT_TIMEOUT)) {
                stream.writeTimeout(WRITE_TIMEOUT);
                ship(stream);
                pause = Duration.ofMillis(50);
            } catch (IOException e) {
                if (closed) {
                    return;
                }
                Events.log(System.Logger.Level.TRACE, "The host does not take logs now: " + Reasons.detail(e));
                LockSupport.parkNanos(this, pause.toNanos());
                pause = pause.toMillis() < 2000 ? pause.multipliedBy(2) : pause;
            }
        }
    }

    /** Writes what there is until the connection fails, or closing has emptied the queue. */
    private void ship(VsockStream stream) throws IOException {
        byte @Nullable [] unsent = null;
        try {
            while (true) {
                unsent = batch();
                if (unsent == null) {
                    if (closed) {
                        stream.shutdownOutput();
                        return;
                    }
                    if (Thread.interrupted()) {
                        return;
                    }
                    LockSupport.parkNanos(this, IDLE_NANOS / 10);
                    continue;
                }
                stream.outputStream().write(unsent);
                stream.outputStream().flush();
                unsent = null;
            }
        } finally {
            if (unsent != null) {
                // It may have arrived in part; a line in two pieces is worse than one less.
                dropped.incrementAndGet();
                droppedEver.incrementAndGet();
            }
        }
    }

    private byte @Nullable [] batch() {
        long lost = dropped.getAndSet(0);
        byte[] first =
                lost > 0 ? ("... " + lost + " log records dropped\n").getBytes(StandardCharsets.UTF_8) : queue.poll();
        if (first == null) {
            return null;
        }
        if (lost == 0) {
            queued.addAndGet(-first.length);
        }
        byte[] all = first;
        int size = first.length;
        for (byte[] next = queue.peek(); next != null && size + next.length <= BATCH; next = queue.peek()) {
            queue.poll();
            queued.addAndGet(-next.length);
            if (all.length < size + next.length) {
                all = Arrays.copyOf(all, Math.min(BATCH, Math.max(size + next.length, all.length * 2)));
            }
            System.arraycopy(next, 0, all, size, next.length);
            size += next.length;
        }
        return size == all.length ? all : Arrays.copyOf(all, size);
    }

    /** Ships what is queued, for a second at most. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (!started) {
                return;
            }
        }
        LockSupport.unpark(thread);
        try {
            thread.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }

    private final class LineStream extends OutputStream {
        private byte[] line = new byte[256];
        private int size;

        @Override
        public synchronized void write(int b) {
            if (size == line.length) {
                line = Arrays.copyOf(line, size * 2);
            }
            line[size++] = (byte) b;
            if (b == '\n') {
                send();
            } else if (size >= settings.protocolLimits().logLineBytes()) {
                send();
            }
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                write(bytes[i]);
            }
        }

        private void send() {
            offer(Arrays.copyOf(line, size));
            size = 0;
        }

        @Override
        public synchronized void close() {
            if (size > 0) {
                write('\n');
            }
        }
    }
}
