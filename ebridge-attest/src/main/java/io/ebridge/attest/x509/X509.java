package io.ebridge.attest.x509;

import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/** Parses certificates and CRLs from DER or PEM: whole input, nothing before or after, bounded in number. */
public final class X509 {

    /** The most certificates or CRLs in one PEM text. */
    public static final int MAX_PER_TEXT = 64;

    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String CRL = "X509 CRL";

    private X509() {}

    /** Whether bytes look like PEM rather than DER: the first is not a SEQUENCE tag. */
    public static boolean looksLikePem(byte[] bytes) {
        return bytes.length > 0 && bytes[0] != 0x30;
    }

    /** One certificate from DER. */
    public static X509Certificate certificate(byte[] der) throws EvidenceRejectedException {
        if (!isOneDerSequence(der)) {
            throw new EvidenceRejectedException(
                    RejectionReason.CERTIFICATE_MALFORMED, "a certificate is not one DER sequence of its length");
        }
        try {
            return (X509Certificate) factory().generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException | RuntimeException e) {
            throw new EvidenceRejectedException(
                    RejectionReason.CERTIFICATE_MALFORMED, "a certificate does not parse: " + e.getMessage(), e);
        }
    }

    /** Certificates from DER (exactly one) or PEM (at least one, in the order of the text). */
    public static List<X509Certificate> certificates(byte[] derOrPem) throws EvidenceRejectedException {
        List<X509Certificate> all = new ArrayList<>();
        for (byte[] der : blocks(derOrPem, CERTIFICATE, RejectionReason.CERTIFICATE_MALFORMED)) {
            all.add(certificate(der));
        }
        return all;
    }

    /** One CRL from DER. */
    public static X509CRL crl(byte[] der) throws EvidenceRejectedException {
        if (!isOneDerSequence(der)) {
            throw new EvidenceRejectedException(
                    RejectionReason.CRL_MALFORMED, "a CRL is not one DER sequence of its length");
        }
        try {
            return (X509CRL) factory().generateCRL(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new EvidenceRejectedException(
                    RejectionReason.CRL_MALFORMED, "a CRL does not parse: " + e.getMessage(), e);
        }
    }

    /** The DER of certificates in DER or PEM. */
    public static List<byte[]> certificateBlocks(byte[] derOrPem) throws EvidenceRejectedException {
        return blocks(derOrPem, CERTIFICATE, RejectionReason.CERTIFICATE_MALFORMED);
    }

    /** The DER of CRLs in DER or PEM. */
    public static List<byte[]> crlBlocks(byte[] derOrPem) throws EvidenceRejectedException {
        return blocks(derOrPem, CRL, RejectionReason.CRL_MALFORMED);
    }

    /** The common name of a subject or issuer, or the empty string if there is not exactly one. */
    public static String commonName(X500Principal name) {
        return DistinguishedName.commonName(name);
    }

    private static List<byte[]> blocks(byte[] derOrPem, String label, RejectionReason reason)
            throws EvidenceRejectedException {
        if (!looksLikePem(derOrPem)) {
            return List.of(derOrPem);
        }
        List<byte[]> found = PemText.blocks(new String(derOrPem, StandardCharsets.ISO_8859_1), label, MAX_PER_TEXT);
        if (found.isEmpty()) {
            throw new EvidenceRejectedException(reason, "no " + label + " block in a PEM text, or one is damaged");
        }
        return found;
    }

    /** Whether bytes are one definite-length DER SEQUENCE with nothing after it. */
    static boolean isOneDerSequence(byte[] der) {
        if (der.length < 4 || der[0] != 0x30) {
            return false;
        }
        int first = der[1] & 0xFF;
        if (first < 0x80) {
            return first == der.length - 2;
        }
        int count = first & 0x7F;
        if (count < 1 || count > 3 || der.length < 2 + count) {
            return false;
        }
        int length = 0;
        for (int i = 0; i < count; i++) {
            length = length << 8 | der[2 + i] & 0xFF;
        }
        boolean minimal = der[2] != 0 && (count > 1 || length >= 0x80);
        return minimal && length == der.length - 2 - count;
    }

    private static CertificateFactory factory() throws CertificateException {
        try {
            // By name: a provider that the application put first may parse more leniently.
            return CertificateFactory.getInstance("X.509", "SUN");
        } catch (GeneralSecurityException e) {
            return CertificateFactory.getInstance("X.509");
        }
    }
}
