package io.ebridge.attest.crypto;

/** The signature schemes that evidence and its endorsements use. */
public enum SignatureScheme {
    /** ECDSA on P-256 with SHA-256. */
    ES256("SHA-256", "SHA256withECDSAinP1363Format", EcCurve.P256),
    /** ECDSA on P-384 with SHA-384. */
    ES384("SHA-384", "SHA384withECDSAinP1363Format", EcCurve.P384),
    /** RSASSA-PSS with SHA-384, MGF1 with SHA-384 and 48 bytes of salt (RFC 8017 section 8.1). */
    PS384("SHA-384", "RSASSA-PSS", null);

    private final String digest;
    private final String jcaName;
    private final @org.jspecify.annotations.Nullable EcCurve curve;

    SignatureScheme(String digest, String jcaName, @org.jspecify.annotations.Nullable EcCurve curve) {
        this.digest = digest;
        this.jcaName = jcaName;
        this.curve = curve;
    }

    String digest() {
        return digest;
    }

    String jcaName() {
        return jcaName;
    }

    /** The curve, or null for RSA. */
    public @org.jspecify.annotations.Nullable EcCurve curve() {
        return curve;
    }
}
