package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.CollateralRequest.Amd.SigningKey;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.snp.SnpReport;
import io.ebridge.attest.x509.X509;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Chooses, among all pieces at hand, those that belong to a report. It decides nothing: what it picks is verified
 * afterwards, and where nothing fits it picks what comes closest, so that the verdict names what is wrong with it.
 */
final class EndorsementSelector {

    private final Map<Kind, List<X509Certificate>> certificates = new EnumMap<>(Kind.class);
    private final VerificationContext context;
    private @Nullable EvidenceRejectedException unreadable;

    EndorsementSelector(Map<Kind, List<Bytes>> pieces, VerificationContext context) {
        this.context = context;
        pieces.forEach((kind, list) -> {
            if (kind == Kind.AMD_CRL) {
                return;
            }
            List<X509Certificate> read = new ArrayList<>();
            for (Bytes piece : list) {
                try {
                    read.addAll(X509.certificates(piece.toByteArray()));
                } catch (EvidenceRejectedException e) {
                    unreadable = e;
                }
            }
            certificates.put(kind, read);
        });
    }

    private static boolean isNamed(X509Certificate certificate, String commonName) {
        return X509.commonName(certificate.getSubjectX500Principal()).equals(commonName);
    }

    /** The endorsement key's certificate for a report. */
    X509Certificate endorsementKey(SnpReport report) throws EvidenceRejectedException {
        SigningKey key = report.signingKey();
        List<X509Certificate> named = named(key);
        if (named.isEmpty()) {
            SigningKey other = key == SigningKey.VCEK ? SigningKey.VLEK : SigningKey.VCEK;
            if (!named(other).isEmpty()) {
                throw new EvidenceRejectedException(
                        RejectionReason.SNP_ENDORSEMENT_TYPE,
                        "the report was signed by a " + key + ", and the certificate at hand is for a " + other);
            }
            throw missing(
                    key == SigningKey.VLEK ? Kind.VLEK : Kind.VCEK,
                    "there is no certificate of the " + key + " that signed the report");
        }
        return named.stream()
                .max(Comparator.comparingInt(certificate -> fit(certificate, report)))
                .orElseThrow();
    }

    /** Any endorsement key's certificate of a kind, in the order in which they were given. */
    List<X509Certificate> named(SigningKey key) {
        List<X509Certificate> result = new ArrayList<>();
        for (Kind kind : new Kind[] {Kind.VCEK, Kind.VLEK}) {
            for (X509Certificate certificate : certificates.getOrDefault(kind, List.of())) {
                if (isNamed(certificate, "SEV-" + key)) {
                    result.add(certificate);
                }
            }
        }
        return result;
    }

    private int fit(X509Certificate certificate, SnpReport report) {
        int score = 0;
        try {
            VekExtensions extensions = VekExtensions.read(certificate);
            Optional<Bytes> id = extensions.hardwareId();
            if (id.isPresent() && SnpVerifier.sameChip(id.get(), report.chipId())) {
                score += 4;
            }
            if (extensions.tcb().equals(report.reportedTcb())) {
                score += 2;
            }
        } catch (EvidenceRejectedException e) {
            return -1;
        }
        return valid(certificate) ? score + 1 : score;
    }

    /** The certificate of the issuer of another one: by name, and valid now where there are several. */
    Optional<X509Certificate> issuerOf(X509Certificate certificate, Kind... kinds) {
        X500Principal wanted = certificate.getIssuerX500Principal();
        X509Certificate best = null;
        int bestScore = -1;
        for (Kind kind : kinds) {
            for (X509Certificate candidate : certificates.getOrDefault(kind, List.of())) {
                if (candidate.getBasicConstraints() < 0) {
                    continue;
                }
                int score = (candidate.getSubjectX500Principal().equals(wanted) ? 2 : 0) + (valid(candidate) ? 1 : 0);
                if (score > bestScore) {
                    best = candidate;
                    bestScore = score;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** The certificates of issuers of a kind. */
    List<X509Certificate> issuers(Kind kind) {
        return all(kind, kind == Kind.ASVK ? "SEV-VLEK-[A-Za-z]+" : "SEV-(?!VLEK|VCEK)[A-Za-z]+");
    }

    /** The certificates of roots. */
    List<X509Certificate> roots() {
        return all(Kind.ARK, "ARK-[A-Za-z]+");
    }

    private List<X509Certificate> all(Kind kind, String names) {
        return certificates.getOrDefault(kind, List.of()).stream()
                .filter(certificate ->
                        X509.commonName(certificate.getSubjectX500Principal()).matches(names))
                .distinct()
                .toList();
    }

    /** Nothing fits: says so, unless something was there that could not be read. */
    EvidenceRejectedException missing(Kind kind, String detail) {
        EvidenceRejectedException cause = unreadable;
        return cause != null ? cause : context.absent(kind, RejectionReason.SNP_ENDORSEMENT_MISSING, detail);
    }

    private boolean valid(X509Certificate certificate) {
        Instant now = context.now();
        return !certificate.getNotBefore().toInstant().isAfter(now)
                && !certificate.getNotAfter().toInstant().isBefore(now);
    }
}
