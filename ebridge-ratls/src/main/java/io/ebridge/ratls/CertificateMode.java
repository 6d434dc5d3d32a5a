package io.ebridge.ratls;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.certificate.AttestedCertificate;
import io.ebridge.ratls.certificate.CertificateProfile;
import io.ebridge.ratls.strict.Recent;
import io.ebridge.ratls.strict.RecentVerdicts;
import io.ebridge.ratls.tls.CertificateJudge;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Judges certificates that carry evidence, whichever profile they follow.
 *
 * <p>A verdict is shared for a second by all connections that show the very same certificate, byte for byte, within the windows of its result and the age
 * that the policy allows: it is of what the certificate says, which is the same each time. That the peer has the key, that the certificate is valid now and
 * of the service that is expected, is established for each connection; rejections are not remembered.
 */
final class CertificateMode implements CertificateJudge {

    private record Verdict(AttestedPeer peer, AppraisalPolicy policy, List<X509Certificate> validIssuers) {}

    private final List<AppraisalPolicy> policies;
    private final EvidenceVerifier verifier;
    private final InstantSource clock;
    private final Set<Bytes> roots;
    private final List<X509Certificate> issuers;
    private final String arc;
    private final Recent<X509Certificate, Verdict> recent;

    CertificateMode(
            List<AppraisalPolicy> policies,
            @Nullable EvidenceVerifier verifier,
            InstantSource clock,
            Set<Bytes> roots,
            List<X509Certificate> issuers,
            String arc,
            LongSupplier nanoTime) {
        this.policies = List.copyOf(policies);
        this.verifier =
                verifier == null ? EvidenceVerifier.builder().clock(clock).build() : verifier;
        this.clock = clock;
        this.roots = Set.copyOf(roots);
        this.issuers = List.copyOf(issuers);
        this.arc = arc;
        this.recent = new Recent<>(nanoTime);
    }

    @Override
    public AttestedPeer judge(X509Certificate[] chain) throws AttestedTlsException {
        // Certificates are equal if all their bytes are.
        return recent.get(chain[0], this::holds, () -> verify(chain[0])).peer;
    }

    private boolean holds(Verdict verdict) {
        return RecentVerdicts.holds(
                        verdict.peer.result(), verdict.policy, verifier.clock().instant())
                && verdict.validIssuers.equals(validIssuers(clock.instant()));
    }

    private List<X509Certificate> validIssuers(Instant at) {
        return issuers.stream()
                .filter(issuer -> !at.isBefore(issuer.getNotBefore().toInstant())
                        && !at.isAfter(issuer.getNotAfter().toInstant()))
                .toList();
    }

    private Verdict verify(X509Certificate leaf) throws AttestedTlsException {
        Instant now = clock.instant();
        AttestedCertificate attested = AttestedCertificate.read(leaf, arc);
        if (!issuers.isEmpty() || attested.profile() == CertificateProfile.Kind.ENCLAVE_OS) {
            // What such a certificate says beside its key is covered by nothing else.
            attested.requireIssuedBy(issuers, now);
        }
        if (!roots.isEmpty()
                && !attested.configurationRoot().map(roots::contains).orElse(false)) {
            throw new AttestedTlsException(Reason.CONFIGURATION_ROOT, "the certificate claims another configuration");
        }
        for (AppraisalPolicy policy : policies) {
            if (policy.format() == attested.evidence().format()) {
                try {
                    AttestedPeer peer = new AttestedPeer(
                            AttestedPeer.Mode.CERTIFICATE,
                            attested.service()
                                    .orElse(leaf.getSubjectX500Principal().getName()),
                            attested.configurationRoot(),
                            attested.evidence(),
                            attested.verify(verifier, policy),
                            leaf,
                            now);
                    return new Verdict(peer, policy, validIssuers(now));
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
