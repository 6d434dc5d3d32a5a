package io.ebridge.kv.spi;

/**
 * One entry of a scan.
 *
 * @param key the key
 * @param value the value, possibly cut
 */
public record HostEntry(byte[] key, byte[] value) {
    /**
     * Sizes only.
     *
     * @return a description
     */
    @Override
    public String toString() {
        return "HostEntry[key=" + key.length + " bytes, value=" + value.length + " bytes]";
    }
}
