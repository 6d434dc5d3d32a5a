package io.ebridge.attest.snp;

/**
 * The processor as a report of version 3 or later names it. Source: AMD 56860, ATTESTATION_REPORT, CPUID fields.
 *
 * @param family family and extended family added, 0 to 255
 * @param model model and extended model together, 0 to 255
 * @param stepping the stepping, 0 to 255
 */
public record SnpCpu(int family, int model, int stepping) {

    /** Such as {@code family 0x19 model 0x11 stepping 1}. */
    @Override
    public String toString() {
        return String.format("family 0x%02x model 0x%02x stepping %d", family, model, stepping);
    }
}
