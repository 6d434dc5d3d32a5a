package io.ebridge.attest.x509;

import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.internal.VerificationContext;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.Set;

/**
 * A revocation list whose issuer and signature were verified.
 *
 * @param revoked the serial numbers on it
 * @param window this update to next update
 */
public record VerifiedCrl(Set<BigInteger> revoked, ValidityWindow window) {

    /** Rejects a certificate that is on the list. It must come from the list's issuer; the caller has chosen the list so. */
    public void requireNotRevoked(X509Certificate certificate, VerificationContext context)
            throws EvidenceRejectedException {
        context.require(
                !revoked.contains(certificate.getSerialNumber()),
                RejectionReason.CERTIFICATE_REVOKED,
                () -> "the certificate of "
                        + certificate.getSubjectX500Principal().getName() + " with serial number "
                        + certificate.getSerialNumber().toString(16) + " was revoked by its issuer");
    }
}
