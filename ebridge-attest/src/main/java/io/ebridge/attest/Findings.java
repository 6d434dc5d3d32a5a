package io.ebridge.attest;

import java.util.Set;

/**
 * What every result has, whatever the format.
 *
 * @param authenticity who signed
 * @param freshness when
 * @param appraisal what
 * @param validity the intersection of all windows that the result rests on: certificates, CRLs, TCB info, identities
 * @param checks the reasons for which the evidence could have been rejected and was not: the checks that were made
 */
public record Findings(
        Authenticity authenticity,
        Freshness freshness,
        Appraisal appraisal,
        ValidityWindow validity,
        Set<RejectionReason> checks) {

    /**
     * Copies the set, in the order of the constants.
     *
     * @param authenticity who signed
     * @param freshness when
     * @param appraisal what
     * @param validity the intersection of all windows that the result rests on
     * @param checks the reasons for which the evidence could have been rejected and was not
     */
    public Findings {
        checks = checks.isEmpty() ? Set.of() : java.util.Collections.unmodifiableSet(java.util.EnumSet.copyOf(checks));
    }
}
