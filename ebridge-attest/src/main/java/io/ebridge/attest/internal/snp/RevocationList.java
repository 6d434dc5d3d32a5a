package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.x509.X509;
import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** A revocation list as it came, with the window that it states. Not verified. */
record RevocationList(Bytes der, ValidityWindow window) {

    /** Of the lists of an issuer the newest that is current, or else the newest. */
    static Optional<RevocationList> choose(@Nullable List<Bytes> pieces, X500Principal issuer, Instant now)
            throws EvidenceRejectedException {
        RevocationList best = null;
        EvidenceRejectedException unreadable = null;
        for (Bytes piece : pieces == null ? List.<Bytes>of() : pieces) {
            try {
                for (byte[] der : X509.crlBlocks(piece.toByteArray())) {
                    X509CRL crl = X509.crl(der);
                    if (crl.getIssuerX500Principal().equals(issuer)) {
                        RevocationList list = new RevocationList(Bytes.of(der), windowOf(crl));
                        best = best == null || list.isBetterThan(best, now) ? list : best;
                    }
                }
            } catch (EvidenceRejectedException e) {
                unreadable = e;
            }
        }
        if (best == null && unreadable != null) {
            throw unreadable;
        }
        return Optional.ofNullable(best);
    }

    private static ValidityWindow windowOf(X509CRL crl) {
        Instant from = crl.getThisUpdate().toInstant();
        return new ValidityWindow(
                from, crl.getNextUpdate() == null ? from : crl.getNextUpdate().toInstant());
    }

    private boolean isBetterThan(RevocationList other, Instant now) {
        boolean current = window.contains(now);
        return current == other.window.contains(now) ? window.from().isAfter(other.window.from()) : current;
    }
}
