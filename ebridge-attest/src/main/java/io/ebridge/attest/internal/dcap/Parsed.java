package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.internal.ExpiringCache;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.x509.X509;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * Remembers what pieces of collateral parse to, by their hash: choosing among many pieces then costs a lookup each. Parsing says
 * nothing of trust, so these entries have no window.
 */
final class Parsed {

    private Parsed() {}

    /** The certificates of a piece. */
    record Certificates(List<X509Certificate> all) {}

    /** The CRLs of a piece. */
    record Crls(List<Crl> all) {}

    /** A CRL by issuer and time. */
    record Crl(byte[] der, X500Principal issuer, Instant thisUpdate, Optional<Instant> nextUpdate) {

        boolean isCurrent(Instant now) {
            return !now.isBefore(thisUpdate) && nextUpdate.isPresent() && !now.isAfter(nextUpdate.get());
        }
    }

    static List<X509Certificate> certificates(Bytes piece, VerificationContext context)
            throws EvidenceRejectedException {
        ExpiringCache<Certificates> cache = context.cache(Certificates.class);
        Optional<Certificates> known = cache.get(piece.sha256(), context.now());
        if (known.isPresent()) {
            return known.get().all();
        }
        List<X509Certificate> parsed = List.copyOf(X509.certificates(piece.toByteArray()));
        cache.put(piece.sha256(), new Certificates(parsed), ValidityWindow.ALWAYS, context.now(), 2 * piece.length());
        return parsed;
    }

    static List<Crl> crls(Bytes piece, VerificationContext context) throws EvidenceRejectedException {
        ExpiringCache<Crls> cache = context.cache(Crls.class);
        Optional<Crls> known = cache.get(piece.sha256(), context.now());
        if (known.isPresent()) {
            return known.get().all();
        }
        List<Crl> parsed = new ArrayList<>();
        for (byte[] der : X509.crlBlocks(piece.toByteArray())) {
            X509CRL crl = X509.crl(der);
            parsed.add(new Crl(
                    der,
                    crl.getIssuerX500Principal(),
                    crl.getThisUpdate().toInstant(),
                    Optional.ofNullable(crl.getNextUpdate()).map(java.util.Date::toInstant)));
        }
        List<Crl> all = List.copyOf(parsed);
        cache.put(piece.sha256(), new Crls(all), ValidityWindow.ALWAYS, context.now(), 2 * piece.length());
        return all;
    }
}
