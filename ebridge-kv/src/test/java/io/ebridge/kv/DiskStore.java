package io.ebridge.kv;

import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A host store with a disk that can be looked at, changed, copied and crashed: what was not synced is a list of batches of which a
 * crash keeps any prefix.
 */
final class DiskStore implements HostStore {

    final TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    private TreeMap<byte[], byte[]> synced = new TreeMap<>(Arrays::compareUnsigned);
    private final List<HostBatch> unsynced = new ArrayList<>();

    /** Called before each operation; may throw. */
    interface Fault {
        void before(String operation) throws IOException;
    }

    Fault before = op -> {};
    Fault after = op -> {};

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public synchronized byte[] get(byte[] key) throws IOException {
        before.before("get");
        byte[] value = entries.get(key);
        return value == null ? null : value.clone();
    }

    @Override
    public synchronized void write(HostBatch batch, boolean sync) throws IOException {
        before.before("write");
        apply(entries, batch);
        if (sync) {
            synced = new TreeMap<>(entries);
            unsynced.clear();
        } else {
            unsynced.add(copy(batch));
        }
        after.before("write");
    }

    private static HostBatch copy(HostBatch batch) {
        HostBatch copy = new HostBatch();
        for (HostBatch.Operation op : batch.operations()) {
            byte[] value = op.value();
            if (value == null) {
                copy.delete(op.key().clone());
            } else {
                copy.put(op.key().clone(), value.clone());
            }
        }
        return copy;
    }

    private static void apply(TreeMap<byte[], byte[]> to, HostBatch batch) {
        for (HostBatch.Operation op : batch.operations()) {
            if (op.value() == null) {
                to.remove(op.key());
            } else {
                to.put(op.key(), op.value().clone());
            }
        }
    }

    /** Loses all but the first {@code kept} batches since the last sync. */
    synchronized void crash(int kept) {
        entries.clear();
        entries.putAll(synced);
        for (int i = 0; i < Math.min(kept, unsynced.size()); i++) {
            apply(entries, unsynced.get(i));
        }
        synced = new TreeMap<>(entries);
        unsynced.clear();
    }

    synchronized int unsynced() {
        return unsynced.size();
    }

    synchronized DiskStore copy() {
        DiskStore copy = new DiskStore();
        entries.forEach((key, value) -> copy.entries.put(key, value.clone()));
        copy.synced.putAll(copy.entries);
        return copy;
    }

    synchronized void restore(DiskStore other) {
        entries.clear();
        other.entries.forEach((key, value) -> entries.put(key, value.clone()));
        synced = new TreeMap<>(entries);
        unsynced.clear();
    }

    /** The keys of all records. */
    synchronized List<byte[]> records() {
        List<byte[]> keys = new ArrayList<>();
        for (byte[] key : entries.keySet()) {
            if (key.length == 17) {
                keys.add(key);
            }
        }
        return keys;
    }

    @Override
    public synchronized List<HostEntry> scan(byte[] prefix, byte[] after, int maxEntries, int maxValueBytes)
            throws IOException {
        before.before("scan");
        List<HostEntry> page = new ArrayList<>();
        for (Map.Entry<byte[], byte[]> e : entries.entrySet()) {
            byte[] key = e.getKey();
            boolean within = key.length >= prefix.length && Arrays.equals(Arrays.copyOf(key, prefix.length), prefix);
            if (within && (after == null || Arrays.compareUnsigned(key, after) > 0) && page.size() < maxEntries) {
                page.add(new HostEntry(
                        key.clone(), Arrays.copyOf(e.getValue(), Math.min(e.getValue().length, maxValueBytes))));
            }
        }
        return page;
    }

    @Override
    public void close() {}
}
