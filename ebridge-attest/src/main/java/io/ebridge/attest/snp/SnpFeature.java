package io.ebridge.attest.snp;

import java.util.function.Predicate;

/**
 * Something that a policy can demand of the guest's policy, which the firmware enforces for the guest's lifetime, or of
 * how the platform was configured when the report was made. Source: AMD 56860, "Guest Policy" and PLATFORM_INFO.
 */
public enum SnpFeature {
    /** The guest's policy forbids simultaneous multithreading on the host. */
    NO_SMT(report -> !report.policy().smtAllowed()),
    /** The guest's policy keeps it on one socket. */
    SINGLE_SOCKET(report -> report.policy().singleSocket()),
    /** The guest's policy forbids CXL. */
    NO_CXL(report -> !report.policy().cxlAllowed()),
    /** The guest's policy demands AES-256-XTS for memory. */
    AES_256_XTS(report -> report.policy().aes256XtsRequired()),
    /** Running average power limits are off: the guest's policy demands it, or the platform has it so. */
    NO_RAPL(report -> report.policy().raplDisabled() || report.platformInfo().raplDisabled()),
    /** Ciphertext is hidden: the guest's policy demands it, or the platform has it so. */
    CIPHERTEXT_HIDING(report ->
            report.policy().ciphertextHidingRequired() || report.platformInfo().ciphertextHidingEnabled()),
    /** The guest's policy forbids page move and swap commands. */
    NO_PAGE_SWAP(report -> report.policy().pageSwapDisabled()),
    /** The platform has simultaneous multithreading off. */
    PLATFORM_SMT_OFF(report -> !report.platformInfo().smtEnabled()),
    /** The platform encrypts all of its memory. */
    TSME(report -> report.platformInfo().tsmeEnabled()),
    /** The platform's memory has error correction. */
    ECC(report -> report.platformInfo().eccEnabled()),
    /** The platform found no memory aliases since the last reset (AMD-SB-3015). */
    ALIAS_CHECK(report -> report.platformInfo().aliasCheckComplete());

    private final Predicate<SnpReport> test;

    SnpFeature(Predicate<SnpReport> test) {
        this.test = test;
    }

    /**
     * Whether a report shows it.
     *
     * @param report the report
     * @return whether it does
     */
    public boolean shownBy(SnpReport report) {
        return test.test(report);
    }
}
