package io.ebridge.ratls.tls;

import io.ebridge.attest.Bytes;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Certificates seen of late, so that one which is shown again and again is parsed and its key hashed once. What is remembered follows from a certificate's
 * bytes alone and says nothing of whether it is to be trusted. Bounded; thread-safe.
 */
final class SeenCertificates {

    static final int MAX = 64;

    /** A certificate, and the SHA-256 of its SubjectPublicKeyInfo. */
    record Seen(X509Certificate certificate, Bytes keyHash) {}

    private record Encoded(byte[] der) {
        private static final int SIGNATURE_BYTES = 32;

        @Override
        public boolean equals(@org.jspecify.annotations.Nullable Object other) {
            return other instanceof Encoded that && Arrays.equals(der, that.der);
        }

        /** Of the end, where the signature is: with evidence inside, the whole has kilobytes. */
        @Override
        public int hashCode() {
            return Arrays.hashCode(Arrays.copyOfRange(der, Math.max(0, der.length - SIGNATURE_BYTES), der.length));
        }
    }

    private final Map<Encoded, Seen> seen = new LinkedHashMap<>();

    Seen of(X509Certificate shown) throws CertificateEncodingException {
        Encoded encoded = new Encoded(shown.getEncoded());
        synchronized (seen) {
            Seen known = seen.get(encoded);
            if (known != null) {
                return known;
            }
        }
        Seen first = new Seen(shown, Bytes.of(shown.getPublicKey().getEncoded()).sha256());
        synchronized (seen) {
            if (seen.size() >= MAX) {
                // The oldest goes.
                seen.remove(seen.keySet().iterator().next());
            }
            seen.put(encoded, first);
        }
        return first;
    }
}
