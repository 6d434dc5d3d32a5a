package io.ebridge.kv;

import io.ebridge.kv.internal.Engine;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A store as it was at one moment, across all namespaces. Records expire in it as they do in the store. Safe for use by several
 * threads; ends with the store at the latest.
 */
public final class StoreSnapshot implements AutoCloseable {

    private final Engine.Snapshot snapshot;

    StoreSnapshot(Engine.Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    /**
     * The newest version that it shows.
     *
     * @return the version
     */
    public long version() {
        return snapshot.version();
    }

    /**
     * Reads a record.
     *
     * @param namespace the namespace's name
     * @param key the key
     * @return the record, or null if there was none or it has expired
     */
    public @Nullable Entry get(String namespace, byte[] key) {
        return snapshot.get(namespace, key);
    }

    /**
     * Reads several records.
     *
     * @param namespace the namespace's name
     * @param keys the keys
     * @return one element for each key, in their order; null where there was no value
     */
    public List<@Nullable Entry> getAll(String namespace, List<byte[]> keys) {
        return keys.stream().map(key -> snapshot.get(namespace, key)).collect(Collectors.toList());
    }

    /**
     * All records of a namespace, in no particular order.
     *
     * @param namespace the namespace's name
     * @return an iterator that needs no closing
     */
    public Iterator<Entry> entries(String namespace) {
        return snapshot.entries(namespace);
    }

    /** Lets the host forget what only this snapshot needed. Idempotent. */
    @Override
    public void close() {
        snapshot.close();
    }
}
