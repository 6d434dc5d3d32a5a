package io.ebridge.testkit.assertions;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions on an {@link AttestationResult}. */
public final class VerdictAssert extends AbstractAssert<VerdictAssert, AttestationResult> {
    VerdictAssert(@Nullable AttestationResult actual) {
        super(actual, VerdictAssert.class);
    }

    /**
     * Says which format was verified.
     *
     * @param format the format
     * @return this
     */
    public VerdictAssert hasFormat(EvidenceFormat format) {
        isNotNull();
        if (actual.format() != format) {
            failWithMessage("Expected a result for %s, but it is for %s", format, actual.format());
        }
        return this;
    }

    /**
     * Says that the enclave cannot be debugged.
     *
     * @return this
     */
    public VerdictAssert isNotDebug() {
        isNotNull();
        if (actual.appraisal().debug()) {
            failWithMessage("Expected a production enclave, but it can be debugged");
        }
        return this;
    }

    /**
     * Says that a policy was applied, nothing was done without and revocation was checked where the format has it.
     *
     * @return this
     */
    public VerdictAssert isComplete() {
        isNotNull();
        if (!actual.appraisal().made()) {
            failWithMessage("Expected a result with an appraisal, but no policy was applied");
        }
        if (!actual.authenticity().missing().isEmpty()) {
            failWithMessage(
                    "Expected complete collateral, but %s was done without",
                    actual.authenticity().missing());
        }
        if (!actual.authenticity().revocationChecked() && actual.format() != EvidenceFormat.NITRO) {
            failWithMessage("Expected revocation to be checked, but it was not");
        }
        return this;
    }

    /**
     * Says what shows that the evidence is recent.
     *
     * @param proofs all of these
     * @return this
     */
    public VerdictAssert isFreshBy(Freshness.Proof... proofs) {
        isNotNull();
        Set<Freshness.Proof> missing = EnumSet.noneOf(Freshness.Proof.class);
        missing.addAll(Arrays.asList(proofs));
        missing.removeAll(actual.freshness().proofs());
        if (!missing.isEmpty() || proofs.length == 0 && !actual.freshness().established()) {
            failWithMessage(
                    "Expected freshness by %s, but it was shown by %s",
                    Arrays.toString(proofs), actual.freshness().proofs());
        }
        return this;
    }

    /**
     * Says that checks were made.
     *
     * @param checks the checks, by the reason for which they reject
     * @return this
     */
    public VerdictAssert hasChecked(RejectionReason... checks) {
        isNotNull();
        Set<RejectionReason> missing = EnumSet.noneOf(RejectionReason.class);
        missing.addAll(Arrays.asList(checks));
        missing.removeAll(actual.checks());
        if (!missing.isEmpty()) {
            failWithMessage("Expected the checks %s to have been made, but they were not", missing);
        }
        return this;
    }

    /**
     * Says that everything the result rests on is valid at an instant.
     *
     * @param instant the instant
     * @return this
     */
    public VerdictAssert isValidAt(Instant instant) {
        isNotNull();
        if (!actual.validity().contains(instant)) {
            failWithMessage("Expected validity at %s, but the window is %s", instant, actual.validity());
        }
        return this;
    }
}
