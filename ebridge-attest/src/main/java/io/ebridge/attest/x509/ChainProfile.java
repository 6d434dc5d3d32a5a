package io.ebridge.attest.x509;

import io.ebridge.attest.Vendor;
import io.ebridge.attest.crypto.EcCurve;
import io.ebridge.attest.crypto.SignatureScheme;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Set;

/**
 * What a vendor's chains look like.
 *
 * @param vendor whose anchors it may lead to
 * @param scheme how every certificate is signed
 * @param leafKey the leaf's kind of key
 * @param minLength fewest certificates, root included
 * @param maxLength most certificates, root included
 * @param leafSigns whether the leaf must have the key usage {@code digitalSignature}
 * @param understood extensions of the vendor's own that may be critical, because the format's verifier reads them
 */
public record ChainProfile(
        Vendor vendor,
        SignatureScheme scheme,
        KeyKind leafKey,
        int minLength,
        int maxLength,
        boolean leafSigns,
        Set<String> understood) {

    /** A profile without critical extensions of the vendor's own. */
    public ChainProfile(
            Vendor vendor, SignatureScheme scheme, KeyKind leafKey, int minLength, int maxLength, boolean leafSigns) {
        this(vendor, scheme, leafKey, minLength, maxLength, leafSigns, Set.of());
    }

    /** Kinds of key. */
    public enum KeyKind {
        /** EC on P-256. */
        P256,
        /** EC on P-384. */
        P384,
        /** RSA with a modulus of 4096 bits. */
        RSA4096;

        boolean fits(PublicKey key) {
            return switch (this) {
                case P256 -> EcCurve.P256.holds(key);
                case P384 -> EcCurve.P384.holds(key);
                case RSA4096 ->
                    key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() == 4096;
            };
        }
    }

    KeyKind issuerKey() {
        return switch (scheme) {
            case ES256 -> KeyKind.P256;
            case ES384 -> KeyKind.P384;
            case PS384 -> KeyKind.RSA4096;
        };
    }
}
