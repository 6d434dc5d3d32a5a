package io.ebridge.attest;

import java.util.Set;

/**
 * What is known of who signed the evidence. Where a result exists at all, every signature on it was verified up to the anchor.
 *
 * @param anchor the root that it leads to
 * @param revocationChecked whether every certificate that can be revoked was looked up in a current CRL
 * @param missing kinds of collateral that were not at hand and that the policy did without; empty at full strictness
 * @param strictness what was demanded
 */
public record Authenticity(
        TrustAnchor anchor, boolean revocationChecked, Set<Collateral.Kind> missing, Strictness strictness) {

    /**
     * Copies the set.
     *
     * @param anchor the root that it leads to
     * @param revocationChecked whether every certificate that can be revoked was looked up in a current CRL
     * @param missing kinds of collateral that were not at hand and that the policy did without
     * @param strictness what was demanded
     */
    public Authenticity {
        missing = Set.copyOf(missing);
    }
}
