package io.ebridge.ratls;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.certificate.AttestedCertificate;
import io.ebridge.ratls.certificate.CertificateProfile;
import io.ebridge.ratls.tls.CertificateJudge;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges certificates that carry evidence, whichever profile they follow. */
final class CertificateMode {

    private CertificateMode() {}

    static CertificateJudge judge(
            List<AppraisalPolicy> policies,
            @Nullable EvidenceVerifier verifier,
            InstantSource clock,
            Set<Bytes> roots,
            List<X509Certificate> issuers) {
        EvidenceVerifier by =
                verifier == null ? EvidenceVerifier.builder().clock(clock).build() : verifier;
        List<AppraisalPolicy> accepted = List.copyOf(policies);
        Set<Bytes> allowed = Set.copyOf(roots);
        List<X509Certificate> trusted = List.copyOf(issuers);
        return chain -> judge(chain, accepted, by, clock, allowed, trusted);
    }

    private static AttestedPeer judge(
            X509Certificate[] chain,
            List<AppraisalPolicy> policies,
            EvidenceVerifier verifier,
            InstantSource clock,
            Set<Bytes> roots,
            List<X509Certificate> issuers)
            throws AttestedTlsException {
        AttestedCertificate attested = AttestedCertificate.read(chain[0]);
        if (!issuers.isEmpty() || attested.profile() == CertificateProfile.Kind.ENCLAVE_OS) {
            // What such a certificate says beside its key is covered by nothing else.
            attested.requireIssuedBy(issuers, clock.instant());
        }
        if (!roots.isEmpty()
                && !attested.configurationRoot().map(roots::contains).orElse(false)) {
            throw new AttestedTlsException(Reason.CONFIGURATION_ROOT, "the certificate claims another configuration");
        }
        for (AppraisalPolicy policy : policies) {
            if (policy.format() == attested.evidence().format()) {
                try {
                    return new AttestedPeer(
                            AttestedPeer.Mode.CERTIFICATE,
                            attested.service()
                                    .orElse(chain[0].getSubjectX500Principal().getName()),
                            attested.configurationRoot(),
                            attested.evidence(),
                            attested.verify(verifier, policy),
                            chain[0],
                            clock.instant());
                } catch (EvidenceRejectedException e) {
                    throw new AttestedTlsException(Reason.EVIDENCE_REJECTED, String.valueOf(e.getMessage()), e);
                }
            }
        }
        throw new AttestedTlsException(
                Reason.FORMAT_NOT_WANTED,
                "evidence of format " + attested.evidence().format());
    }
}
