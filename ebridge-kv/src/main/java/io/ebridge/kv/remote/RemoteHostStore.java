package io.ebridge.kv.remote;

import io.ebridge.kv.internal.Frame;
import io.ebridge.kv.internal.Hkdf;
import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A {@link HostStore} at the other end of a stream. Calls of several threads share one connection and do not wait for each other's
 * answers (writes do, to keep their order). A lost connection is made anew and what had no answer is sent again, until
 * {@link Options#retryFor} is over; a write carries a number by which the server recognises it, so that it is done once.
 *
 * <p>Limits: {@link Options#maxInFlight} requests in flight, answers of at most 96 MiB; every wait is bounded by
 * {@link Options#requestTimeout} and {@link Options#retryFor}.
 */
public final class RemoteHostStore implements HostStore {

    /**
     * How patient a remote store is.
     *
     * @param requestTimeout how long an answer may take; then the connection is given up
     * @param retryFor how long a call goes on trying, from its start
     * @param maxInFlight how many requests may wait for answers; more wait for their turn
     */
    public record Options(Duration requestTimeout, Duration retryFor, int maxInFlight) {
        /** 10 s for an answer, 30 s in all, 256 in flight. */
        public static final Options DEFAULT = new Options(Duration.ofSeconds(10), Duration.ofSeconds(30), 256);

        /**
         * Checks the ranges.
         *
         * @param requestTimeout how long an answer may take
         * @param retryFor how long a call goes on trying
         * @param maxInFlight how many requests may wait for answers
         */
        public Options {
            if (requestTimeout.isNegative()
                    || requestTimeout.isZero()
                    || retryFor.isNegative()
                    || maxInFlight < 1
                    || maxInFlight > 65_536) {
                throw new IllegalArgumentException("options out of range");
            }
        }
    }

    private static final long MAX_BACKOFF_MILLIS = 500;

    private final StreamConnector connector;
    private final String storeName;
    private final Options options;
    private final byte[] clientId = new byte[16];
    private final Semaphore inFlight;
    private final ReentrantLock connecting = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private final CountDownLatch closed = new CountDownLatch(1);
    private long operations;
    private volatile @Nullable Connection current;
    private volatile boolean durable;

    private RemoteHostStore(StreamConnector connector, String storeName, Options options) {
        Hkdf.name("store", storeName);
        this.connector = connector;
        this.storeName = storeName;
        this.options = options;
        this.inFlight = new Semaphore(options.maxInFlight());
        new SecureRandom().nextBytes(clientId);
    }

    /**
     * Connects with default options.
     *
     * @param connector opens streams to the host
     * @param storeName what the server calls the store
     * @return the store, connected
     * @throws IOException if the host could not be reached in time, or does not serve such a store
     */
    public static RemoteHostStore connect(StreamConnector connector, String storeName) throws IOException {
        return connect(connector, storeName, Options.DEFAULT);
    }

    /**
     * Connects.
     *
     * @param connector opens streams to the host
     * @param storeName what the server calls the store
     * @param options how patient to be
     * @return the store, connected
     * @throws IOException if the host could not be reached in time, or does not serve such a store
     */
    public static RemoteHostStore connect(StreamConnector connector, String storeName, Options options)
            throws IOException {
        RemoteHostStore store = new RemoteHostStore(connector, storeName, options);
        boolean ok = false;
        try {
            store.retrying(c -> c);
            ok = true;
            return store;
        } finally {
            if (!ok) {
                store.close();
            }
        }
    }

    @Override
    public boolean durable() {
        return durable;
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
        Frame answer = request(Frame.GET, Frame.keys(List.of(key)), Frame.VALUE);
        List<byte @Nullable []> values = decoded(() -> Frame.decodeValues(answer.body(), 1));
        if (values.size() != 1) {
            throw broken("the host answered " + values.size() + " values to one key");
        }
        return values.get(0);
    }

    @Override
    public List<byte @Nullable []> getAll(List<byte[]> keys) throws IOException {
        return getSome(keys, Long.MAX_VALUE);
    }

    @Override
    public List<byte @Nullable []> getSome(List<byte[]> keys, long maxBytes) throws IOException {
        List<byte @Nullable []> values = new ArrayList<>(keys.size());
        long bytes = 0;
        while (values.size() < keys.size() && bytes < maxBytes) {
            List<byte[]> rest = keys.subList(values.size(), keys.size());
            Frame answer = request(Frame.GET_ALL, Frame.keys(rest), Frame.VALUES);
            List<byte @Nullable []> some = decoded(() -> Frame.decodeValues(answer.body(), rest.size()));
            if (some.isEmpty()) {
                throw broken("the host answered no value");
            }
            values.addAll(some);
            bytes += answer.body().length;
        }
        return values;
    }

    @Override
    public void write(HostBatch batch, boolean sync) throws IOException {
        // One write at a time, so that none can be sent again after a later one has been done.
        writing.lock();
        try {
            byte[] body = new Frame.Write(operations++, sync, batch).encode();
            Frame answer = request(Frame.WRITE, body, Frame.WRITTEN);
            if (answer.body().length != 0) {
                throw broken("a malformed frame");
            }
        } finally {
            writing.unlock();
        }
    }

    @Override
    public List<HostEntry> scan(byte[] prefix, byte @Nullable [] after, int maxEntries, int maxValueBytes)
            throws IOException {
        byte[] body = new Frame.Scan(prefix, after, maxEntries, maxValueBytes).encode();
        Frame answer = request(Frame.SCAN, body, Frame.PAGE);
        return decoded(() -> Frame.decodePage(answer.body(), maxEntries));
    }

    private Frame request(byte type, byte[] body, byte expected) throws IOException {
        acquire();
        try {
            Frame answer = retrying(c -> c.call(type, body, options.requestTimeout()));
            if (answer.type() == Frame.ERROR) {
                throw new IOException("the host's store failed: " + Connection.text(answer));
            }
            if (answer.type() != expected) {
                throw broken("the host answered with a frame of type " + answer.type());
            }
            return answer;
        } finally {
            inFlight.release();
        }
    }

    private void acquire() throws IOException {
        try {
            if (!inFlight.tryAcquire(options.retryFor().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("too many requests wait for the host");
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T on(Connection connection) throws IOException, InterruptedException;
    }

    /** Tries until it succeeds, the host answers with an error, or time is up. */
    private <T> T retrying(Attempt<T> attempt) throws IOException {
        long deadline = System.nanoTime() + options.retryFor().toNanos();
        long backoff = 5;
        while (true) {
            try {
                return attempt.on(connection());
            } catch (InterruptedException e) {
                throw interrupted(e);
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                if (isClosed()) {
                    throw new IOException("the store is closed", e);
                }
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
                pause(backoff);
                backoff = Math.min(MAX_BACKOFF_MILLIS, backoff * 2);
            }
        }
    }

    private void pause(long millis) throws IOException {
        try {
            if (closed.await(millis, TimeUnit.MILLISECONDS)) {
                throw new IOException("the store is closed");
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private Connection connection() throws IOException, InterruptedException {
        Connection c = current;
        if (c != null && c.open()) {
            return c;
        }
        connecting.lockInterruptibly();
        try {
            c = current;
            if (c != null && c.open()) {
                return c;
            }
            if (isClosed()) {
                throw new IOException("the store is closed");
            }
            Connection fresh = Connection.start(connector.connect(options.requestTimeout()));
            boolean ok = false;
            try {
                durable = fresh.hello(clientId, storeName, options.requestTimeout());
                ok = true;
            } finally {
                if (!ok) {
                    fresh.close("the greeting failed");
                }
            }
            current = fresh;
            if (isClosed()) {
                fresh.close("the store is closed");
            }
            return fresh;
        } finally {
            connecting.unlock();
        }
    }

    @FunctionalInterface
    private interface Decoding<T> {
        T run() throws IOException;
    }

    private <T> T decoded(Decoding<T> decoding) throws IOException {
        try {
            return decoding.run();
        } catch (IOException e) {
            drop("the host broke the protocol");
            throw e;
        }
    }

    private IOException broken(String why) {
        drop(why);
        return new IOException(why);
    }

    private void drop(String why) {
        Connection c = current;
        if (c != null) {
            c.close(why);
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException io = new InterruptedIOException("interrupted");
        io.initCause(e);
        return io;
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Ends the connection; calls under way fail. Idempotent. */
    @Override
    public void close() {
        closed.countDown();
        drop("the store is closed");
    }
}
