package io.ebridge.kv.memory;

import io.ebridge.kv.spi.CounterException;
import io.ebridge.kv.spi.MonotonicCounter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A counter in memory or in a file, for tests and a developer's machine. <strong>Protects nothing:</strong> it dies with the JVM, or
 * whoever can write the file sets it back. Its lease is known to this object only.
 */
public final class InsecureCounter implements MonotonicCounter {

    private final @Nullable Path file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition free = lock.newCondition();
    private State state = State.ZERO;
    private volatile @Nullable Held holder;

    private InsecureCounter(@Nullable Path file) {
        this.file = file;
    }

    /**
     * A counter that dies with the JVM.
     *
     * @return the counter, never used
     */
    public static InsecureCounter inMemory() {
        return new InsecureCounter(null);
    }

    /**
     * A counter in a file, which is replaced and forced to disk at every step.
     *
     * @param file the file; not there means never used
     * @return the counter
     * @throws IOException if the file cannot be read
     */
    public static InsecureCounter file(Path file) throws IOException {
        InsecureCounter counter = new InsecureCounter(file);
        if (Files.exists(file)) {
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length != 40) {
                throw new CounterException(CounterException.Kind.INVALID, "the counter's file is damaged");
            }
            ByteBuffer b = ByteBuffer.wrap(bytes);
            byte[] digest = new byte[32];
            long value = b.getLong();
            b.get(digest);
            counter.state = new State(value, digest);
        }
        return counter;
    }

    @Override
    public Lease acquire(Duration wait) throws IOException, InterruptedException {
        long left = wait.toNanos();
        lock.lockInterruptibly();
        try {
            while (holder != null) {
                if (left <= 0) {
                    throw new CounterException(CounterException.Kind.HELD, "the lease is held");
                }
                left = free.awaitNanos(left);
            }
            Held held = new Held();
            holder = held;
            return held;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Trust trust() {
        return new Trust(
                file == null ? "memory" : "file",
                file != null,
                true,
                "whoever runs this machine: the counter is as easy to set back as the store");
    }

    /** Nothing is held. */
    @Override
    public void close() {}

    private final class Held implements Lease {
        @Override
        public State read() throws IOException {
            lock.lock();
            try {
                check();
                return state;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void advance(State expected, State next) throws IOException {
            lock.lock();
            try {
                check();
                if (state.equals(next)) {
                    return;
                }
                if (!state.equals(expected) || next.value() != expected.value() + 1) {
                    throw new CounterException(CounterException.Kind.CONFLICT, "the counter stands at " + state);
                }
                if (file != null) {
                    store(file, next);
                }
                state = next;
            } finally {
                lock.unlock();
            }
        }

        private void check() throws IOException {
            if (holder != this) {
                throw new CounterException(CounterException.Kind.LOST, "the lease was given back");
            }
        }

        @Override
        public boolean held() {
            return holder == this;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (holder == this) {
                    holder = null;
                    free.signal();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private static void store(Path file, State state) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer b = ByteBuffer.allocate(40).putLong(state.value()).put(state.digest());
            b.flip();
            while (b.hasRemaining()) {
                out.write(b);
            }
            out.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (file.getParent() != null) {
            try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }
}
