package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static io.ebridge.kv.Stores.bytes;
import static io.ebridge.kv.Stores.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.etcd.EtcdCounter;
import io.ebridge.kv.etcd.EtcdServer;
import io.ebridge.kv.spi.CounterException;
import io.ebridge.kv.spi.MonotonicCounter;
import io.ebridge.kv.spi.MonotonicCounter.State;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a real etcd with client certificates; skipped where none is installed. */
@Timeout(180)
class EtcdCounterTest {

    private static EtcdServer etcd;
    private static final AtomicInteger NAMES = new AtomicInteger();

    @BeforeAll
    static void startServer() throws Exception {
        etcd = EtcdServer.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (etcd != null) {
            etcd.close();
        }
    }

    private static String name() {
        return "test-" + NAMES.incrementAndGet();
    }

    private static EtcdCounter counter(String name, int port) throws Exception {
        return counter(name, port, etcd.client());
    }

    private static EtcdCounter counter(String name, int port, SSLContext tls) {
        return EtcdCounter.builder(name)
                .endpoint(URI.create("https://127.0.0.1:" + port))
                .tls(tls)
                .leaseTime(Duration.ofSeconds(3))
                .requestTimeout(Duration.ofSeconds(2))
                .build();
    }

    private static StoreOptions options(EtcdCounter counter, Duration wait) {
        return Stores.options().rollbackSafe(counter).leaseWait(wait).build();
    }

    private static State state(int n) {
        byte[] digest = new byte[32];
        digest[0] = (byte) n;
        return new State(n, digest);
    }

    @Test
    void itCountsForOneHolderAtATime() throws Exception {
        String name = name();
        EtcdCounter counter = counter(name, etcd.port());
        MonotonicCounter.Lease lease = counter.acquire(Duration.ZERO);
        assertThat(lease.read()).isEqualTo(State.ZERO);
        lease.advance(State.ZERO, state(1));
        lease.advance(State.ZERO, state(1));
        lease.advance(state(1), state(2));
        assertThat(lease.read()).isEqualTo(state(2));
        assertThatThrownBy(() -> lease.advance(State.ZERO, state(1)))
                .isInstanceOfSatisfying(
                        CounterException.class, e -> assertThat(e.kind()).isEqualTo(CounterException.Kind.CONFLICT));
        assertThatThrownBy(() -> counter(name, etcd.port()).acquire(Duration.ofMillis(300)))
                .isInstanceOfSatisfying(
                        CounterException.class, e -> assertThat(e.kind()).isEqualTo(CounterException.Kind.HELD));
        // Kept alive beyond its time.
        new CountDownLatch(1).await(4, TimeUnit.SECONDS);
        assertThat(lease.held()).isTrue();
        lease.advance(state(2), state(3));
        lease.close();
        lease.close();
        assertThat(lease.held()).isFalse();
        MonotonicCounter.Lease next = counter(name, etcd.port()).acquire(Duration.ofSeconds(1));
        assertThat(next.read()).isEqualTo(state(3));
        assertThatThrownBy(() -> lease.advance(state(3), state(4)))
                .isInstanceOfSatisfying(
                        CounterException.class, e -> assertThat(e.kind()).isEqualTo(CounterException.Kind.LOST));
        next.close();
        assertThat(counter.trust().hostCanRewind()).isFalse();
    }

    @Test
    void oldCopiesAndClonesAreRefused() throws Exception {
        String name = name();
        DiskStore disk = new DiskStore();
        DiskStore old;
        try (SealedStore store =
                SealedStore.openOrCreate(disk, KEY, options(counter(name, etcd.port()), Duration.ZERO))) {
            store.namespace("n").put(bytes("k"), bytes("1"));
            old = disk.copy();
            store.namespace("n").put(bytes("k"), bytes("2"));
            assertThatThrownBy(() -> SealedStore.open(
                            disk.copy(), KEY, options(counter(name, etcd.port()), Duration.ofMillis(200))))
                    .isInstanceOf(ForkedException.class);
        }
        assertThatThrownBy(() -> SealedStore.open(old, KEY, options(counter(name, etcd.port()), Duration.ZERO)))
                .isInstanceOf(RollbackException.class);
        assertThatThrownBy(() -> SealedStore.openOrCreate(
                        new DiskStore(), KEY, options(counter(name, etcd.port()), Duration.ZERO)))
                .isInstanceOf(RollbackException.class);
        // Two copies of the newest state, one after the other: the second is old by then.
        DiskStore copy = disk.copy();
        try (SealedStore store = SealedStore.open(disk, KEY, options(counter(name, etcd.port()), Duration.ZERO))) {
            assertThat(text(store.namespace("n").get(bytes("k")))).isEqualTo("2");
        }
        assertThatThrownBy(() -> SealedStore.open(copy, KEY, options(counter(name, etcd.port()), Duration.ZERO)))
                .isInstanceOf(RollbackException.class);
    }

    /** A host between enclave and etcd, which may do to the bytes what it likes. */
    private static final class Carrier implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final ConcurrentLinkedQueue<Socket> sockets = new ConcurrentLinkedQueue<>();
        private final AtomicInteger flipAfter = new AtomicInteger(-1);
        private volatile boolean cut;

        Carrier() throws IOException {
            threads.execute(() -> {
                try {
                    while (true) {
                        Socket from = listener.accept();
                        if (cut) {
                            from.close();
                            continue;
                        }
                        Socket to = etcd.connect();
                        sockets.add(from);
                        sockets.add(to);
                        threads.execute(() -> pump(from, to, false));
                        threads.execute(() -> pump(to, from, true));
                    }
                } catch (IOException e) {
                    cut = true;
                }
            });
        }

        private void pump(Socket from, Socket to, boolean answers) {
            byte[] buffer = new byte[4096];
            int total = 0;
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    int at = flipAfter.get() - total;
                    if (answers && flipAfter.get() >= 0 && at < n) {
                        buffer[Math.max(0, at)] ^= 1;
                    }
                    total += n;
                    out.write(buffer, 0, n);
                }
            } catch (IOException e) {
                sockets.remove(from);
            }
        }

        int port() {
            return listener.getLocalPort();
        }

        void cut() throws IOException {
            cut = true;
            for (Socket s : sockets) {
                s.close();
            }
        }

        @Override
        public void close() throws Exception {
            listener.close();
            cut();
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aHostThatCarriesTheConnectionCannotLie() throws Exception {
        String name = name();
        DiskStore disk = new DiskStore();
        try (SealedStore store =
                SealedStore.openOrCreate(disk, KEY, options(counter(name, etcd.port()), Duration.ZERO))) {
            store.namespace("n").put(bytes("k"), bytes("1"));
        }
        DiskStore old = disk.copy();
        try (Carrier carrier = new Carrier()) {
            try (SealedStore store =
                    SealedStore.open(disk, KEY, options(counter(name, carrier.port()), Duration.ZERO))) {
                store.namespace("n").put(bytes("k"), bytes("2"));
            }
            for (int at : new int[] {0, 60, 300, 900, 1500, 2500}) {
                carrier.flipAfter.set(at);
                assertThatThrownBy(() -> SealedStore.open(
                                old.copy(), KEY, options(counter(name, carrier.port()), Duration.ZERO)))
                        .as("flipped after " + at)
                        .isInstanceOfAny(BackendException.class, RollbackException.class);
            }
        }
        // It answers in etcd's place, with a certificate of its own and just the answer that the old copy needs.
        try (EtcdServer other = EtcdServer.start();
                ServerSocket liar = other.server()
                        .getServerSocketFactory()
                        .createServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> answer(liar));
            answering.start();
            assertThatThrownBy(() -> SealedStore.open(
                            old.copy(), KEY, options(counter(name, liar.getLocalPort()), Duration.ZERO)))
                    .isInstanceOf(BackendException.class);
            // It leads to an etcd of its own, where nothing has been counted yet.
            assertThatThrownBy(() -> SealedStore.openOrCreate(
                            new DiskStore(), KEY, options(counter(name, other.port()), Duration.ZERO)))
                    .isInstanceOf(BackendException.class);
            liar.close();
            answering.join(5000);
        }
        // etcd itself does not talk to just anybody.
        assertThatThrownBy(() -> counter(name, etcd.port(), etcd.anonymous()).acquire(Duration.ZERO))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> EtcdCounter.builder("x").endpoint(URI.create("http://127.0.0.1:2379")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EtcdCounter.builder("x")
                        .endpoint(URI.create("https://127.0.0.1:2379"))
                        .build())
                .isInstanceOf(IllegalStateException.class);
    }

    private static void answer(ServerSocket liar) {
        while (!liar.isClosed()) {
            try (Socket s = liar.accept()) {
                s.getInputStream().read(new byte[4096]);
                String body = "{\"succeeded\":true,\"ID\":\"7\",\"responses\":[]}";
                s.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                                .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                assertThat(e).isNotNull();
            }
        }
    }

    /** An answer whose end never comes costs its call the timeout, and no thread that later calls need. */
    @Test
    void answersThatStopInTheMiddleDoNotStopLaterCalls() throws Exception {
        try (ServerSocket half =
                etcd.server().getServerSocketFactory().createServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            ConcurrentLinkedQueue<Socket> held = new ConcurrentLinkedQueue<>();
            Thread answering = new Thread(() -> {
                while (!half.isClosed()) {
                    try {
                        Socket s = half.accept();
                        held.add(s);
                        s.getInputStream().read(new byte[4096]);
                        s.getOutputStream()
                                .write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"
                                        .getBytes(StandardCharsets.US_ASCII));
                        s.getOutputStream().flush();
                    } catch (IOException e) {
                        assertThat(e).isNotNull();
                    }
                }
            });
            answering.start();
            EtcdCounter stalled = EtcdCounter.builder(name())
                    .endpoint(URI.create("https://127.0.0.1:" + half.getLocalPort()))
                    .tls(etcd.client())
                    .requestTimeout(Duration.ofMillis(500))
                    .build();
            for (int i = 0; i < Runtime.getRuntime().availableProcessors() + 1; i++) {
                assertThatThrownBy(() -> stalled.acquire(Duration.ZERO)).isInstanceOf(IOException.class);
            }
            MonotonicCounter.Lease lease = counter(name(), etcd.port()).acquire(Duration.ZERO);
            assertThat(lease.read()).isEqualTo(State.ZERO);
            lease.close();
            // What was given up was also cut.
            for (Socket s : held) {
                s.setSoTimeout(5000);
                assertThat(ended(s)).isTrue();
            }
            half.close();
            answering.join(5000);
        }
    }

    private static boolean ended(Socket s) {
        try {
            return s.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void anInstanceThatIsCutOffIsReplacedAndStops() throws Exception {
        String name = name();
        DiskStore disk = new DiskStore();
        try (Carrier carrier = new Carrier()) {
            SealedStore first =
                    SealedStore.openOrCreate(disk, KEY, options(counter(name, carrier.port()), Duration.ZERO));
            first.namespace("n").put(bytes("k"), bytes("1"));
            DiskStore clone = disk.copy();
            carrier.cut();
            assertThatThrownBy(() -> first.namespace("n").put(bytes("k"), bytes("2")))
                    .isInstanceOf(BackendException.class);
            try (SealedStore second =
                    SealedStore.open(clone, KEY, options(counter(name, etcd.port()), Duration.ofSeconds(20)))) {
                second.namespace("n").put(bytes("k"), bytes("3"));
                assertThatThrownBy(() -> first.namespace("n").get(bytes("k"))).isInstanceOf(ForkedException.class);
                assertThatThrownBy(() -> first.namespace("n").put(bytes("k"), bytes("4")))
                        .isInstanceOf(ForkedException.class);
                assertThat(text(second.namespace("n").get(bytes("k")))).isEqualTo("3");
            }
            first.close();
        }
    }

    @Test
    void itGoesOnAfterEtcdWasKilledInTheMiddleOfCommits() throws Exception {
        String name = name();
        DiskStore disk = new DiskStore();
        EtcdCounter counter = EtcdCounter.builder(name)
                .endpoint(URI.create("https://127.0.0.1:1"))
                .endpoint(etcd.uri())
                .tls(etcd.client())
                .leaseTime(Duration.ofSeconds(30))
                .requestTimeout(Duration.ofSeconds(2))
                .build();
        int acknowledged = 0;
        try (SealedStore store = SealedStore.openOrCreate(disk, KEY, options(counter, Duration.ZERO))) {
            Thread killer = new Thread(() -> {
                try {
                    new CountDownLatch(1).await(150, TimeUnit.MILLISECONDS);
                    etcd.crash();
                    etcd.launch();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            killer.start();
            int failures = 0;
            for (int i = 1; killer.isAlive() || i < acknowledged + 5; i++) {
                try {
                    store.namespace("n").put(bytes("k"), bytes("" + i));
                    acknowledged = i;
                } catch (BackendException e) {
                    failures++;
                }
                if (!killer.isAlive() && acknowledged == i) {
                    break;
                }
            }
            killer.join(30_000);
            assertThat(failures).isLessThan(1000);
            assertThat(text(store.namespace("n").get(bytes("k")))).isEqualTo("" + acknowledged);
        }
        try (SealedStore store = SealedStore.open(disk, KEY, options(counter, Duration.ofSeconds(2)))) {
            assertThat(text(store.namespace("n").get(bytes("k")))).isEqualTo("" + acknowledged);
        }
    }
}
