package io.ebridge.attest.x509;

import io.ebridge.attest.TrustAnchor;
import io.ebridge.attest.ValidityWindow;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A chain whose signatures, names and constraints were verified up to an anchor.
 *
 * @param certificates leaf first, root last
 * @param anchor the root's anchor
 * @param window the intersection of the certificates' validity
 */
public record VerifiedChain(List<X509Certificate> certificates, TrustAnchor anchor, ValidityWindow window) {

    /** The first certificate. */
    public X509Certificate leaf() {
        return certificates.get(0);
    }

    /** The first certificate's key. */
    public PublicKey key() {
        return leaf().getPublicKey();
    }

    /** The chain without its first certificate. */
    public VerifiedChain issuer() {
        if (certificates.size() == 1) {
            return this;
        }
        List<X509Certificate> rest = certificates.subList(1, certificates.size());
        return new VerifiedChain(rest, anchor, ChainValidator.windowOf(rest));
    }
}
