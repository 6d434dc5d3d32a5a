package io.ebridge.kv;

import java.util.List;

/**
 * What a salvage brought out of a damaged store.
 *
 * @param salvaged how many records were copied
 * @param findings what could not be copied and why, at most {@link VerifyReport#MAX_FINDINGS}
 * @param truncated whether more was lost than is listed
 */
public record SalvageReport(long salvaged, List<Finding> findings, boolean truncated) {
    /**
     * Copies the list.
     *
     * @param salvaged how many records were copied
     * @param findings what could not be copied
     * @param truncated whether more was lost than is listed
     */
    public SalvageReport {
        findings = List.copyOf(findings);
    }
}
