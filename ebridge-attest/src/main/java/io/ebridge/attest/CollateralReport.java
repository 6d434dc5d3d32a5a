package io.ebridge.attest;

import java.util.Set;

/**
 * Collateral that was verified on its own, without evidence: before a vendor's recovery event, say, or when a cache is filled.
 *
 * @param format what it is collateral for
 * @param anchor the root that it leads to
 * @param validity the intersection of the windows of all pieces
 * @param checked the kinds that were verified
 */
public record CollateralReport(
        EvidenceFormat format, TrustAnchor anchor, ValidityWindow validity, Set<Collateral.Kind> checked) {

    /** Copies the set. */
    public CollateralReport {
        checked = Set.copyOf(checked);
    }
}
