package io.ebridge.testkit.assertions;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import org.jspecify.annotations.Nullable;

/**
 * Entry points of the assertions for evidence and verdicts. Stateless.
 *
 * <p>Failures say what the verifier said, including the message for operators.
 */
public final class AttestationAssertions {
    private AttestationAssertions() {}

    /**
     * Asserts on evidence.
     *
     * @param actual the evidence
     * @return its assertions
     */
    public static EvidenceAssert assertThat(@Nullable Evidence actual) {
        return new EvidenceAssert(actual);
    }

    /**
     * Asserts on what a verifier returned.
     *
     * @param actual the result
     * @return its assertions
     */
    public static VerdictAssert assertThat(@Nullable AttestationResult actual) {
        return new VerdictAssert(actual);
    }

    /**
     * Asserts on a rejection that was caught.
     *
     * @param actual the rejection
     * @return its assertions
     */
    public static RejectionAssert assertThat(@Nullable EvidenceRejectedException actual) {
        return new RejectionAssert(actual);
    }
}
