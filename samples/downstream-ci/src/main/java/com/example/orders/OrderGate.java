package com.example.orders;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationException;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceVerifier;

/** Lets evidence pass only if it comes from the right code on genuine hardware. */
final class OrderGate {
    private final EvidenceVerifier verifier;
    private final AppraisalPolicy policy;

    OrderGate(EvidenceVerifier verifier, AppraisalPolicy policy) {
        this.verifier = verifier;
        this.policy = policy;
    }

    void check(Evidence evidence, byte[] reportData) throws AttestationException {
        verifier.verify(evidence, policy.withReportData(reportData));
    }
}
