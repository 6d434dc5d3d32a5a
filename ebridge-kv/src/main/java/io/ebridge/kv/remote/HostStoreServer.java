package io.ebridge.kv.remote;

import io.ebridge.kv.internal.Frame;
import io.ebridge.kv.internal.Hkdf;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves host stores to enclaves. Runs in the host; the enclave is a peer like any other here, so every frame is checked and one bad
 * frame ends its own connection only.
 *
 * <p>Reads are answered in order on the thread that serves the connection; writes in order on one more, so that a read does not wait
 * for the disk behind a write. A write that a client sends again after a lost connection is recognised by its number and done once.
 * At most {@value #MAX_WAITING_WRITES} writes wait for each connection, of 96 MiB in all; then the connection is not read. Answers to
 * reads of several keys stop at 8 MiB, whatever was asked for.
 */
public final class HostStoreServer {

    /** How many writes wait for each connection. */
    public static final int MAX_WAITING_WRITES = 64;

    private static final int MAX_CLIENTS = 4096;

    private final Map<String, HostStore> stores;

    /** The newest write of each client; the least recently seen client is forgotten. */
    private final Map<String, Client> clients = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Client> eldest) {
            return size() > MAX_CLIENTS;
        }
    });

    private static final class Client {
        private long newest = -1;

        /** Does a write unless it was done. Holding the lock, so that a repeated write waits for the first. */
        synchronized void write(HostStore store, Frame.Write write) throws IOException {
            if (write.operation() <= newest) {
                return;
            }
            store.write(write.batch(), write.sync());
            newest = write.operation();
        }
    }

    private HostStoreServer(Map<String, HostStore> stores) {
        this.stores = Map.copyOf(stores);
    }

    /**
     * Starts a server.
     *
     * @return a builder without stores
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link HostStoreServer}. */
    public static final class Builder {
        private final Map<String, HostStore> stores = new HashMap<>();

        private Builder() {}

        /**
         * Adds a store.
         *
         * @param name what clients call it, 1 to 64 bytes of UTF-8
         * @param store the store; not closed by the server
         * @return this
         * @throws IllegalArgumentException if the name is of another length
         */
        public Builder store(String name, HostStore store) {
            Hkdf.name("store", name);
            stores.put(name, store);
            return this;
        }

        /**
         * Finishes the server.
         *
         * @return the server
         * @throws IllegalStateException if it has no store
         */
        public HostStoreServer build() {
            if (stores.isEmpty()) {
                throw new IllegalStateException("a server needs a store");
            }
            return new HostStoreServer(stores);
        }
    }

    /**
     * Serves one connection until the peer ends it. Blocks; call it on a thread for each connection. To stop, close the stream.
     *
     * @param stream the connection; closed on return
     * @throws IOException if the connection failed or the peer broke the protocol
     */
    public void serve(HostStream stream) throws IOException {
        try (HostStream s = stream) {
            InputStream in = new BufferedInputStream(s.input(), 1 << 16);
            Answers answers = new Answers(new BufferedOutputStream(s.output(), 1 << 16));
            Frame first = Frame.read(in);
            if (first == null) {
                return;
            }
            if (first.type() != Frame.HELLO) {
                throw new IOException("the peer did not say hello");
            }
            Frame.Hello hello = Frame.Hello.decode(first.body());
            HostStore store = stores.get(hello.store());
            if (store == null) {
                answers.send(new Frame(Frame.ERROR, first.id(), text("no such store")), true);
                throw new IOException("the peer asked for a store that is not served");
            }
            Client client = clients.computeIfAbsent(HexFormat.of().formatHex(hello.clientId()), id -> new Client());
            answers.send(new Frame(Frame.WELCOME, first.id(), Frame.welcome(store.durable())), true);
            requests(in, answers, store, client, s);
        }
    }

    private static void requests(InputStream in, Answers answers, HostStore store, Client client, HostStream stream)
            throws IOException {
        ThreadPoolExecutor writer = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING_WRITES),
                task -> {
                    Thread thread = new Thread(task, "ebridge-kv-host-writes");
                    thread.setDaemon(true);
                    return thread;
                },
                (task, executor) -> {
                    try {
                        executor.getQueue().put(task);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new RejectedExecutionException("interrupted", e);
                    }
                });
        Semaphore room = new Semaphore(Frame.MAX_BODY);
        try {
            for (Frame f = Frame.read(in); f != null; f = Frame.read(in)) {
                if (f.type() == Frame.WRITE) {
                    long id = f.id();
                    int bytes = f.body().length;
                    room.acquire(bytes);
                    Frame.Write write = Frame.Write.decode(f.body());
                    writer.execute(() -> {
                        try {
                            write(answers, store, client, id, write, stream);
                        } finally {
                            room.release(bytes);
                        }
                    });
                } else {
                    answers.send(answer(store, f), in.available() == 0);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            writer.shutdown();
        }
    }

    private static void write(
            Answers answers, HostStore store, Client client, long id, Frame.Write write, HostStream stream) {
        try {
            Frame answer;
            try {
                client.write(store, write);
                answer = new Frame(Frame.WRITTEN, id, new byte[0]);
            } catch (IOException | RuntimeException e) {
                answer = failed(id, e);
            }
            answers.send(answer, true);
        } catch (IOException e) {
            System.getLogger("io.ebridge.kv").log(System.Logger.Level.DEBUG, "an answer could not be sent", e);
            try {
                stream.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
        }
    }

    private static Frame answer(HostStore store, Frame request) throws IOException {
        switch (request.type()) {
            case Frame.GET -> {
                List<byte[]> keys = Frame.decodeKeys(request.body());
                if (keys.size() != 1) {
                    throw new IOException("a malformed frame");
                }
                return run(request.id(), () -> {
                    List<byte @Nullable []> values = Collections.singletonList(store.get(keys.get(0)));
                    return new Frame(Frame.VALUE, request.id(), Frame.values(values));
                });
            }
            case Frame.GET_ALL -> {
                List<byte[]> keys = Frame.decodeKeys(request.body());
                return run(
                        request.id(),
                        () -> new Frame(
                                Frame.VALUES, request.id(), Frame.values(store.getSome(keys, Frame.ANSWER_BYTES))));
            }
            case Frame.SCAN -> {
                Frame.Scan scan = Frame.Scan.decode(request.body());
                return run(request.id(), () -> {
                    List<HostEntry> page =
                            store.scan(scan.prefix(), scan.after(), scan.maxEntries(), scan.maxValueBytes());
                    return new Frame(Frame.PAGE, request.id(), Frame.page(page));
                });
            }
            default -> throw new IOException("a frame of type " + request.type());
        }
    }

    @FunctionalInterface
    private interface Call {
        Frame run() throws IOException;
    }

    private static Frame run(long id, Call call) {
        try {
            return call.run();
        } catch (IOException | RuntimeException e) {
            return failed(id, e);
        }
    }

    private static Frame failed(long id, Exception e) {
        System.getLogger("io.ebridge.kv").log(System.Logger.Level.WARNING, "the store failed", e);
        return new Frame(Frame.ERROR, id, text(String.valueOf(e.getMessage())));
    }

    private static byte[] text(String message) {
        return message.substring(0, Math.min(message.length(), 256)).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The sending side, shared by the two threads of a connection. */
    private static final class Answers {
        private final OutputStream out;

        Answers(OutputStream out) {
            this.out = out;
        }

        synchronized void send(Frame frame, boolean flush) throws IOException {
            frame.write(out);
            if (flush) {
                out.flush();
            }
        }
    }
}
