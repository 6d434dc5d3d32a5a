package io.ebridge.samples.benchmarks.kv;

import io.ebridge.kv.Durability;
import io.ebridge.kv.Entry;
import io.ebridge.kv.InsecureSealing;
import io.ebridge.kv.SealedNamespace;
import io.ebridge.kv.SealedStore;
import io.ebridge.kv.SealingKey;
import io.ebridge.kv.SealingPolicy;
import io.ebridge.kv.StoreOptions;
import io.ebridge.kv.WriteBatch;
import io.ebridge.kv.WriteOptions;
import io.ebridge.kv.memory.InsecureCounter;
import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** What is measured: the same operations on RocksDB itself, on a bare host store, and on a sealed store. */
interface Kv extends AutoCloseable {

    byte[] get(byte[] key) throws Exception;

    void put(byte[] key, byte[] value, boolean sync) throws Exception;

    void batch(List<byte[]> keys, byte[] value) throws Exception;

    int getAll(List<byte[]> keys) throws Exception;

    long scan() throws Exception;

    /** Syncs what was written, for stores that do not see to that themselves. */
    void sync() throws Exception;

    @Override
    void close() throws Exception;

    /** RocksDB as anybody would use it, with the settings that the host store uses. */
    final class Plain implements Kv {
        static {
            RocksDB.loadLibrary();
        }

        private final LRUCache cache = new LRUCache(Measured.CACHE_BYTES);
        private final BloomFilter filter = new BloomFilter(10, false);
        private final Options options;
        private final RocksDB db;
        private final org.rocksdb.WriteOptions unsynced = new org.rocksdb.WriteOptions();
        private final org.rocksdb.WriteOptions synced = new org.rocksdb.WriteOptions().setSync(true);
        private final ReadOptions read = new ReadOptions();

        Plain(Path directory) throws RocksDBException {
            options = new Options()
                    .setCreateIfMissing(true)
                    .setParanoidChecks(true)
                    .setCompressionType(CompressionType.NO_COMPRESSION)
                    .setTableFormatConfig(new BlockBasedTableConfig()
                            .setBlockCache(cache)
                            .setFilterPolicy(filter)
                            .setFormatVersion(5));
            db = RocksDB.open(options, directory.toString());
        }

        /** Brings a directory into one sorted run, with nothing in memory or in the log. */
        static void compact(Path directory) throws RocksDBException {
            Plain plain = new Plain(directory);
            try {
                plain.db.compactRange();
            } finally {
                plain.close();
            }
        }

        @Override
        public byte[] get(byte[] key) throws RocksDBException {
            return db.get(read, key);
        }

        @Override
        public void put(byte[] key, byte[] value, boolean sync) throws RocksDBException {
            db.put(sync ? synced : unsynced, key, value);
        }

        @Override
        public void batch(List<byte[]> keys, byte[] value) throws RocksDBException {
            try (org.rocksdb.WriteBatch batch = new org.rocksdb.WriteBatch()) {
                for (byte[] key : keys) {
                    batch.put(key, value);
                }
                db.write(unsynced, batch);
            }
        }

        @Override
        public int getAll(List<byte[]> keys) throws RocksDBException {
            return db.multiGetAsList(read, keys).size();
        }

        @Override
        public long scan() {
            long bytes = 0;
            try (RocksIterator it = db.newIterator(read)) {
                for (it.seekToFirst(); it.isValid(); it.next()) {
                    bytes += it.key().length + it.value().length;
                }
            }
            return bytes;
        }

        @Override
        public void sync() throws RocksDBException {
            db.flushWal(true);
        }

        @Override
        public void close() {
            db.close();
            read.close();
            synced.close();
            unsynced.close();
            options.close();
            filter.close();
            cache.close();
        }
    }

    /** A host store without sealing. Its keys are limited to 64 bytes, which favours it a little. */
    record Bare(HostStore store) implements Kv {
        private static byte[] shorten(byte[] key) {
            return java.util.Arrays.copyOfRange(key, key.length - 64, key.length);
        }

        @Override
        public byte[] get(byte[] key) throws IOException {
            return store.get(shorten(key));
        }

        @Override
        public void put(byte[] key, byte[] value, boolean sync) throws IOException {
            store.write(new HostBatch().put(shorten(key), value), sync);
        }

        @Override
        public void batch(List<byte[]> keys, byte[] value) throws IOException {
            HostBatch batch = new HostBatch();
            keys.forEach(key -> batch.put(shorten(key), value));
            store.write(batch, false);
        }

        @Override
        public int getAll(List<byte[]> keys) throws IOException {
            List<byte[]> all = new ArrayList<>(keys.size());
            keys.forEach(key -> all.add(shorten(key)));
            return store.getAll(all).size();
        }

        @Override
        public long scan() throws IOException {
            long bytes = 0;
            byte[] after = null;
            while (true) {
                List<HostEntry> page = store.scan(new byte[0], after, 512, HostStore.MAX_VALUE_BYTES);
                if (page.isEmpty()) {
                    return bytes;
                }
                for (HostEntry e : page) {
                    bytes += e.key().length + e.value().length;
                    after = e.key();
                }
            }
        }

        @Override
        public void sync() throws IOException {
            store.write(new HostBatch(), true);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** A sealed store at one of the tiers. */
    final class Sealed implements Kv {
        private final HostStore host;
        private final SealedStore store;
        private final SealedNamespace namespace;

        Sealed(HostStore host, String tier, InsecureCounter counter, Duration commits, boolean create)
                throws InterruptedException {
            StoreOptions.Builder options = StoreOptions.builder("benchmark").commitInterval(commits);
            if (commits.isZero()) {
                options.volatileLimit(1_000_000);
            }
            switch (tier) {
                case "s0" -> options.insecureSealedOnly();
                case "s1" -> {}
                case "s2" -> options.rollbackSafe(counter);
                default -> throw new IllegalArgumentException(tier);
            }
            this.host = host;
            try (SealingKey key =
                    InsecureSealing.fromSeed("benchmark").sealingKey(SealingPolicy.measurement(), "benchmark")) {
                store = create
                        ? SealedStore.create(host, key, options.build())
                        : SealedStore.open(host, key, options.build());
            }
            namespace = store.namespace("n");
        }

        @Override
        public byte[] get(byte[] key) {
            return namespace.get(key);
        }

        @Override
        public void put(byte[] key, byte[] value, boolean sync) {
            namespace.put(key, value, sync ? DURABLE : VOLATILE);
        }

        private static final WriteOptions DURABLE = WriteOptions.durable();
        private static final WriteOptions VOLATILE = WriteOptions.asVolatile();

        @Override
        public void batch(List<byte[]> keys, byte[] value) {
            WriteBatch batch = new WriteBatch();
            keys.forEach(key -> batch.put("n", key, value));
            store.write(batch, Durability.VOLATILE).orThrow();
        }

        @Override
        public int getAll(List<byte[]> keys) {
            return namespace.getAll(keys).size();
        }

        @Override
        public long scan() {
            long bytes = 0;
            for (Iterator<Entry> it = namespace.entries(); it.hasNext(); ) {
                Entry entry = it.next();
                bytes += entry.key().length + entry.value().length;
            }
            return bytes;
        }

        @Override
        public void sync() {}

        @Override
        public void close() {
            store.close();
            host.close();
        }
    }
}
