package io.ebridge.attest.snp;

/**
 * The policy that a guest was launched with, which the firmware enforces for its lifetime. Source: AMD 56860, "Guest
 * Policy".
 *
 * @param value the 64 bits
 */
public record SnpGuestPolicy(long value) {

    private boolean bit(int index) {
        return (value >>> index & 1) != 0;
    }

    /**
     * The least major ABI version that the guest needs.
     *
     * @return 0 to 255
     */
    public int abiMajor() {
        return (int) (value >>> 8 & 0xff);
    }

    /**
     * The least minor ABI version that the guest needs.
     *
     * @return 0 to 255
     */
    public int abiMinor() {
        return (int) (value & 0xff);
    }

    /**
     * Bit 16: simultaneous multithreading is allowed on the host.
     *
     * @return whether it is
     */
    public boolean smtAllowed() {
        return bit(16);
    }

    /**
     * Bit 18: the guest may be associated with a migration agent, which can move its memory elsewhere.
     *
     * @return whether it may
     */
    public boolean migrationAgentAllowed() {
        return bit(18);
    }

    /**
     * Bit 19: the host may read and write the guest's memory.
     *
     * @return whether it may
     */
    public boolean debugAllowed() {
        return bit(19);
    }

    /**
     * Bit 20: the guest runs on one socket only.
     *
     * @return whether it does
     */
    public boolean singleSocket() {
        return bit(20);
    }

    /**
     * Bit 21: CXL devices or memory may be present.
     *
     * @return whether they may
     */
    public boolean cxlAllowed() {
        return bit(21);
    }

    /**
     * Bit 22: memory is encrypted with AES-256-XTS.
     *
     * @return whether that is required
     */
    public boolean aes256XtsRequired() {
        return bit(22);
    }

    /**
     * Bit 23: running average power limits are off.
     *
     * @return whether that is required
     */
    public boolean raplDisabled() {
        return bit(23);
    }

    /**
     * Bit 24: ciphertext of the guest's memory is hidden from the host.
     *
     * @return whether that is required
     */
    public boolean ciphertextHidingRequired() {
        return bit(24);
    }

    /**
     * Bit 25: page move and swap commands are off.
     *
     * @return whether they are
     */
    public boolean pageSwapDisabled() {
        return bit(25);
    }

    /** Sixteen hexadecimal digits behind 0x. */
    @Override
    public String toString() {
        return String.format("0x%016x", value);
    }
}
