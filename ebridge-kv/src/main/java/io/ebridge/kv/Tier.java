package io.ebridge.kv;

/**
 * What a store detects. Every tier encrypts and authenticates keys and values and binds each record to its store, namespace, key
 * and version; the tiers differ in which <em>authentic but old</em> data they notice. No tier hides the number of records, their
 * (padded) sizes, the namespace number a record belongs to, its expiry time, or when it is read and written.
 */
public enum Tier {
    /**
     * S0: reading, altering and swapping are detected. The host may answer with an older record of the same key, or say that a
     * key does not exist, unnoticed. The enclave keeps keys only.
     */
    SEALED(0),
    /**
     * S1, the default: in addition every stale, dropped or resurrected record is noticed while the store is open, and a torn,
     * partial or mixed state when it is opened. Across a restart the host may still offer an old copy of the <em>whole</em>
     * store. The enclave keeps 24 bytes for each key (about 33 with the table's slack).
     */
    LIVE_FRESH(1),
    /**
     * S2: in addition an old copy of the whole store is refused when it is opened, and so is a second instance that runs from a
     * copy, as far as the {@link io.ebridge.kv.spi.MonotonicCounter} can be trusted. Durable writes cost one update of the counter
     * for each commit window.
     */
    ROLLBACK_SAFE(2);

    private final int code;

    Tier(int code) {
        this.code = code;
    }

    /**
     * The number of the tier in the manifest.
     *
     * @return 0, 1 or 2
     */
    public int code() {
        return code;
    }
}
