package io.ebridge.testkit.assertions;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions on {@link Evidence}, and on what a verifier makes of it. */
public final class EvidenceAssert extends AbstractAssert<EvidenceAssert, Evidence> {
    EvidenceAssert(@Nullable Evidence actual) {
        super(actual, EvidenceAssert.class);
    }

    /**
     * Says that it is of a format, by its label and by its first bytes.
     *
     * @param format the format
     * @return this
     */
    public EvidenceAssert hasFormat(EvidenceFormat format) {
        isNotNull();
        if (actual.format() != format) {
            failWithMessage("Expected evidence of %s, but it is labelled %s", format, actual.format());
        }
        var detected = Evidence.detect(actual.bytes().toByteArray());
        if (detected.isEmpty() || detected.get() != format) {
            failWithMessage("Expected evidence of %s, but its bytes look like %s", format, detected);
        }
        return this;
    }

    /**
     * Says that collateral of a kind is attached to it.
     *
     * @param kind the kind
     * @return this
     */
    public EvidenceAssert hasAttached(Collateral.Kind kind) {
        isNotNull();
        if (!actual.collateral().kinds().contains(kind)) {
            failWithMessage("Expected %s to be attached, but there is %s", kind, actual.collateral());
        }
        return this;
    }

    /**
     * Says that a verifier accepts it.
     *
     * @param verifier the verifier
     * @param policy the policy
     * @return assertions on the result
     */
    public VerdictAssert isAcceptedBy(EvidenceVerifier verifier, AppraisalPolicy policy) {
        isNotNull();
        AttestationResult result = null;
        try {
            result = verifier.verify(actual, policy);
        } catch (EvidenceRejectedException e) {
            throw failure(
                    "Expected %s evidence to be accepted, but it was rejected: %s", actual.format(), e.getMessage());
        }
        return new VerdictAssert(result);
    }

    /**
     * Says that a verifier rejects it, and why.
     *
     * @param verifier the verifier
     * @param policy the policy
     * @param reason the reason
     * @return assertions on the rejection
     */
    public RejectionAssert isRejectedBy(EvidenceVerifier verifier, AppraisalPolicy policy, RejectionReason reason) {
        isNotNull();
        try {
            verifier.verify(actual, policy);
        } catch (EvidenceRejectedException e) {
            return new RejectionAssert(e).hasReason(reason);
        }
        throw failure("Expected %s evidence to be rejected for %s, but it was accepted", actual.format(), reason);
    }
}
