package io.ebridge.samples.benchmarks.kv;

import io.ebridge.kv.memory.InsecureCounter;
import io.ebridge.kv.postgres.PostgresHostStore;
import io.ebridge.kv.remote.HostStoreServer;
import io.ebridge.kv.remote.HostStream;
import io.ebridge.kv.remote.RemoteHostStore;
import io.ebridge.kv.rocksdb.RocksHostStore;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A store with {@value #RECORDS} records of random 100-byte keys and 1 KiB values, and what it takes to get to it. Before it is handed
 * out, RocksDB is made to compact what it holds: otherwise how much of it still lies in memory tables, which one record more or less
 * decides, would outweigh what is to be measured.
 */
final class Measured implements AutoCloseable {

    static final int RECORDS = 100_000;
    static final long CACHE_BYTES = 512L << 20;
    static final int BATCH = 100;

    final Kv kv;
    final byte[] value = new byte[1024];
    private final Path directory;
    private final List<AutoCloseable> resources = new ArrayList<>();
    private final byte[][] keys = new byte[RECORDS][100];
    private final Random random = new Random(1);
    private int next;
    private ScheduledExecutorService syncing;

    /**
     * Fills a store.
     *
     * @param store {@code plain}, or {@code s0} to {@code s2}
     * @param where {@code embedded}, {@code remote} or {@code postgres}
     * @param commits the interval at which unsynced writes are synced, for plain stores as for sealed ones; zero for never
     */
    Measured(String store, String where, Duration commits) throws Exception {
        directory = Files.createTempDirectory("benchmark");
        Random content = new Random(2);
        content.nextBytes(value);
        for (byte[] key : keys) {
            content.nextBytes(key);
        }
        InsecureCounter counter = InsecureCounter.inMemory();
        boolean plain = store.equals("plain") && where.equals("embedded");
        if (where.equals("postgres")) {
            kv = of(store, postgres(), counter, commits, true);
            fill(kv);
            return;
        }
        try (Kv filling = plain
                ? new Kv.Plain(db())
                : of(store, RocksHostStore.open(db(), CACHE_BYTES), counter, commits, true)) {
            fill(filling);
        }
        Kv.Plain.compact(db());
        if (plain) {
            kv = new Kv.Plain(db());
        } else {
            RocksHostStore rocks = RocksHostStore.open(db(), CACHE_BYTES);
            kv = of(store, where.equals("remote") ? remote(rocks) : rocks, counter, commits, false);
        }
        kv.scan();
        if (!commits.isZero()) {
            sync(commits);
        }
    }

    private static Kv of(String store, HostStore host, InsecureCounter counter, Duration commits, boolean create)
            throws InterruptedException {
        return store.equals("plain") ? new Kv.Bare(host) : new Kv.Sealed(host, store, counter, commits, create);
    }

    private void sync(Duration interval) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        executor.scheduleWithFixedDelay(
                () -> {
                    try {
                        kv.sync();
                    } catch (Exception e) {
                        throw new IllegalStateException("syncing failed", e);
                    }
                },
                interval.toNanos(),
                interval.toNanos(),
                TimeUnit.NANOSECONDS);
        syncing = executor;
    }

    private Path db() {
        return directory.resolve("db");
    }

    private void fill(Kv into) throws Exception {
        for (int i = 0; i < RECORDS; i += BATCH) {
            into.batch(List.of(keys).subList(i, i + BATCH), value);
        }
    }

    private static HostStore postgres() throws IOException {
        String url = System.getProperty("benchmarks.pg.url");
        if (url == null) {
            throw new IllegalStateException("name a database: -Dbenchmarks.pg.url=jdbc:postgresql://…");
        }
        return PostgresHostStore.open(new OneConnection(url), "benchmark-" + System.nanoTime());
    }

    private HostStore remote(RocksHostStore rocks) throws IOException {
        HostStoreServer server = HostStoreServer.builder().store("s", rocks).build();
        ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread serving = new Thread(() -> {
            try {
                while (true) {
                    Socket socket = listener.accept();
                    socket.setTcpNoDelay(true);
                    server.serve(HostStream.of(socket));
                }
            } catch (IOException e) {
                System.getLogger("benchmark").log(System.Logger.Level.DEBUG, "ended", e);
            }
        });
        serving.setDaemon(true);
        serving.start();
        resources.add(listener);
        resources.add(rocks);
        return RemoteHostStore.connect(
                timeout -> {
                    Socket socket = new Socket(listener.getInetAddress(), listener.getLocalPort());
                    socket.setTcpNoDelay(true);
                    return HostStream.of(socket);
                },
                "s");
    }

    byte[] anyKey() {
        return keys[random.nextInt(RECORDS)];
    }

    List<byte[]> someKeys(int n) {
        List<byte[]> some = new ArrayList<>(n);
        next = (next + n) % (RECORDS - n);
        for (int i = 0; i < n; i++) {
            some.add(keys[next + i]);
        }
        return some;
    }

    @Override
    public void close() throws Exception {
        if (syncing != null) {
            syncing.shutdown();
            if (!syncing.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("syncing does not end");
            }
        }
        kv.close();
        for (AutoCloseable each : resources) {
            each.close();
        }
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
