package io.ebridge.ratls.certificate;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Objects;

/**
 * An intermediate CA whose key the enclave holds, as Enclave OS certificates need it. The string form does not show the key.
 *
 * @param certificate the CA's certificate, sent after the leaf
 * @param key its EC key
 */
public record CertificateIssuer(X509Certificate certificate, PrivateKey key) {

    /**
     * Checks that it is a CA.
     *
     * @param certificate the CA's certificate, sent after the leaf
     * @param key its EC key
     */
    public CertificateIssuer {
        Objects.requireNonNull(key, "key");
        if (certificate.getBasicConstraints() < 0) {
            throw new IllegalArgumentException(certificate.getSubjectX500Principal() + " is no CA");
        }
    }

    @Override
    public String toString() {
        return "CertificateIssuer[" + certificate.getSubjectX500Principal() + "]";
    }
}
