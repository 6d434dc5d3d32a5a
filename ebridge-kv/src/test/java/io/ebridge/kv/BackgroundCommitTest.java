package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static io.ebridge.kv.Stores.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.kv.memory.InMemoryHostStore;
import io.ebridge.kv.spi.ForwardingHostStore;
import io.ebridge.kv.spi.HostBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Volatile writes become durable without being asked, and others do not wait for the disk meanwhile. */
@Timeout(60)
class BackgroundCommitTest {

    private static final WriteOptions VOLATILE = WriteOptions.asVolatile();

    /** A disk that a test can hold up, and that tells what it was asked. */
    private static final class Disk extends ForwardingHostStore {
        private final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();
        private volatile CountDownLatch slow = new CountDownLatch(0);
        private volatile boolean broken;

        Disk() {
            super(new InMemoryHostStore());
        }

        String next() throws InterruptedException {
            return asked.poll(30, TimeUnit.SECONDS);
        }

        @Override
        public boolean durable() {
            return true;
        }

        @Override
        public void write(HostBatch batch, boolean sync) throws IOException {
            inner.write(batch, sync);
            if (sync) {
                asked.add("synced");
            }
        }

        @Override
        public void writeBack() throws IOException {
            asked.add("write back");
            try {
                slow.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (broken) {
                broken = false;
                throw new IOException("Input/output error");
            }
        }
    }

    private static SealedStore open(Disk disk, Duration interval, int limit) throws InterruptedException {
        StoreOptions options = StoreOptions.builder("test")
                .commitInterval(interval)
                .volatileLimit(limit)
                .build();
        SealedStore store = SealedStore.create(disk, KEY, options);
        store.namespace("n").put(bytes("first"), bytes("names the namespace"), VOLATILE);
        disk.asked.clear();
        return store;
    }

    @Test
    void commitsAtAnInterval() throws Exception {
        Disk disk = new Disk();
        try (SealedStore store = open(disk, Duration.ofMillis(1), 1000)) {
            store.namespace("n").put(bytes("k"), bytes("v"), VOLATILE);
            assertThat(disk.next()).isEqualTo("write back");
            assertThat(disk.next()).isEqualTo("synced");
            assertThat(store.status().volatileWrites()).isZero();
        }
    }

    @Test
    void commitsEarlyWhenHalfOfWhatMayBeVolatileIs() throws Exception {
        Disk disk = new Disk();
        try (SealedStore store = open(disk, Duration.ofDays(1), 100)) {
            for (int i = 0; i < 49; i++) {
                store.namespace("n").put(bytes("k" + i), bytes("v"), VOLATILE);
            }
            assertThat(disk.asked).isEmpty();
            store.namespace("n").put(bytes("k49"), bytes("v"), VOLATILE);
            assertThat(disk.next()).isEqualTo("write back");
            assertThat(disk.next()).isEqualTo("synced");
        }
    }

    @Test
    void writesGoOnWhileTheDiskIsBroughtUp() throws Exception {
        Disk disk = new Disk();
        disk.slow = new CountDownLatch(1);
        try (SealedStore store = open(disk, Duration.ofDays(1), 100)) {
            for (int i = 0; i < 99; i++) {
                assertThat(store.namespace("n")
                                .put(bytes("k" + i), bytes("v"), VOLATILE)
                                .durability())
                        .isEqualTo(Durability.VOLATILE);
            }
            assertThat(disk.next()).isEqualTo("write back");
            assertThat(disk.asked).isEmpty();
            // The limit holds even so.
            assertThat(store.namespace("n")
                            .put(bytes("over"), bytes("v"), VOLATILE)
                            .durability())
                    .isEqualTo(Durability.DURABLE);
            assertThat(disk.next()).isEqualTo("synced");
            disk.slow.countDown();
        }
    }

    @Test
    void oneThatFailsIsFollowedByAnother() throws Exception {
        Disk disk = new Disk();
        disk.broken = true;
        try (SealedStore store = open(disk, Duration.ofMillis(1), 1000)) {
            store.namespace("n").put(bytes("k"), bytes("v"), VOLATILE);
            assertThat(disk.next()).isEqualTo("write back");
            assertThat(disk.next()).isEqualTo("write back");
            assertThat(disk.next()).isEqualTo("synced");
        }
    }
}
