package io.ebridge.attest.nitro;

import io.ebridge.attest.cbor.CborException;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.cbor.CborType;
import io.ebridge.attest.cbor.CborWriter;
import io.ebridge.attest.nitro.EifFormatException.Reason;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;

/**
 * The signature section of an image: an array of maps with a PEM certificate and a COSE_Sign1 over register index and
 * value. Only the first is looked at, as the vendor's loader does. Byte strings in it are arrays of numbers, which is how
 * the vendor's tools write them.
 */
final class EifSignature {

    private static final int LIMIT = 32768;
    private static final int MAX_SIGNATURES = 32;

    private EifSignature() {}

    /** The certificate whose key signed this PCR0, in DER. */
    static byte[] signingCertificate(byte[] section, byte[] pcr0) throws EifFormatException {
        try {
            CborReader in = CborReader.of(section);
            int count = in.openArray(MAX_SIGNATURES);
            if (count == 0) {
                throw bad("the signature section is empty", null);
            }
            byte[] pem = null;
            byte[] cose = null;
            for (int i = in.openMap(2); i > 0; i--) {
                String key = in.readText(64);
                if (key.equals("signing_certificate") && pem == null) {
                    pem = octets(in);
                } else if (key.equals("signature") && cose == null) {
                    cose = octets(in);
                } else {
                    throw bad("unexpected member in the signature section", null);
                }
            }
            for (int i = 1; i < count; i++) {
                in.skip(4);
            }
            in.end();
            if (pem == null || cose == null) {
                throw bad("the signature section lacks its certificate or signature", null);
            }
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
            verify(cose, certificate, pcr0);
            return certificate.getEncoded();
        } catch (CborException | GeneralSecurityException e) {
            throw bad("the signature section cannot be read", e);
        }
    }

    private static void verify(byte[] cose, X509Certificate certificate, byte[] pcr0)
            throws CborException, GeneralSecurityException, EifFormatException {
        CborReader in = CborReader.of(cose);
        if (in.peek() == CborType.TAG && in.readTag() != 18) {
            throw bad("the signature is no COSE_Sign1", null);
        }
        if (in.openArray(4) != 4) {
            throw bad("the signature is no COSE_Sign1", null);
        }
        byte[] header = in.readBytes(64);
        in.openMap(0);
        byte[] payload = in.readBytes(LIMIT);
        byte[] signature = in.readBytes(256);
        in.end();
        if (!MessageDigest.isEqual(registerValue(payload), pcr0)) {
            throw bad("the signature is over another PCR0 than that of this image", null);
        }
        byte[] signed = new CborWriter()
                .array(4)
                .text("Signature1")
                .bytes(header)
                .bytes(new byte[0])
                .bytes(payload)
                .toByteArray();
        Signature verifier = Signature.getInstance(algorithm(header));
        if (!(certificate.getPublicKey() instanceof ECPublicKey key)) {
            throw bad("the signing certificate's key is not for ECDSA", null);
        }
        verifier.initVerify(key);
        verifier.update(signed);
        if (!verifier.verify(signature)) {
            throw bad("the signature does not verify with the certificate's key", null);
        }
    }

    private static String algorithm(byte[] header) throws CborException, EifFormatException {
        CborReader in = CborReader.of(header);
        if (in.openMap(1) != 1 || in.readInteger() != 1) {
            throw bad("the signature names no algorithm", null);
        }
        long algorithm = in.readInteger();
        in.end();
        // RFC 9053 section 2.1.
        return switch ((int) Math.max(algorithm, Integer.MIN_VALUE)) {
            case -7 -> "SHA256withECDSAinP1363Format";
            case -35 -> "SHA384withECDSAinP1363Format";
            case -36 -> "SHA512withECDSAinP1363Format";
            default -> throw bad("the signature uses algorithm " + algorithm, null);
        };
    }

    private static byte[] registerValue(byte[] payload) throws CborException, EifFormatException {
        CborReader in = CborReader.of(payload);
        if (in.openMap(2) != 2
                || !in.readText(64).equals("register_index")
                || in.readInteger() != 0
                || !in.readText(64).equals("register_value")) {
            throw bad("the signature is not over PCR0", null);
        }
        byte[] value = octets(in);
        in.end();
        return value;
    }

    private static byte[] octets(CborReader in) throws CborException, EifFormatException {
        if (in.peek() == CborType.BYTES) {
            return in.readBytes(LIMIT);
        }
        byte[] result = new byte[in.openArray(LIMIT)];
        for (int i = 0; i < result.length; i++) {
            long octet = in.readUnsigned();
            if (octet > 255) {
                throw bad("a number beyond 255 in an array of bytes", null);
            }
            result[i] = (byte) octet;
        }
        return result;
    }

    private static EifFormatException bad(String message, @org.jspecify.annotations.Nullable Throwable cause) {
        return cause == null
                ? new EifFormatException(Reason.SIGNATURE, message)
                : new EifFormatException(Reason.SIGNATURE, message, cause);
    }
}
