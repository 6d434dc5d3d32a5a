package io.ebridge.kv;

import java.util.List;

/**
 * What a full check of a store found.
 *
 * @param verified how many records were read, opened and found to be the newest
 * @param findings what is wrong, at most {@link #MAX_FINDINGS}
 * @param truncated whether more is wrong than is listed
 */
public record VerifyReport(long verified, List<Finding> findings, boolean truncated) {

    /** The most findings one report lists. */
    public static final int MAX_FINDINGS = 10_000;

    /**
     * Copies the list.
     *
     * @param verified how many records are good
     * @param findings what is wrong
     * @param truncated whether more is wrong than is listed
     */
    public VerifyReport {
        findings = List.copyOf(findings);
    }

    /**
     * The report, if nothing is wrong.
     *
     * @return this
     * @throws TamperedException if anything was found
     */
    public VerifyReport orThrow() {
        if (!findings.isEmpty()) {
            Finding first = findings.get(0);
            throw new TamperedException(
                    first.namespace().orElse(null),
                    findings.size() + (truncated ? "+" : "") + " findings, the first: " + first.reason() + " "
                            + first.recordId() + " " + first.detail(),
                    null);
        }
        return this;
    }
}
