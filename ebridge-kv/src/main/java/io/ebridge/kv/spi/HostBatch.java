package io.ebridge.kv.spi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes that a {@link HostStore} does together. Each key occurs at most once. Not for use by several threads. */
public final class HostBatch {

    /** The most bytes of keys and values in one batch. */
    public static final int MAX_BYTES = 80 << 20;

    /** The most operations in one batch. */
    public static final int MAX_OPERATIONS = 1 << 20;

    /** One write. Its arrays are read only, and only until {@link HostStore#write} returns: the sealed store uses them again. */
    public static final class Operation {
        private final byte[] key;
        private final byte @Nullable [] buffer;
        private final int offset;
        private final int length;

        private Operation(byte[] key, byte @Nullable [] buffer, int offset, int length) {
            this.key = key;
            this.buffer = buffer;
            this.offset = offset;
            this.length = length;
        }

        /**
         * The key.
         *
         * @return the key
         */
        public byte[] key() {
            return key;
        }

        /**
         * The value in an array of its own length: a copy if it is a part of a larger one.
         *
         * @return the value; null deletes
         */
        public byte @Nullable [] value() {
            return buffer == null || length == buffer.length
                    ? buffer
                    : Arrays.copyOfRange(buffer, offset, offset + length);
        }

        /**
         * The array that holds the value, possibly among other things.
         *
         * @return the array; null deletes
         */
        public byte @Nullable [] buffer() {
            return buffer;
        }

        /**
         * Where the value begins in {@link #buffer}.
         *
         * @return the index of its first byte
         */
        public int offset() {
            return offset;
        }

        /**
         * How long the value is.
         *
         * @return bytes; 0 for a deletion
         */
        public int length() {
            return length;
        }

        /**
         * Sizes only.
         *
         * @return a description
         */
        @Override
        public String toString() {
            return "Operation[key=" + key.length + " bytes, "
                    + (buffer == null ? "delete" : "value=" + length + " bytes") + "]";
        }
    }

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
        return put(key, value, 0, value.length);
    }

    /**
     * Adds a write of a part of an array.
     *
     * @param key the key, 1 to {@link HostStore#MAX_KEY_BYTES} bytes
     * @param buffer holds the value, and is not changed until the batch has been written
     * @param offset where the value begins
     * @param length how long it is, at most {@link HostStore#MAX_VALUE_BYTES}
     * @return this
     * @throws IllegalArgumentException if a limit is exceeded
     * @throws IndexOutOfBoundsException if the value is not within the array
     */
    public HostBatch put(byte[] key, byte[] buffer, int offset, int length) {
        if (length > HostStore.MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("value of " + length + " bytes");
        }
        Objects.checkFromIndexSize(offset, length, buffer.length);
        return add(new Operation(key, buffer, offset, length));
    }

    /**
     * Adds a deletion; nothing happens if there is no such key.
     *
     * @param key the key, 1 to {@link HostStore#MAX_KEY_BYTES} bytes
     * @return this
     * @throws IllegalArgumentException if a limit is exceeded
     */
    public HostBatch delete(byte[] key) {
        return add(new Operation(key, null, 0, 0));
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

    /** Empties the batch, for use with other writes. */
    public void clear() {
        operations.clear();
        bytes = 0;
    }

    private HostBatch add(Operation operation) {
        int keyLength = operation.key().length;
        if (keyLength < 1 || keyLength > HostStore.MAX_KEY_BYTES) {
            throw new IllegalArgumentException("key of " + keyLength + " bytes");
        }
        if (operations.size() == MAX_OPERATIONS || bytes + keyLength + operation.length() > MAX_BYTES) {
            throw new IllegalArgumentException("the batch is full");
        }
        bytes += keyLength + operation.length();
        operations.add(operation);
        return this;
    }
}
