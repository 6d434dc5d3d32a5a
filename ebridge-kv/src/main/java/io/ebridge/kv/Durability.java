package io.ebridge.kv;

/** What an acknowledgement promises. */
public enum Durability {
    /**
     * The host has said that the write, and every write acknowledged before it, is on stable storage; at
     * {@link Tier#ROLLBACK_SAFE} the counter has moved as well. No kill of either side at any instruction loses it. A host that
     * lies about its disk can lose it, and is found out when the store is opened at {@link Tier#ROLLBACK_SAFE}.
     */
    DURABLE,
    /**
     * The host has taken the write (RocksDB: appended it to the log), but nothing says that it survives a power cut. What is lost
     * is always the newest part: never a write acknowledged before one that survived, never half a batch.
     */
    VOLATILE
}
