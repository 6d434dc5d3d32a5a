package io.ebridge.kv.rocksdb;

import io.ebridge.kv.spi.HostBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Closes stores under the feet of threads that read, write and scan them; a program of its own. */
public final class RocksMisuse {

    private RocksMisuse() {}

    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[1]);
        AtomicInteger refused = new AtomicInteger();
        for (int round = 0; round < rounds; round++) {
            RocksHostStore store = RocksHostStore.open(Path.of(arguments[0]), 8 << 20);
            HostBatch fill = new HostBatch();
            for (int i = 0; i < 2000; i++) {
                fill.put(new byte[] {1, (byte) (i >> 8), (byte) i}, new byte[500]);
            }
            store.write(fill, false);
            ExecutorService threads = Executors.newFixedThreadPool(5);
            CountDownLatch working = new CountDownLatch(5);
            for (int t = 0; t < 5; t++) {
                int kind = t;
                threads.execute(() -> {
                    try {
                        for (int n = 0; ; n++) {
                            use(store, kind, n);
                            if (n == 20) {
                                working.countDown();
                            }
                        }
                    } catch (IOException e) {
                        refused.incrementAndGet();
                        working.countDown();
                    }
                });
            }
            working.await(20, TimeUnit.SECONDS);
            store.close();
            store.close();
            threads.shutdown();
            if (!threads.awaitTermination(20, TimeUnit.SECONDS)) {
                System.exit(3);
            }
        }
        if (refused.get() != 5 * rounds) {
            System.exit(4);
        }
        System.out.println("survived");
    }

    private static void use(RocksHostStore store, int kind, int n) throws IOException {
        byte[] key = {1, (byte) (n >> 8 & 7), (byte) n};
        switch (kind) {
            case 0 -> store.get(key);
            case 1 -> store.scan(new byte[] {1}, key, 200, 100);
            case 2 -> store.write(new HostBatch().put(key, new byte[100]), false);
            case 3 -> store.get(key, new byte[n & 0xff]);
            default -> store.getAll(List.of(key, new byte[] {9}));
        }
    }
}
