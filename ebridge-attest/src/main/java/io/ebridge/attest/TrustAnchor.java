package io.ebridge.attest;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import javax.security.auth.x500.X500Principal;

/**
 * A vendor's root, pinned by name and public key. A certificate's own serial number and dates play no part: Intel's root
 * exists as several certificates with one name and one key.
 *
 * @param vendor whose root it is
 * @param subject its name
 * @param publicKey its key
 */
public record TrustAnchor(Vendor vendor, X500Principal subject, PublicKey publicKey) {

    /**
     * Takes name and key from a certificate, whose dates and signature are not looked at.
     *
     * @param vendor whose root it is
     * @param certificate a root certificate
     * @return the anchor
     */
    public static TrustAnchor of(Vendor vendor, X509Certificate certificate) {
        return new TrustAnchor(vendor, certificate.getSubjectX500Principal(), certificate.getPublicKey());
    }

    /**
     * Whether a certificate bears this anchor's name and key.
     *
     * @param certificate a certificate
     * @return whether both agree
     */
    public boolean matches(X509Certificate certificate) {
        return subject.equals(certificate.getSubjectX500Principal())
                && java.security.MessageDigest.isEqual(
                        publicKey.getEncoded(), certificate.getPublicKey().getEncoded());
    }

    /** The vendor and the name. */
    @Override
    public String toString() {
        return vendor + " " + subject.getName();
    }
}
