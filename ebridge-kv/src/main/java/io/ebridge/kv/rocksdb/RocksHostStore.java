package io.ebridge.kv.rocksdb;

import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * A {@link HostStore} in a RocksDB directory, one store each. Runs in the host process, so that a fault of the native library kills
 * the host and not the enclave, which reconnects.
 *
 * <p>RocksDB's handles kill the JVM when they are used after they were closed. Here every call holds a read lock that closing waits
 * for, iterators never leave a call, and use after close is an {@link IOException}.
 *
 * <p>Settings that matter: checksums verified and paranoid checks on; no compression (ciphertext); Bloom filters of 10 bits. On
 * recovery a torn tail of the log is dropped, which a kill in the middle of a write leaves behind and which can only hold writes
 * that were never acknowledged as durable; any other damage fails ({@code kTolerateCorruptedTailRecords}; the design named
 * {@code kAbsoluteConsistency}, under which such a kill would need a hand to restart). What the sealed store lost, if anything, its
 * own sums and manifests decide.
 */
public final class RocksHostStore implements HostStore {

    private static final int PAGE_BYTES = 4 << 20;
    private static final int SOME = 512;
    private static final long SOME_BYTES = 8 << 20;

    /** Fewer keys are not worth an iterator; entries further apart are not worth stepping to. */
    private static final int FEW = 8;

    private static final int NEAR = 4;

    static {
        RocksDB.loadLibrary();
    }

    private final StampedLock lock = new StampedLock();
    private final Options options;
    private final LRUCache cache;
    private final BloomFilter filter;
    private final RocksDB db;
    private final WriteOptions synced = new WriteOptions().setSync(true);
    private final WriteOptions unsynced = new WriteOptions();
    private final ReadOptions read = new ReadOptions().setVerifyChecksums(true);

    /** Gives up a read of several values when they come to this many bytes. */
    private final ReadOptions readSome =
            new ReadOptions().setVerifyChecksums(true).setValueSizeSoftLimit(SOME_BYTES);

    private final AtomicReference<@Nullable Writer> spare = new AtomicReference<>();
    private boolean closed;

    private RocksHostStore(Path directory, long cacheBytes) throws IOException {
        cache = new LRUCache(cacheBytes);
        filter = new BloomFilter(10, false);
        options = new Options()
                .setCreateIfMissing(true)
                .setParanoidChecks(true)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(4)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setFilterPolicy(filter)
                        .setFormatVersion(5));
        try {
            Files.createDirectories(directory);
            db = RocksDB.open(options, directory.toString());
        } catch (RocksDBException | IOException e) {
            options.close();
            filter.close();
            cache.close();
            synced.close();
            unsynced.close();
            read.close();
            readSome.close();
            throw new IOException("RocksDB does not open: " + e.getMessage(), e);
        }
    }

    /**
     * Opens a directory with a block cache of 64 MiB.
     *
     * @param directory the directory; made if it is not there
     * @return the store
     * @throws IOException if it cannot be opened, for instance because another process has it open
     */
    public static RocksHostStore open(Path directory) throws IOException {
        return open(directory, 64L << 20);
    }

    /**
     * Opens a directory.
     *
     * @param directory the directory; made if it is not there
     * @param cacheBytes the size of the block cache
     * @return the store
     * @throws IOException if it cannot be opened, for instance because another process has it open
     */
    public static RocksHostStore open(Path directory, long cacheBytes) throws IOException {
        return new RocksHostStore(directory, cacheBytes);
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
        return call(() -> db.get(read, key));
    }

    @Override
    public int get(byte[] key, byte[] into) throws IOException {
        int length = call(() -> db.get(read, key, into));
        return length == RocksDB.NOT_FOUND ? -1 : length;
    }

    @Override
    public List<byte @Nullable []> getAll(List<byte[]> keys) throws IOException {
        return call(() -> {
            List<byte @Nullable []> values = db.multiGetAsList(read, keys);
            absent(keys, values);
            return values;
        });
    }

    /** What is null may also have failed or been left out, which reading several values does not tell. */
    private void absent(List<byte[]> keys, List<byte @Nullable []> values) throws RocksDBException {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) == null) {
                values.set(i, db.get(read, keys.get(i)));
            }
        }
    }

    @Override
    public List<byte @Nullable []> getSome(List<byte[]> keys, long maxBytes) throws IOException {
        List<byte @Nullable []> values = new ArrayList<>();
        long bytes = keys.size() < FEW ? 0 : call(() -> neighbours(keys, maxBytes, values));
        while (values.size() < keys.size() && bytes < maxBytes) {
            List<byte[]> next = keys.subList(values.size(), Math.min(keys.size(), values.size() + SOME));
            List<byte @Nullable []> some = call(() -> few(next));
            for (int i = 0; i < some.size() && bytes < maxBytes; i++) {
                byte[] value = some.get(i);
                bytes += value == null ? 0 : value.length;
                values.add(value);
            }
        }
        return values;
    }

    /**
     * Reads by stepping from entry to entry, which costs less than looking each key up, as long as the keys ascend and lie close
     * together. Returns how many bytes have been read.
     */
    private long neighbours(List<byte[]> keys, long maxBytes, List<byte @Nullable []> values) throws RocksDBException {
        long bytes = 0;
        try (RocksIterator it = db.newIterator(read)) {
            byte[] before = keys.get(0);
            it.seek(before);
            for (int i = 0; i < keys.size() && bytes < maxBytes; i++) {
                byte[] key = keys.get(i);
                if (i > 0 && Arrays.compareUnsigned(before, key) >= 0) {
                    break;
                }
                before = key;
                int order = order(it, key);
                for (int steps = 0; order < 0 && steps < NEAR; steps++) {
                    it.next();
                    order = order(it, key);
                }
                if (order < 0) {
                    break;
                }
                byte[] value = order == 0 ? it.value() : null;
                bytes += value == null ? 0 : value.length;
                values.add(value);
            }
            it.status();
            return bytes;
        }
    }

    /** Where the entry under an iterator stands to a key; behind it if there is none. */
    private static int order(RocksIterator it, byte[] key) {
        return it.isValid() ? Arrays.compareUnsigned(it.key(), key) : 1;
    }

    /** All of a few values if they are small, otherwise the first. */
    private List<byte @Nullable []> few(List<byte[]> keys) throws RocksDBException {
        List<byte @Nullable []> values = db.multiGetAsList(readSome, keys);
        long bytes = 0;
        for (byte[] value : values) {
            bytes += value == null ? 0 : value.length;
        }
        if (bytes > SOME_BYTES) {
            List<byte @Nullable []> first = new ArrayList<>(1);
            first.add(db.get(read, keys.get(0)));
            return first;
        }
        absent(keys, values);
        return values;
    }

    @Override
    public void write(HostBatch batch, boolean sync) throws IOException {
        call(() -> {
            if (batch.size() > 0) {
                writeAll(batch, sync ? synced : unsynced);
            } else if (sync) {
                db.flushWal(true);
            }
            return true;
        });
    }

    /** Syncs the log, beside which RocksDB lets others write. */
    @Override
    public void writeBack() throws IOException {
        call(() -> {
            db.flushWal(true);
            return true;
        });
    }

    private void writeAll(HostBatch batch, WriteOptions how) throws RocksDBException {
        Writer writer = spare.getAndSet(null);
        if (writer == null) {
            writer = new Writer();
        }
        boolean kept = false;
        try {
            writer.fill(batch);
            db.write(how, writer.batch);
            kept = batch.bytes() <= Writer.KEPT_BYTES && spare.compareAndSet(null, writer);
        } finally {
            if (!kept) {
                writer.batch.close();
            }
        }
    }

    /** A native batch that is used again, and memory through which it is filled without a detour over the native heap. */
    private static final class Writer {
        static final int KEPT_BYTES = 1 << 20;
        private static final int DIRECT_VALUE = 1 << 14;
        final WriteBatch batch = new WriteBatch();
        private final ByteBuffer key = ByteBuffer.allocateDirect(MAX_KEY_BYTES);
        private final ByteBuffer value = ByteBuffer.allocateDirect(DIRECT_VALUE);

        void fill(HostBatch from) throws RocksDBException {
            batch.clear();
            for (HostBatch.Operation op : from.operations()) {
                byte[] buffer = op.buffer();
                if (buffer == null) {
                    batch.delete(op.key());
                } else if (op.length() <= DIRECT_VALUE) {
                    key.clear().put(op.key()).flip();
                    value.clear().put(buffer, op.offset(), op.length()).flip();
                    batch.put(key, value);
                } else {
                    batch.put(op.key(), op.value());
                }
            }
        }
    }

    @Override
    public List<HostEntry> scan(byte[] prefix, byte @Nullable [] after, int maxEntries, int maxValueBytes)
            throws IOException {
        return call(() -> page(prefix, after, maxEntries, maxValueBytes));
    }

    private List<HostEntry> page(byte[] prefix, byte @Nullable [] after, int maxEntries, int maxValueBytes)
            throws RocksDBException {
        try (RocksIterator it = db.newIterator(read)) {
            List<HostEntry> page = new ArrayList<>();
            long bytes = 0;
            byte[] from = after != null && Arrays.compareUnsigned(after, prefix) >= 0 ? after : prefix;
            for (it.seek(from); it.isValid() && page.size() < maxEntries && bytes <= PAGE_BYTES; it.next()) {
                byte[] key = it.key();
                if (after != null && Arrays.compareUnsigned(key, after) <= 0) {
                    continue;
                }
                boolean within =
                        key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
                if (!within) {
                    break;
                }
                byte[] value = it.value();
                if (value.length > maxValueBytes) {
                    value = Arrays.copyOf(value, maxValueBytes);
                }
                bytes += key.length + value.length;
                page.add(new HostEntry(key, value));
            }
            it.status();
            return page;
        }
    }

    private interface Call<T extends @Nullable Object> {
        T run() throws RocksDBException;
    }

    /** Does something while nobody closes the store. */
    private <T extends @Nullable Object> T call(Call<T> call) throws IOException {
        long stamp = lock.readLock();
        try {
            if (closed) {
                throw new IOException("the store is closed");
            }
            return call.run();
        } catch (RocksDBException e) {
            throw new IOException("RocksDB: " + e.getMessage(), e);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Waits for the calls under way, then closes. Idempotent. */
    @Override
    public void close() {
        long stamp = lock.writeLock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            Writer writer = spare.getAndSet(null);
            if (writer != null) {
                writer.batch.close();
            }
            db.close();
            read.close();
            readSome.close();
            synced.close();
            unsynced.close();
            options.close();
            filter.close();
            cache.close();
        } finally {
            lock.unlockWrite(stamp);
        }
    }
}
