package io.ebridge.attest.cbor;

/** Kinds of item (RFC 8949 section 3.1). */
public enum CborType {
    /** Major type 0. */
    UNSIGNED,
    /** Major type 1. */
    NEGATIVE,
    /** Major type 2. */
    BYTES,
    /** Major type 3. */
    TEXT,
    /** Major type 4. */
    ARRAY,
    /** Major type 5. */
    MAP,
    /** Major type 6. */
    TAG,
    /** {@code false} or {@code true}. */
    BOOLEAN,
    /** {@code null}. */
    NULL,
    /** Any other simple value or a float: nothing in the suite uses them. */
    OTHER,
    /** The break that ends an item of indefinite length. */
    BREAK
}
