package io.ebridge.kv;

import java.time.Duration;

/**
 * Hears what a store does, for metrics and alarms. Called on the threads that do the work, some while they hold the store's write
 * lock: return at once, throw nothing, call no method of the store. Never sees a key or a value.
 */
public interface StoreListener {

    /** The steps of a commit window, in their order. */
    enum CommitStep {
        /** Sealed and about to be handed to the host. */
        SEALED,
        /** The host has taken it; if durable, it is on stable storage. */
        STORED,
        /** The counter has moved. At {@link Tier#ROLLBACK_SAFE} and for durable windows only. */
        COUNTED,
        /** Visible to readers; callers are about to be told. */
        APPLIED
    }

    /**
     * A listener that does nothing.
     *
     * @return the listener
     */
    static StoreListener none() {
        return SilentListener.INSTANCE;
    }

    /**
     * Records were read.
     *
     * @param requested how many keys were asked for
     * @param found how many had a value
     */
    default void onRead(int requested, int found) {}

    /**
     * A commit window reached a step.
     *
     * @param step the step
     */
    default void onCommitStep(CommitStep step) {}

    /**
     * A commit window was acknowledged.
     *
     * @param operations how many records it wrote or deleted
     * @param bytes what the host was handed, in bytes
     * @param durability what it was
     * @param took from the first seal to the last acknowledgement
     */
    default void onCommit(int operations, long bytes, Durability durability, Duration took) {}

    /**
     * An operation failed.
     *
     * @param failure what its caller is about to get
     */
    default void onFailure(SealedStoreException failure) {}

    /**
     * A namespace was closed because of a bad record.
     *
     * @param namespace its name
     * @param failure what was found
     */
    default void onQuarantine(String namespace, SealedStoreException failure) {}
}
