package io.ebridge.kv.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.internal.Frame;
import io.ebridge.kv.memory.InMemoryHostStore;
import io.ebridge.kv.spi.ForwardingHostStore;
import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import io.ebridge.kv.spi.HostStoreContract;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RemoteHostStoreTest extends HostStoreContract {

    private final InMemoryHostStore memory = new InMemoryHostStore();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ConcurrentLinkedQueue<Socket> accepted = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private ServerSocket listener;

    @Override
    protected HostStore open() throws Exception {
        listener = listen(memory);
        return RemoteHostStore.connect(connector(listener), "s", OPTIONS);
    }

    private static final RemoteHostStore.Options OPTIONS =
            new RemoteHostStore.Options(Duration.ofSeconds(5), Duration.ofSeconds(10), 16);

    private ServerSocket listen(HostStore store) throws IOException {
        HostStoreServer server = HostStoreServer.builder().store("s", store).build();
        ServerSocket s = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(() -> {
            try {
                while (true) {
                    Socket socket = s.accept();
                    accepted.add(socket);
                    threads.execute(() -> {
                        try {
                            server.serve(HostStream.of(socket));
                        } catch (IOException e) {
                            failures.add(String.valueOf(e.getMessage()));
                        }
                    });
                }
            } catch (IOException e) {
                failures.add("listener: " + e.getMessage());
            }
        });
        return s;
    }

    private static StreamConnector connector(ServerSocket s) {
        return timeout -> HostStream.of(new Socket(s.getInetAddress(), s.getLocalPort()));
    }

    @AfterEach
    void end() throws Exception {
        listener.close();
        for (Socket socket : accepted) {
            socket.close();
        }
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Counts batches, to see that none is done twice. */
    private static class Counting extends ForwardingHostStore {
        private final AtomicInteger writes = new AtomicInteger();

        Counting() {
            super(new InMemoryHostStore());
        }

        @Override
        public boolean durable() {
            return true;
        }

        @Override
        public void write(HostBatch batch, boolean sync) throws IOException {
            writes.incrementAndGet();
            inner.write(batch, sync);
        }

        @Override
        public void close() {}
    }

    @Test
    void connectionsThatAreCutAnywhereLoseNothingAndRepeatNothing() throws Exception {
        Counting counting = new Counting();
        ServerSocket s = listen(counting);
        Random random = new Random(11);
        StreamConnector cutting = timeout -> {
            Socket socket = new Socket(s.getInetAddress(), s.getLocalPort());
            int afterBytes = 100 + random.nextInt(3000);
            boolean input = random.nextBoolean();
            return HostStream.of(
                    input ? new CutInput(socket, afterBytes) : socket.getInputStream(),
                    input ? socket.getOutputStream() : new CutOutput(socket, afterBytes),
                    socket);
        };
        try (RemoteHostStore remote = RemoteHostStore.connect(cutting, "s", OPTIONS)) {
            assertThat(remote.durable()).isTrue();
            for (int i = 0; i < 300; i++) {
                byte[] key = ByteBuffer.allocate(4).putInt(i % 50).array();
                byte[] value = ByteBuffer.allocate(60).putInt(i).array();
                remote.write(new HostBatch().put(key, value), i % 2 == 0);
                assertThat(remote.get(key)).isEqualTo(value);
            }
        }
        assertThat(counting.writes).hasValue(300);
        assertThat(accepted.size()).isGreaterThan(10);
        s.close();
    }

    private static final class CutInput extends InputStream {
        private final Socket socket;
        private int left;

        CutInput(Socket socket, int left) {
            this.socket = socket;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (left <= 0) {
                socket.close();
                throw new IOException("cut");
            }
            int n = socket.getInputStream().read(b, off, Math.min(len, left));
            left -= n;
            return n;
        }
    }

    private static final class CutOutput extends OutputStream {
        private final Socket socket;
        private int left;

        CutOutput(Socket socket, int left) {
            this.socket = socket;
            this.left = left;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            int n = Math.min(len, left);
            socket.getOutputStream().write(b, off, n);
            left -= n;
            if (n < len) {
                socket.close();
                throw new IOException("cut");
            }
        }
    }

    @Test
    void manyThreadsShareOneConnection() throws Exception {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int t = 0; t < 24; t++) {
            int thread = t;
            all.add(CompletableFuture.runAsync(
                    () -> {
                        for (int i = 0; i < 100; i++) {
                            byte[] key = ByteBuffer.allocate(8)
                                    .putInt(thread)
                                    .putInt(i)
                                    .array();
                            try {
                                store.write(new HostBatch().put(key, key), false);
                                assertThat(store.get(key)).isEqualTo(key);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        }
                    },
                    threads));
        }
        for (CompletableFuture<Void> each : all) {
            each.get(60, TimeUnit.SECONDS);
        }
        assertThat(accepted).hasSize(1);
    }

    @Test
    void aPeerThatBreaksTheProtocolLosesItsConnectionOnly() throws Exception {
        byte[] hello = new Frame.Hello(new byte[16], "s").encode();
        List<byte[]> bad = new ArrayList<>();
        bad.add(new byte[] {0x7f, -1, -1, -1, 1, 0, 0, 0, 0, 0, 0, 0, 0});
        bad.add(new byte[] {0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0});
        bad.add(frame(new Frame(Frame.GET, 1, Frame.keys(List.of(new byte[1])))));
        bad.add(frame(new Frame(Frame.HELLO, 1, new Frame.Hello(new byte[16], "other").encode())));
        bad.add(concat(frame(new Frame(Frame.HELLO, 1, hello)), frame(new Frame((byte) 99, 2, new byte[0]))));
        bad.add(concat(
                frame(new Frame(Frame.HELLO, 1, hello)),
                frame(new Frame(Frame.GET, 2, Frame.keys(List.of(new byte[1], new byte[1]))))));
        bad.add(concat(
                frame(new Frame(Frame.HELLO, 1, hello)),
                frame(new Frame(Frame.SCAN, 2, new Frame.Scan(new byte[0], null, 1 << 20, 1).encode()))));
        for (byte[] bytes : bad) {
            try (Socket socket = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
                socket.setSoTimeout(5000);
                socket.getOutputStream().write(bytes);
                socket.getOutputStream().flush();
                assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThan(200);
            } catch (IOException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
        }
        store.write(new HostBatch().put(new byte[] {1}, new byte[] {2}), false);
        assertThat(store.get(new byte[] {1})).isEqualTo(new byte[] {2});
    }

    private static byte[] frame(Frame frame) throws IOException {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        frame.write(out);
        return out.toByteArray();
    }

    private static byte[] concat(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }

    /** A host that answers nothing, too much, or nonsense costs a bounded time and an exception. */
    @Test
    void aLyingHostIsAnException() throws Exception {
        RemoteHostStore.Options hasty = new RemoteHostStore.Options(Duration.ofMillis(200), Duration.ofMillis(600), 4);
        List<Frame> answers = new ArrayList<>();
        answers.add(null);
        answers.add(new Frame(Frame.VALUE, 77, Frame.values(List.of(new byte[1]))));
        answers.add(new Frame(Frame.WRITTEN, 2, new byte[0]));
        answers.add(new Frame(Frame.VALUE, 2, Frame.values(List.of(new byte[1], new byte[1]))));
        answers.add(new Frame(Frame.VALUE, 2, new byte[] {0, 0, 0, 1, 5}));
        answers.add(new Frame(Frame.ERROR, 2, "no\nmore".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        for (Frame answer : answers) {
            try (ServerSocket liar = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
                threads.execute(() -> {
                    try {
                        while (true) {
                            Socket socket = liar.accept();
                            accepted.add(socket);
                            Frame hello = Frame.read(socket.getInputStream());
                            new Frame(Frame.WELCOME, hello.id(), Frame.welcome(true)).write(socket.getOutputStream());
                            Frame.read(socket.getInputStream());
                            if (answer != null) {
                                answer.write(socket.getOutputStream());
                            }
                        }
                    } catch (IOException e) {
                        failures.add(String.valueOf(e.getMessage()));
                    }
                });
                try (RemoteHostStore remote = RemoteHostStore.connect(connector(liar), "s", hasty)) {
                    long began = System.nanoTime();
                    assertThatThrownBy(() -> remote.get(new byte[] {1})).isInstanceOf(IOException.class);
                    assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(5));
                }
            }
        }
    }

    /** A client that names large values many times over gets them one answer at a time, and so does not fill the host's memory. */
    @Test
    void anAnswerStopsAtItsLimitHoweverMuchIsAskedFor() throws Exception {
        AtomicInteger most = new AtomicInteger();
        HostStore large = new HostStore() {
            private final byte[] value = new byte[4 << 20];

            @Override
            public boolean durable() {
                return false;
            }

            @Override
            public byte[] get(byte[] key) {
                return value;
            }

            @Override
            public List<byte[]> getSome(List<byte[]> keys, long maxBytes) throws IOException {
                List<byte[]> some = HostStore.super.getSome(keys, maxBytes);
                most.accumulateAndGet(some.size(), Math::max);
                return some;
            }

            @Override
            public List<byte[]> getAll(List<byte[]> keys) {
                throw new IllegalStateException("all at a time");
            }

            @Override
            public void write(HostBatch batch, boolean sync) {}

            @Override
            public List<HostEntry> scan(byte[] prefix, byte[] after, int maxEntries, int maxValueBytes) {
                return List.of();
            }

            @Override
            public void close() {}
        };
        ServerSocket s = listen(large);
        try (RemoteHostStore remote = RemoteHostStore.connect(connector(s), "s", OPTIONS)) {
            List<byte[]> keys = new ArrayList<>(java.util.Collections.nCopies(16, new byte[] {1}));
            assertThat(remote.getAll(keys)).hasSize(16);
            assertThat(most).hasValue(2);
        }
        s.close();
    }

    /** A client that sends writes without waiting for answers is not read once they come to the limit. */
    @Test
    void writesThatWaitAreBoundedInBytes() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch first = new CountDownLatch(1);
        AtomicInteger written = new AtomicInteger();
        Counting slow = new Counting() {
            @Override
            public void write(HostBatch batch, boolean sync) throws IOException {
                first.countDown();
                try {
                    assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                written.incrementAndGet();
            }
        };
        ServerSocket s = listen(slow);
        try (Socket socket = new Socket(s.getInetAddress(), s.getLocalPort())) {
            socket.getOutputStream()
                    .write(frame(new Frame(Frame.HELLO, 1, new Frame.Hello(new byte[16], "s").encode())));
            AtomicInteger sent = new AtomicInteger();
            byte[] value = new byte[24 << 20];
            CompletableFuture<Void> sending = CompletableFuture.runAsync(
                    () -> {
                        try {
                            for (int i = 0; i < 8; i++) {
                                new Frame(
                                                Frame.WRITE,
                                                2 + i,
                                                new Frame.Write(i, false, new HostBatch().put(new byte[] {1}, value))
                                                        .encode())
                                        .write(socket.getOutputStream());
                                sent.incrementAndGet();
                            }
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    },
                    threads);
            assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> sending.get(2, TimeUnit.SECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            // Three wait or are under way, one has been read, and what the sockets hold of the next.
            assertThat(sent.get()).isBetween(3, 5);
            blocked.countDown();
            sending.get(20, TimeUnit.SECONDS);
            for (int answers = 0; answers < 9; answers++) {
                assertThat(Frame.read(socket.getInputStream())).isNotNull();
            }
            assertThat(written).hasValue(8);
        }
        s.close();
    }

    @Test
    void closingEndsWhatWaits() throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        StreamConnector never = timeout -> {
            connected.countDown();
            throw new IOException("nobody there");
        };
        CompletableFuture<Object> connecting = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return RemoteHostStore.connect(
                                never,
                                "s",
                                new RemoteHostStore.Options(Duration.ofSeconds(1), Duration.ofMillis(300), 1));
                    } catch (IOException e) {
                        return e;
                    }
                },
                threads);
        assertThat(connected.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(connecting.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> HostStoreServer.builder().build()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new RemoteHostStore.Options(Duration.ZERO, Duration.ZERO, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
