package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static io.ebridge.kv.Stores.bytes;
import static io.ebridge.kv.Stores.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.kv.memory.InsecureCounter;
import io.ebridge.kv.rocksdb.RocksHostStore;
import io.ebridge.kv.spi.ForwardingHostStore;
import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host whose disk is full, broken, or was damaged while nobody looked: typed failures, no acknowledged write lost, no wrong value. */
@Timeout(300)
class HostFaultTest {

    @TempDir
    Path directory;

    /** A host store that fails when a test says so. */
    private static final class Faulty extends ForwardingHostStore {
        private final AtomicLong space = new AtomicLong(Long.MAX_VALUE);
        private volatile boolean unreadable;
        private volatile boolean lateFailure;

        Faulty(HostStore inner) {
            super(inner);
        }

        private void reading() throws IOException {
            if (unreadable) {
                throw new IOException("Input/output error");
            }
        }

        @Override
        public byte[] get(byte[] key) throws IOException {
            reading();
            return inner.get(key);
        }

        @Override
        public void write(HostBatch batch, boolean sync) throws IOException {
            if (space.addAndGet(-batch.bytes()) < 0) {
                throw new IOException("No space left on device");
            }
            inner.write(batch, sync);
            if (lateFailure) {
                throw new IOException("Input/output error");
            }
        }

        @Override
        public List<HostEntry> scan(byte[] prefix, byte[] after, int maxEntries, int maxValueBytes) throws IOException {
            reading();
            return inner.scan(prefix, after, maxEntries, maxValueBytes);
        }
    }

    private static void assertAll(SealedNamespace notes, Map<String, String> acknowledged) {
        acknowledged.forEach(
                (key, value) -> assertThat(text(notes.get(bytes(key)))).as(key).isEqualTo(value));
    }

    @Test
    void aFullDiskLosesNothingThatWasAcknowledgedAndTheStoreGoesOnWhenThereIsRoom() throws Exception {
        InsecureCounter counter = InsecureCounter.inMemory();
        StoreOptions options = Stores.options().rollbackSafe(counter).build();
        Map<String, String> acknowledged = new TreeMap<>();
        try (Faulty host = new Faulty(RocksHostStore.open(directory.resolve("db")))) {
            try (SealedStore store = SealedStore.openOrCreate(host, KEY, options)) {
                SealedNamespace notes = store.namespace("n");
                host.space.set(20_000);
                String failed = null;
                for (int i = 0; failed == null && i < 1000; i++) {
                    try {
                        notes.put(bytes("k" + i % 20), bytes("v" + i));
                        acknowledged.put("k" + i % 20, "v" + i);
                    } catch (BackendException e) {
                        assertThat(e.reason()).isEqualTo(SealedStoreException.Reason.BACKEND);
                        failed = "k" + i % 20;
                    }
                }
                assertThat(failed).isNotNull();
                assertThat(acknowledged).isNotEmpty();
                // Full stays full, for every kind of write; what was acknowledged can be read all the while.
                assertThatThrownBy(() -> notes.put(bytes("other"), bytes("x"))).isInstanceOf(BackendException.class);
                assertThatThrownBy(store::commit).isInstanceOf(BackendException.class);
                assertThatThrownBy(store::rotate).isInstanceOf(BackendException.class);
                assertThat(store.status().quarantined()).isEmpty();
                assertAll(notes, acknowledged);
                host.space.set(Long.MAX_VALUE);
                notes.put(bytes("after"), bytes("room"));
                acknowledged.put("after", "room");
                // The write of unknown outcome was sent again before this one.
                acknowledged.remove(failed);
                assertThat(notes.get(bytes(failed))).isNotNull();
                assertAll(notes, acknowledged);
                store.verify().orThrow();
                host.space.set(0);
                assertThatThrownBy(() -> notes.put(bytes("last"), bytes("x"))).isInstanceOf(BackendException.class);
            }
        }
        try (RocksHostStore host = RocksHostStore.open(directory.resolve("db"));
                SealedStore store = SealedStore.open(host, KEY, options)) {
            assertAll(store.namespace("n"), acknowledged);
        }
    }

    @Test
    void aDiskThatCannotBeReadIsABackendFailureAndQuarantinesNothing() throws Exception {
        StoreOptions options = Stores.options().build();
        Faulty host = new Faulty(new DiskStore());
        try (SealedStore store = SealedStore.create(host, KEY, options)) {
            SealedNamespace notes = store.namespace("n");
            notes.put(bytes("k"), bytes("1"));
            host.unreadable = true;
            assertThatThrownBy(() -> notes.get(bytes("k"))).isInstanceOf(BackendException.class);
            assertThatThrownBy(() -> notes.getAll(List.of(bytes("k")))).isInstanceOf(BackendException.class);
            assertThatThrownBy(() -> notes.entries().hasNext()).isInstanceOf(BackendException.class);
            assertThatThrownBy(store::verify).isInstanceOf(BackendException.class);
            assertThat(notes.get(bytes("absent"))).isNull();
            host.unreadable = false;
            assertThat(text(notes.get(bytes("k")))).isEqualTo("1");
            assertThat(store.status().quarantined()).isEmpty();
            // It is on the disk, yet nobody was told so: unknown, and settled by the next call that may.
            host.lateFailure = true;
            assertThatThrownBy(() -> notes.put(bytes("k"), bytes("2")))
                    .isInstanceOfSatisfying(BackendException.class, e -> assertThat(e.outcomeUnknown())
                            .isTrue());
            host.lateFailure = false;
            notes.put(bytes("l"), bytes("3"));
            assertThat(text(notes.get(bytes("k")))).isEqualTo("2");
        }
        host.unreadable = true;
        assertThatThrownBy(() -> SealedStore.open(host, KEY, options)).isInstanceOf(BackendException.class);
        host.unreadable = false;
        try (SealedStore store = SealedStore.open(host, KEY, options)) {
            assertThat(text(store.namespace("n").get(bytes("k")))).isEqualTo("2");
        }
    }

    /** RocksDB on a file system that really fills up; skipped where none can be mounted. */
    @Test
    void rocksDbOnAFullFileSystemFailsTypedAndLosesNothing() throws Exception {
        Path mount = Files.createDirectory(directory.resolve("small"));
        assumeTrue(
                command("mount", "-t", "tmpfs", "-o", "size=16m", "none", mount.toString()), "skipped: cannot mount");
        InsecureCounter counter = InsecureCounter.inMemory();
        StoreOptions options = Stores.options().rollbackSafe(counter).build();
        Map<String, Integer> acknowledged = new TreeMap<>();
        Path ballast = mount.resolve("ballast");
        try {
            Files.write(ballast, new byte[8 << 20]);
            try (RocksHostStore host = RocksHostStore.open(mount.resolve("db"))) {
                SealedStore store = SealedStore.openOrCreate(host, KEY, options);
                SealedNamespace notes = store.namespace("n");
                assertThatThrownBy(() -> {
                            for (int i = 0; i < 1000; i++) {
                                notes.put(bytes("k" + i), value(i));
                                acknowledged.put("k" + i, i);
                            }
                        })
                        .isInstanceOf(BackendException.class);
                assertThat(acknowledged).isNotEmpty();
                acknowledged.forEach(
                        (key, i) -> assertThat(notes.get(bytes(key))).as(key).isEqualTo(value(i)));
                assertThatThrownBy(() -> notes.put(bytes("more"), value(1))).isInstanceOf(BackendException.class);
                store.close();
            }
            Files.delete(ballast);
            try (RocksHostStore host = RocksHostStore.open(mount.resolve("db"));
                    SealedStore store = SealedStore.open(host, KEY, options)) {
                SealedNamespace notes = store.namespace("n");
                acknowledged.forEach(
                        (key, i) -> assertThat(notes.get(bytes(key))).as(key).isEqualTo(value(i)));
                notes.put(bytes("more"), value(1));
                store.verify().orThrow();
            }
        } finally {
            command("umount", mount.toString());
        }
    }

    private static byte[] value(int seed) {
        byte[] value = new byte[64 << 10];
        new Random(seed).nextBytes(value);
        return value;
    }

    private static boolean command(String... words) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    // ---- files that were cut, zeroed, changed or lost while the host was down

    private final Map<String, String> model = new TreeMap<>();
    private final Map<SealedStoreException.Reason, Integer> reasons = new EnumMap<>(SealedStoreException.Reason.class);
    private int refusedByRocks;
    private int unharmed;

    private StoreOptions counted(Path anchor) throws IOException {
        return Stores.options().rollbackSafe(InsecureCounter.file(anchor)).build();
    }

    /** Several starts, so that there are table files besides the log; overwritten and deleted records; two namespaces. */
    private void fill(Path good) throws Exception {
        for (int round = 0; round < 3; round++) {
            try (RocksHostStore host = RocksHostStore.open(good.resolve("db"));
                    SealedStore store = SealedStore.openOrCreate(host, KEY, counted(good.resolve("anchor")))) {
                for (int i = 0; i < 24; i++) {
                    String space = i % 2 == 0 ? "a" : "b";
                    if (round == 2 && i % 12 == 0) {
                        store.namespace(space).delete(bytes("k" + i));
                        model.remove(space + "/k" + i);
                    } else {
                        store.namespace(space).put(bytes("k" + i), bytes("round " + round + " of " + i));
                        model.put(space + "/k" + i, "round " + round + " of " + i);
                    }
                }
            }
        }
    }

    private void damage(Path good, long seed) throws Exception {
        Path copy = directory.resolve("copy-" + seed);
        Files.createDirectories(copy.resolve("db"));
        Files.copy(good.resolve("anchor"), copy.resolve("anchor"));
        try (Stream<Path> files = Files.list(good.resolve("db"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve("db").resolve(file.getFileName()));
            }
        }
        String what = mutate(copy.resolve("db"), new Random(seed));
        try (RocksHostStore host = RocksHostStore.open(copy.resolve("db"))) {
            try (SealedStore store = SealedStore.open(host, KEY, counted(copy.resolve("anchor")))) {
                boolean good0 = true;
                for (Map.Entry<String, String> e : model.entrySet()) {
                    good0 &= reads(store, what, e.getKey(), e.getValue());
                }
                unharmed += good0 ? 1 : 0;
            } catch (SealedStoreException e) {
                reasons.merge(e.reason(), 1, Integer::sum);
            }
        } catch (IOException e) {
            refusedByRocks++;
        } finally {
            Servers.delete(copy);
        }
    }

    private boolean reads(SealedStore store, String what, String key, String value) {
        try {
            byte[] read = store.namespace(key.substring(0, 1)).get(bytes(key.substring(2)));
            assertThat(text(read)).as(what + ": " + key).isEqualTo(value);
            return true;
        } catch (SealedStoreException e) {
            reasons.merge(e.reason(), 1, Integer::sum);
            return false;
        }
    }

    /** Changes one file that matters; says what it did. */
    private static String mutate(Path db, Random random) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(db)) {
            files = all.filter(f -> f.toString().matches(".*(\\.log|\\.sst|/MANIFEST-\\d+|/CURRENT)")
                            && f.toFile().length() > 0)
                    .sorted()
                    .toList();
        }
        Path file = files.get(random.nextInt(files.size()));
        long size = Files.size(file);
        String name = file.getFileName().toString();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long at = (long) (random.nextDouble() * size);
            switch (random.nextInt(5)) {
                case 0 -> {
                    channel.truncate(at);
                    return name + " cut at " + at;
                }
                case 1 -> {
                    channel.truncate(at & -512);
                    return name + " cut at " + (at & -512);
                }
                case 2 -> {
                    int length = (int) Math.min(512, size - at);
                    channel.write(ByteBuffer.allocate(length), at);
                    return name + " zeroed at " + at;
                }
                case 3 -> {
                    byte[] noise = new byte[(int) Math.min(64, size - at)];
                    random.nextBytes(noise);
                    channel.write(ByteBuffer.wrap(noise), at);
                    return name + " overwritten at " + at;
                }
                default -> {
                    ByteBuffer one = ByteBuffer.allocate(1);
                    channel.read(one, at);
                    one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8))).flip();
                    channel.write(one, at);
                    return name + " flipped at " + at;
                }
            }
        }
    }

    private void sweep(int runs) throws Exception {
        Path good = directory.resolve("good");
        fill(good);
        for (int i = 0; i < runs; i++) {
            damage(good, i);
        }
        int failed = reasons.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(refusedByRocks + failed + unharmed).isGreaterThanOrEqualTo(runs);
        // Damage of each kind has been met: what RocksDB notices, and what only the sealed store does.
        assertThat(refusedByRocks).isPositive();
        assertThat(reasons).containsKey(SealedStoreException.Reason.ROLLBACK);
        assertThat(reasons).doesNotContainKey(SealedStoreException.Reason.UNSUPPORTED);
    }

    @Test
    void damagedFilesNeverGiveAWrongValue() throws Exception {
        sweep(40);
    }

    @Test
    @Tag("soak")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void damagedFilesNeverGiveAWrongValueSweep() throws Exception {
        sweep(1500);
    }

    // ---- the way out of quarantine

    /** Others go on while a namespace is looked at, however slow its host is. */
    @Test
    void aNamespaceIsReadmittedWhileOthersAreWritten() throws Exception {
        DiskStore disk = new DiskStore();
        HostStore slow = new ForwardingHostStore(disk) {
            @Override
            public List<HostEntry> scan(byte[] prefix, byte[] after, int maxEntries, int maxValueBytes)
                    throws IOException {
                whileScanning.run();
                return super.scan(prefix, after, maxEntries, maxValueBytes);
            }
        };
        try (SealedStore store = SealedStore.create(slow, KEY, Stores.options().build())) {
            store.namespace("a").put(bytes("k"), bytes("1"));
            byte[] key = disk.records().get(0);
            store.namespace("b").put(bytes("k"), bytes("1"));
            disk.entries.get(key)[40] ^= 1;
            assertThatThrownBy(() -> store.namespace("a").get(bytes("k"))).isInstanceOf(TamperedException.class);
            disk.entries.get(key)[40] ^= 1;
            AtomicLong written = new AtomicLong();
            whileScanning = () -> {
                try {
                    store.namespace("b")
                            .putAsync(bytes("k"), bytes("2"), WriteOptions.durable())
                            .get(20, TimeUnit.SECONDS);
                    written.incrementAndGet();
                } catch (Exception e) {
                    throw new AssertionError("a write waits for the scan", e);
                }
            };
            store.readmit("a");
            whileScanning = () -> {};
            assertThat(written.get()).isPositive();
            assertThat(text(store.namespace("a").get(bytes("k")))).isEqualTo("1");
            assertThat(text(store.namespace("b").get(bytes("k")))).isEqualTo("2");
            store.verify().orThrow();
        }
    }

    private volatile Runnable whileScanning = () -> {};
}
