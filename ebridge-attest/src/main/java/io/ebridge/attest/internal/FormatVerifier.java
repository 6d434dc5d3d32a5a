package io.ebridge.attest.internal;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.EvidenceRejectedException;
import org.jspecify.annotations.Nullable;

/**
 * One format. Stateless; what is remembered between verifications lives in the {@link VerifierState} that the context leads to.
 *
 * @param <P> its policy
 * @param <R> its result
 */
public interface FormatVerifier<P extends AppraisalPolicy, R extends AttestationResult> {

    /**
     * Judges evidence.
     *
     * @param evidence the bytes; not written to
     * @param policy the policy, or null to check authenticity and windows only
     * @param context clock, anchors, signatures, collateral, strictness, and where passed checks are noted
     * @return the result
     * @throws EvidenceRejectedException if any check fails
     */
    R verify(byte[] evidence, @Nullable P policy, VerificationContext context) throws EvidenceRejectedException;

    /**
     * Checks signatures, chains and windows of every piece of collateral on its own.
     *
     * @param collateral the pieces
     * @param context as for evidence
     * @return what was found
     * @throws EvidenceRejectedException if any piece fails a check, or there is none
     */
    CollateralReport checkCollateral(Collateral collateral, VerificationContext context)
            throws EvidenceRejectedException;
}
