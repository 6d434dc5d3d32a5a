package io.ebridge.kv.memory;

import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A host store in this JVM's memory. Not durable: every acknowledgement of a store on it is volatile. */
public final class InMemoryHostStore implements HostStore {

    private static final int PAGE_BYTES = 4 << 20;

    private final TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    private boolean closed;

    /** An empty store. */
    public InMemoryHostStore() {}

    /**
     * A copy of everything, as an adversary with access to the disk would take it.
     *
     * @return an independent store with the same entries
     */
    public synchronized InMemoryHostStore copy() {
        InMemoryHostStore copy = new InMemoryHostStore();
        entries.forEach((key, value) -> copy.entries.put(key, value.clone()));
        return copy;
    }

    @Override
    public boolean durable() {
        return false;
    }

    @Override
    public synchronized byte @Nullable [] get(byte[] key) throws IOException {
        check();
        byte[] value = entries.get(key);
        return value == null ? null : value.clone();
    }

    @Override
    public synchronized void write(HostBatch batch, boolean sync) throws IOException {
        check();
        for (HostBatch.Operation op : batch.operations()) {
            byte[] buffer = op.buffer();
            if (buffer == null) {
                entries.remove(op.key());
            } else {
                entries.put(op.key().clone(), Arrays.copyOfRange(buffer, op.offset(), op.offset() + op.length()));
            }
        }
    }

    @Override
    public synchronized List<HostEntry> scan(byte[] prefix, byte @Nullable [] after, int maxEntries, int maxValueBytes)
            throws IOException {
        check();
        List<HostEntry> page = new ArrayList<>();
        long bytes = 0;
        boolean inclusive = after == null || Arrays.compareUnsigned(after, prefix) < 0;
        byte[] from = inclusive || after == null ? prefix : after;
        for (Map.Entry<byte[], byte[]> e : entries.tailMap(from, inclusive).entrySet()) {
            byte[] key = e.getKey();
            boolean within =
                    key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
            if (!within || page.size() == maxEntries || bytes > PAGE_BYTES) {
                break;
            }
            byte[] value = Arrays.copyOf(e.getValue(), Math.min(e.getValue().length, maxValueBytes));
            bytes += value.length + key.length;
            page.add(new HostEntry(key.clone(), value));
        }
        return page;
    }

    private void check() throws IOException {
        if (closed) {
            throw new IOException("the store is closed");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
