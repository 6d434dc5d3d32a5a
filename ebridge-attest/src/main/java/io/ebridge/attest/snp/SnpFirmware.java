package io.ebridge.attest.snp;

/**
 * A version of the SNP firmware. Source: AMD 56860, ATTESTATION_REPORT, CURRENT and COMMITTED major, minor and build.
 *
 * @param major the major number of the ABI, 0 to 255
 * @param minor its minor number, 0 to 255
 * @param build the build, 0 to 255
 */
public record SnpFirmware(int major, int minor, int build) implements Comparable<SnpFirmware> {

    /**
     * Checks the ranges.
     *
     * @param major the major number of the ABI, 0 to 255
     * @param minor its minor number, 0 to 255
     * @param build the build, 0 to 255
     * @throws IllegalArgumentException if a number is out of range
     */
    public SnpFirmware {
        if (((major | minor | build) & ~0xff) != 0) {
            throw new IllegalArgumentException("numbers of a firmware version are 0 to 255");
        }
    }

    /** Orders by major, then minor, then build. */
    @Override
    public int compareTo(SnpFirmware other) {
        return Integer.compare(number(), other.number());
    }

    private int number() {
        return major << 16 | minor << 8 | build;
    }

    /** Such as {@code 1.55.29}. */
    @Override
    public String toString() {
        return major + "." + minor + "." + build;
    }
}
