package io.ebridge.kv;

import io.ebridge.kv.internal.Engine;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One namespace of a {@link SealedStore}. Arrays handed in are neither changed nor kept; arrays handed out are the caller's. Safe for
 * use by several threads. Every call may throw a {@link SealedStoreException}; the namespaces of one store fail independently.
 *
 * <p>The asynchronous calls run on the store's executor; their futures fail with the same exceptions.
 */
public final class SealedNamespace {

    /** The version of a key that does not exist. */
    public static final long ABSENT = 0;

    private final SealedStore store;
    private final Engine engine;
    private final String name;

    SealedNamespace(SealedStore store, Engine engine, String name) {
        this.store = store;
        this.engine = engine;
        this.name = name;
    }

    /**
     * The name.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Reads a value.
     *
     * @param key the key
     * @return the value, or null if there is none or it has expired
     */
    public byte @Nullable [] get(byte[] key) {
        return engine.value(name, key);
    }

    /**
     * Reads a record with its version and expiry.
     *
     * @param key the key
     * @return the record, or null if there is none or it has expired
     */
    public @Nullable Entry getEntry(byte[] key) {
        return engine.get(name, key);
    }

    /**
     * Reads several records in one round trip to the host. Not a snapshot: each is the newest at some moment during the call.
     *
     * @param keys at most 65,536 keys
     * @return one element for each key, in their order; null where there is no value
     */
    public List<@Nullable Entry> getAll(List<byte[]> keys) {
        return engine.getAll(name, keys);
    }

    /**
     * All records, in no particular order. Sees every record that exists throughout the iteration, once; of those written meanwhile
     * it may see some. Failures surface from {@code hasNext}. Use a {@link StoreSnapshot} for one moment.
     *
     * @return an iterator that needs no closing
     */
    public Iterator<Entry> entries() {
        return engine.entries(name);
    }

    /**
     * Writes a record with the store's default durability.
     *
     * @param key the key
     * @param value the value
     * @return the acknowledgement
     */
    public Ack put(byte[] key, byte[] value) {
        return put(key, value, WriteOptions.DEFAULT);
    }

    /**
     * Writes a record.
     *
     * @param key the key
     * @param value the value
     * @param options how
     * @return the acknowledgement
     * @throws FrozenTimeException if it has a time to live and there is no trusted time
     */
    public Ack put(byte[] key, byte[] value, WriteOptions options) {
        return engine.write(List.of(write(key, value, options)), List.of(), durability(options))
                .orThrow();
    }

    /**
     * Writes a record if the key has a given version.
     *
     * @param key the key
     * @param value the value
     * @param expectedVersion {@link Entry#version} of the record to replace, or {@link #ABSENT}
     * @return what became of it
     */
    public Conditional putIf(byte[] key, byte[] value, long expectedVersion) {
        return putIf(key, value, expectedVersion, WriteOptions.DEFAULT);
    }

    /**
     * Writes a record if the key has a given version.
     *
     * @param key the key
     * @param value the value
     * @param expectedVersion {@link Entry#version} of the record to replace, or {@link #ABSENT}
     * @param options how
     * @return what became of it
     */
    public Conditional putIf(byte[] key, byte[] value, long expectedVersion, WriteOptions options) {
        return engine.write(
                List.of(write(key, value, options)),
                List.of(new Engine.Check(name, key, expectedVersion)),
                durability(options));
    }

    /**
     * Deletes a record with the store's default durability; nothing happens if there is none.
     *
     * @param key the key
     * @return the acknowledgement
     */
    public Ack delete(byte[] key) {
        return delete(key, WriteOptions.DEFAULT);
    }

    /**
     * Deletes a record; nothing happens if there is none.
     *
     * @param key the key
     * @param options how; a time to live is ignored
     * @return the acknowledgement
     */
    public Ack delete(byte[] key, WriteOptions options) {
        return engine.write(List.of(new Engine.Write(name, key, null, 0)), List.of(), durability(options))
                .orThrow();
    }

    /**
     * Deletes a record if it has a given version.
     *
     * @param key the key
     * @param expectedVersion {@link Entry#version} of the record to delete
     * @return what became of it
     */
    public Conditional deleteIf(byte[] key, long expectedVersion) {
        return engine.write(
                List.of(new Engine.Write(name, key, null, 0)),
                List.of(new Engine.Check(name, key, expectedVersion)),
                durability(WriteOptions.DEFAULT));
    }

    /**
     * {@link #getEntry} without waiting.
     *
     * @param key the key
     * @return a future of the record, or of null
     */
    public CompletableFuture<@Nullable Entry> getAsync(byte[] key) {
        byte[] k = key.clone();
        return async(() -> engine.get(name, k));
    }

    /**
     * {@link #getAll} without waiting.
     *
     * @param keys the keys
     * @return a future of the records
     */
    public CompletableFuture<List<@Nullable Entry>> getAllAsync(List<byte[]> keys) {
        List<byte[]> copies = keys.stream().map(byte[]::clone).toList();
        return async(() -> getAll(copies));
    }

    /**
     * {@link #put(byte[], byte[], WriteOptions)} without waiting. Calls in flight together share commits; their order is not
     * defined.
     *
     * @param key the key
     * @param value the value
     * @param options how
     * @return a future of the acknowledgement
     */
    public CompletableFuture<Ack> putAsync(byte[] key, byte[] value, WriteOptions options) {
        byte[] k = key.clone();
        byte[] v = value.clone();
        return async(() -> put(k, v, options));
    }

    /**
     * {@link #putIf(byte[], byte[], long, WriteOptions)} without waiting.
     *
     * @param key the key
     * @param value the value
     * @param expectedVersion the version, or {@link #ABSENT}
     * @param options how
     * @return a future of what became of it
     */
    public CompletableFuture<Conditional> putIfAsync(
            byte[] key, byte[] value, long expectedVersion, WriteOptions options) {
        byte[] k = key.clone();
        byte[] v = value.clone();
        return async(() -> putIf(k, v, expectedVersion, options));
    }

    /**
     * {@link #delete(byte[], WriteOptions)} without waiting.
     *
     * @param key the key
     * @param options how
     * @return a future of the acknowledgement
     */
    public CompletableFuture<Ack> deleteAsync(byte[] key, WriteOptions options) {
        byte[] k = key.clone();
        return async(() -> delete(k, options));
    }

    private <T extends @Nullable Object> CompletableFuture<T> async(Supplier<T> call) {
        return store.async(call);
    }

    private Engine.Write write(byte[] key, byte[] value, WriteOptions options) {
        return new Engine.Write(name, key, value, engine.expiry(name, options.timeToLive()));
    }

    private Durability durability(WriteOptions options) {
        return options.durability().orElse(store.options().durability());
    }
}
