package io.ebridge.attest.json;

/**
 * What a document may cost.
 *
 * @param maxBytes longest document, in bytes
 * @param maxDepth deepest nesting of objects and arrays; the reader recurses once per level
 * @param maxValues most values (objects, arrays, strings, numbers, literals) in one document
 */
public record JsonLimits(int maxBytes, int maxDepth, int maxValues) {
    /** For signed collateral and policies: 512 KiB, 16 levels, 65536 values. The largest TCB info seen has about 20 KiB. */
    public static final JsonLimits DEFAULT = new JsonLimits(512 * 1024, 16, 65_536);

    /** Checks the limits themselves. */
    public JsonLimits {
        if (maxBytes < 1 || maxDepth < 1 || maxDepth > 256 || maxValues < 1) {
            throw new IllegalArgumentException("limits must be positive, and depth at most 256");
        }
    }
}
