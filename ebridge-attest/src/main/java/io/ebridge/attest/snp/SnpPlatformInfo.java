package io.ebridge.attest.snp;

/**
 * How the platform was configured when the report was made. Bits that have no accessor here have no published meaning yet
 * and are not judged; some current processors set bit 6. Source: AMD 56860, PLATFORM_INFO.
 *
 * @param value the 64 bits
 */
public record SnpPlatformInfo(long value) {

    private boolean bit(int index) {
        return (value >>> index & 1) != 0;
    }

    /**
     * Bit 0: simultaneous multithreading is on.
     *
     * @return whether it is
     */
    public boolean smtEnabled() {
        return bit(0);
    }

    /**
     * Bit 1: all of memory is encrypted.
     *
     * @return whether it is
     */
    public boolean tsmeEnabled() {
        return bit(1);
    }

    /**
     * Bit 2: memory has error correction.
     *
     * @return whether it has
     */
    public boolean eccEnabled() {
        return bit(2);
    }

    /**
     * Bit 3: running average power limits are off.
     *
     * @return whether they are
     */
    public boolean raplDisabled() {
        return bit(3);
    }

    /**
     * Bit 4: ciphertext hiding is on.
     *
     * @return whether it is
     */
    public boolean ciphertextHidingEnabled() {
        return bit(4);
    }

    /**
     * Bit 5: since the last reset no two addresses were found to lead to the same memory (AMD-SB-3015).
     *
     * @return whether that was checked
     */
    public boolean aliasCheckComplete() {
        return bit(5);
    }

    /**
     * Bit 7: trusted I/O is on.
     *
     * @return whether it is
     */
    public boolean trustedIoEnabled() {
        return bit(7);
    }

    /** Sixteen hexadecimal digits behind 0x. */
    @Override
    public String toString() {
        return String.format("0x%016x", value);
    }
}
