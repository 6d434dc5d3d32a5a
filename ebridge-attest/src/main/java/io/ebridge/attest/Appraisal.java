package io.ebridge.attest;

import java.util.Optional;

/**
 * What is known of the code that made the evidence.
 *
 * @param made whether a policy was applied; false only after {@link EvidenceVerifier#insecureWithoutAppraisal}
 * @param debug whether the enclave can be debugged, so that its memory is open to the host
 * @param matched which of the policy's reference values the evidence matched, in words; empty if no policy was applied
 */
public record Appraisal(boolean made, boolean debug, Optional<String> matched) {}
