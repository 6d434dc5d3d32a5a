package io.ebridge.ratls;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.CertificateEvidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.tls.CertificateJudge;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges certificates that carry evidence, whichever profile they follow. */
final class CertificateMode {

    private CertificateMode() {}

    static CertificateJudge judge(
            List<AppraisalPolicy> policies,
            @Nullable EvidenceVerifier verifier,
            InstantSource clock,
            Set<Bytes> roots) {
        EvidenceVerifier by =
                verifier == null ? EvidenceVerifier.builder().clock(clock).build() : verifier;
        List<AppraisalPolicy> accepted = List.copyOf(policies);
        return chain -> judge(chain, accepted, by, clock);
    }

    private static AttestedPeer judge(
            X509Certificate[] chain, List<AppraisalPolicy> policies, EvidenceVerifier verifier, InstantSource clock)
            throws AttestedTlsException {
        try {
            CertificateEvidence evidence = CertificateEvidence.of(chain[0]);
            for (AppraisalPolicy policy : policies) {
                if (policy.format() == evidence.evidence().format()) {
                    return new AttestedPeer(
                            AttestedPeer.Mode.CERTIFICATE,
                            chain[0].getSubjectX500Principal().getName(),
                            Optional.empty(),
                            evidence.evidence(),
                            verifier.verify(evidence, policy),
                            chain[0],
                            clock.instant());
                }
            }
            throw new AttestedTlsException(
                    Reason.FORMAT_NOT_WANTED,
                    "evidence of format " + evidence.evidence().format());
        } catch (EvidenceRejectedException e) {
            throw new AttestedTlsException(Reason.EVIDENCE_REJECTED, String.valueOf(e.getMessage()), e);
        }
    }
}
