package io.ebridge.kv.spi;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A map from byte strings to byte strings that the host keeps. Nothing it answers is believed; what it promises matters for
 * availability and durability only:
 *
 * <ul>
 *   <li>{@link #write} is atomic: after a crash at any moment the batch is wholly there or wholly absent.
 *   <li>Writes take effect in the order in which they were called. When {@code sync} is true, this one <em>and all earlier ones</em>
 *       are on stable storage before it returns. A crash loses at most a suffix of the writes since.
 *   <li>A call that has returned is visible to every later call. A write that failed may take effect, but only before any later
 *       call of the same store object does.
 * </ul>
 *
 * <p>Keys have 1 to {@link #MAX_KEY_BYTES} bytes, values 0 to {@link #MAX_VALUE_BYTES}, batches at most
 * {@link HostBatch#MAX_BYTES}. Implementations are safe for use by several threads, wait no longer than a configured time, and throw
 * {@link IOException} for every failure, including use after {@link #close}. Batches and arrays handed in are not changed and not
 * kept: the sealed store uses the memory of a batch for the next one. Arrays handed out are the caller's.
 */
public interface HostStore extends AutoCloseable {

    /** The longest key in bytes. */
    int MAX_KEY_BYTES = 64;

    /** The longest value in bytes: the longest sealed value with its key and padding. */
    int MAX_VALUE_BYTES = (72 << 20);

    /** The most entries one {@link #scan} or {@link #getAll} takes. */
    int MAX_ENTRIES = 65_536;

    /**
     * Whether {@code sync} means anything. A store that answers false turns every acknowledgement into a volatile one.
     *
     * @return true if writes can be made durable
     */
    boolean durable();

    /**
     * Reads one value.
     *
     * @param key the key
     * @return the value, or null if there is none
     * @throws IOException if the store could not be read
     */
    byte @Nullable [] get(byte[] key) throws IOException;

    /**
     * Reads one value into an array, for stores that can do so at less cost than {@link #get(byte[])}.
     *
     * @param key the key
     * @param into receives the value if it is long enough; otherwise what it holds afterwards is undefined
     * @return the length of the value, which may exceed that of the array; -1 if there is none
     * @throws IOException if the store could not be read
     */
    default int get(byte[] key, byte[] into) throws IOException {
        byte[] value = get(key);
        if (value == null) {
            return -1;
        }
        System.arraycopy(value, 0, into, 0, Math.min(value.length, into.length));
        return value.length;
    }

    /**
     * Reads several values, not necessarily at one moment.
     *
     * @param keys the keys, at most {@link #MAX_ENTRIES}
     * @return one element for each key, in their order, null where there is no value
     * @throws IOException if the store could not be read
     */
    default List<byte @Nullable []> getAll(List<byte[]> keys) throws IOException {
        List<byte @Nullable []> values = new ArrayList<>(keys.size());
        for (byte[] key : keys) {
            values.add(get(key));
        }
        return values;
    }

    /**
     * Reads the first of several values: no more once those read come to a number of bytes, for callers that must not hold all of them
     * at a time, however long the values turn out to be.
     *
     * @param keys the keys, 1 to {@link #MAX_ENTRIES}
     * @param maxBytes after how many bytes of values to stop, at least 1; the last value may go beyond
     * @return one element for each of the first keys, at least one, in their order, null where there is no value
     * @throws IOException if the store could not be read
     */
    default List<byte @Nullable []> getSome(List<byte[]> keys, long maxBytes) throws IOException {
        List<byte @Nullable []> values = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < keys.size() && bytes < maxBytes; i++) {
            byte[] value = get(keys.get(i));
            bytes += value == null ? 0 : value.length;
            values.add(value);
        }
        return values;
    }

    /**
     * Writes a batch.
     *
     * @param batch what to write
     * @param sync whether to wait for stable storage
     * @throws IOException if it failed; the batch may or may not have been written
     */
    void write(HostBatch batch, boolean sync) throws IOException;

    /**
     * Brings to stable storage what has been written so far, without making other writes wait, so that the next synced write has
     * little left to do. Promises nothing, and by default does nothing.
     *
     * @throws IOException if the store could not be written
     */
    default void writeBack() throws IOException {}

    /**
     * Reads a page of entries in unsigned byte order of their keys. Pages of one scan need not belong to one moment.
     *
     * @param prefix what keys begin with; may be empty
     * @param after only keys greater than this; null for the first page
     * @param maxEntries the most entries to return, 1 to {@link #MAX_ENTRIES}
     * @param maxValueBytes values longer than this are cut; a store may return fewer entries than asked for to keep a page small, but
     *     returns at least one if there is one
     * @return the page; empty when there are no more
     * @throws IOException if the store could not be read
     */
    List<HostEntry> scan(byte[] prefix, byte @Nullable [] after, int maxEntries, int maxValueBytes) throws IOException;

    /** Releases what the store holds. Idempotent. */
    @Override
    void close();
}
