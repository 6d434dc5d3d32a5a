package io.ebridge.samples.benchmarks.kv;

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
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** A store with {@value #RECORDS} records of 100-byte keys and 1 KiB values, and what it takes to get to it. */
final class Measured implements AutoCloseable {

    static final int RECORDS = 100_000;
    static final long CACHE_BYTES = 512L << 20;
    static final int BATCH = 100;

    final Kv kv;
    final byte[] value = new byte[1024];
    private final Path directory;
    private final List<AutoCloseable> resources = new ArrayList<>();
    private final byte[][] keys = new byte[RECORDS][];
    private final Random random = new Random(1);
    private int next;

    /**
     * Fills a store.
     *
     * @param store {@code plain}, or {@code s0} to {@code s2}
     * @param where {@code embedded}, {@code remote} or {@code postgres}
     */
    Measured(String store, String where, int records) throws Exception {
        directory = Files.createTempDirectory("benchmark");
        new Random(2).nextBytes(value);
        for (int i = 0; i < RECORDS; i++) {
            keys[i] = ByteBuffer.allocate(100)
                    .putLong(0, new Random(i).nextLong())
                    .putInt(96, i)
                    .array();
        }
        if (store.equals("plain") && where.equals("embedded")) {
            kv = new Kv.Plain(directory.resolve("db"));
        } else {
            HostStore host = host(where);
            kv = store.equals("plain") ? new Kv.Bare(host) : new Kv.Sealed(host, store);
        }
        for (int i = 0; i < records; i += BATCH) {
            List<byte[]> some = new ArrayList<>();
            for (int n = i; n < i + BATCH; n++) {
                some.add(keys[n]);
            }
            kv.batch(some, value);
        }
    }

    private HostStore host(String where) throws IOException {
        switch (where) {
            case "embedded" -> {
                return RocksHostStore.open(directory.resolve("db"), CACHE_BYTES);
            }
            case "remote" -> {
                return remote(RocksHostStore.open(directory.resolve("db"), CACHE_BYTES));
            }
            case "postgres" -> {
                String url = System.getProperty("benchmarks.pg.url");
                if (url == null) {
                    throw new IllegalStateException(
                            "name a database: -jvmArgsAppend -Dbenchmarks.pg.url=jdbc:postgresql://…");
                }
                return PostgresHostStore.open(new OneConnection(url), "benchmark-" + System.nanoTime());
            }
            default -> throw new IllegalArgumentException(where);
        }
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
