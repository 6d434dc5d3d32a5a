package io.ebridge.attest.tdx;

/**
 * A bit of a TD's attributes (Intel TDX Module 1.5 ABI specification, ATTRIBUTES). Bits that are not listed are reserved.
 */
public enum TdAttribute {
    /** The host can read and write the TD's memory. */
    DEBUG(0),
    /** The TD takes part in hardware-guided scheduling statistics; under debug attributes. */
    HGS_PLUS_PROF(4),
    /** The TD can be profiled by performance monitoring; under debug attributes. */
    PERF_PROF(5),
    /** The TD can be profiled by platform monitoring; under debug attributes. */
    PMT_PROF(6),
    /** Indirect control-flow speculation is left on. */
    ICSSD(16),
    /** The TD may use linear address space separation. */
    LASS(27),
    /** Faults on memory that the host took away end in the host, not in the TD: without it the host can inject faults. */
    SEPT_VE_DISABLE(28),
    /** The TD may be migrated by a service TD. */
    MIGRATABLE(29),
    /** The TD may use supervisor protection keys. */
    PKS(30),
    /** The TD may use key locker. */
    KL(31),
    /** The TD is a trusted provisioning agent. */
    TPA(62),
    /** The TD may use performance monitoring. */
    PERFMON(63);

    private final int bit;

    TdAttribute(int bit) {
        this.bit = bit;
    }

    /**
     * The bit's number.
     *
     * @return 0 to 63
     */
    public int bit() {
        return bit;
    }

    /**
     * The bit as a mask.
     *
     * @return a number with this bit set
     */
    public long mask() {
        return 1L << bit;
    }

    /**
     * Whether the bit is set.
     *
     * @param attributes a TD's attributes
     * @return whether it is
     */
    public boolean in(long attributes) {
        return (attributes & mask()) != 0;
    }
}
