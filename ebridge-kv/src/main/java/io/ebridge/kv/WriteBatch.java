package io.ebridge.kv;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes that happen together or not at all, across namespaces of one store, optionally under conditions. Later operations on a key
 * win over earlier ones; conditions look at the state before the batch. Arrays are not copied: leave them alone until the batch has
 * been written. Not for use by several threads.
 *
 * <p>Limit: {@link #MAX_OPERATIONS} operations, and 64 MiB of keys and values when written.
 */
public final class WriteBatch {

    /** The most operations and conditions one batch takes. */
    public static final int MAX_OPERATIONS = 65_536;

    /**
     * One step of a batch.
     *
     * @param namespace the namespace's name
     * @param key the key
     * @param value the value; null deletes
     * @param timeToLive how long the record lives; empty for ever
     */
    record Operation(String namespace, byte[] key, byte @Nullable [] value, Optional<Duration> timeToLive) {}

    /**
     * One condition of a batch.
     *
     * @param namespace the namespace's name
     * @param key the key
     * @param version the version it must have
     */
    record Condition(String namespace, byte[] key, long version) {}

    private final List<Operation> operations = new ArrayList<>();
    private final List<Condition> conditions = new ArrayList<>();

    /** An empty batch. */
    public WriteBatch() {}

    /**
     * Writes a record.
     *
     * @param namespace the namespace's name
     * @param key the key
     * @param value the value
     * @return this
     */
    public WriteBatch put(String namespace, byte[] key, byte[] value) {
        return add(new Operation(namespace, key, value, Optional.empty()));
    }

    /**
     * Writes a record that ends.
     *
     * @param namespace the namespace's name
     * @param key the key
     * @param value the value
     * @param timeToLive how long it lives from the trusted time of the write
     * @return this
     */
    public WriteBatch put(String namespace, byte[] key, byte[] value, Duration timeToLive) {
        return add(new Operation(
                namespace, key, value, WriteOptions.timeToLive(timeToLive).timeToLive()));
    }

    /**
     * Deletes a record; nothing happens if there is none.
     *
     * @param namespace the namespace's name
     * @param key the key
     * @return this
     */
    public WriteBatch delete(String namespace, byte[] key) {
        return add(new Operation(namespace, key, null, Optional.empty()));
    }

    /**
     * Makes the batch conditional: nothing is written unless the key has this version.
     *
     * @param namespace the namespace's name
     * @param key the key
     * @param version a version, or {@link SealedNamespace#ABSENT}
     * @return this
     */
    public WriteBatch require(String namespace, byte[] key, long version) {
        checkRoom();
        conditions.add(new Condition(namespace, key, version));
        return this;
    }

    /**
     * The number of operations.
     *
     * @return the number
     */
    public int size() {
        return operations.size();
    }

    List<Operation> operations() {
        return operations;
    }

    List<Condition> conditions() {
        return conditions;
    }

    private WriteBatch add(Operation operation) {
        checkRoom();
        operations.add(operation);
        return this;
    }

    private void checkRoom() {
        if (operations.size() + conditions.size() >= MAX_OPERATIONS) {
            throw new IllegalStateException("a batch takes " + MAX_OPERATIONS + " operations and conditions");
        }
    }
}
