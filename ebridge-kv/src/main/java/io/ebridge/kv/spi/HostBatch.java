package io.ebridge.kv.spi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes that a {@link HostStore} does together. Each key occurs at most once. Not for use by several threads. */
public final class HostBatch {

    /** The most bytes of keys and values in one batch. */
    public static final int MAX_BYTES = 80 << 20;

    /** The most operations in one batch. */
    public static final int MAX_OPERATIONS = 1 << 20;

    /**
     * One write.
     *
     * @param key the key
     * @param value the value; null deletes
     */
    public record Operation(byte[] key, byte @Nullable [] value) {}

    private final List<Operation> operations = new ArrayList<>(4);
    private long bytes;

    /** An empty batch. */
    public HostBatch() {}

    /**
     * Adds a write.
     *
     * @param key the key, 1 to {@link HostStore#MAX_KEY_BYTES} bytes
     * @param value the value, at most {@link HostStore#MAX_VALUE_BYTES} bytes
     * @return this
     * @throws IllegalArgumentException if a limit is exceeded
     */
    public HostBatch put(byte[] key, byte[] value) {
        if (value.length > HostStore.MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("value of " + value.length + " bytes");
        }
        return add(new Operation(key, value), value.length);
    }

    /**
     * Adds a deletion; nothing happens if there is no such key.
     *
     * @param key the key, 1 to {@link HostStore#MAX_KEY_BYTES} bytes
     * @return this
     * @throws IllegalArgumentException if a limit is exceeded
     */
    public HostBatch delete(byte[] key) {
        return add(new Operation(key, null), 0);
    }

    /**
     * The writes in their order.
     *
     * @return an unmodifiable view
     */
    public List<Operation> operations() {
        return Collections.unmodifiableList(operations);
    }

    /**
     * The number of writes.
     *
     * @return the number
     */
    public int size() {
        return operations.size();
    }

    /**
     * The size of all keys and values.
     *
     * @return bytes
     */
    public long bytes() {
        return bytes;
    }

    private HostBatch add(Operation operation, int valueLength) {
        int keyLength = operation.key().length;
        if (keyLength < 1 || keyLength > HostStore.MAX_KEY_BYTES) {
            throw new IllegalArgumentException("key of " + keyLength + " bytes");
        }
        if (operations.size() == MAX_OPERATIONS || bytes + keyLength + valueLength > MAX_BYTES) {
            throw new IllegalArgumentException("the batch is full");
        }
        bytes += keyLength + valueLength;
        operations.add(operation);
        return this;
    }
}
