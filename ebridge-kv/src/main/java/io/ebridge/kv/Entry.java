package io.ebridge.kv;

import java.time.Instant;
import java.util.Optional;

/**
 * One record as read. The arrays are the caller's own.
 *
 * @param key the key
 * @param value the value
 * @param version the version to hand to {@link SealedNamespace#putIf}
 * @param expiry when the record ends, if it does
 */
public record Entry(byte[] key, byte[] value, long version, Optional<Instant> expiry) {
    /**
     * Says how large the record is; keys and values are secrets and are left out.
     *
     * @return sizes and version
     */
    @Override
    public String toString() {
        return "Entry[key=" + key.length + " bytes, value=" + value.length + " bytes, version=" + version + "]";
    }
}
