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
import org.jspecify.annotations.Nullable;

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
        if (!isSigned(der)) {
            throw new EvidenceRejectedException(
                    RejectionReason.CERTIFICATE_MALFORMED,
                    "a certificate is not one signed DER structure of its length");
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
        if (!isSigned(der)) {
            throw new EvidenceRejectedException(
                    RejectionReason.CRL_MALFORMED, "a CRL is not one signed DER structure of its length");
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

    /**
     * Whether bytes are one DER SEQUENCE of three elements, as certificates and CRLs are: what is signed, the algorithm, and the
     * signature as a BIT STRING of whole bytes (RFC 5280 sections 4.1 and 5.1), with nothing after it. The JDK's parser takes a
     * BIT STRING with unused bits for the same signature; no signature covers that byte.
     */
    static boolean isSigned(byte[] der) {
        int[] outer = element(der, 0, der.length, 0x30);
        if (outer == null || outer[1] != der.length) {
            return false;
        }
        int[] signed = element(der, outer[0], outer[1], 0x30);
        int[] algorithm = signed == null ? null : element(der, signed[1], outer[1], 0x30);
        int[] signature = algorithm == null ? null : element(der, algorithm[1], outer[1], 0x03);
        return signature != null && signature[1] == outer[1] && signature[1] > signature[0] && der[signature[0]] == 0;
    }

    /** Where the content of the element at an offset starts and ends; null if it has another tag or does not fit. */
    static int @Nullable [] element(byte[] der, int at, int end, int tag) {
        if (end - at < 2 || (der[at] & 0xFF) != tag) {
            return null;
        }
        int length = der[at + 1] & 0xFF;
        int from = at + 2;
        if (length >= 0x80) {
            int count = length & 0x7F;
            if (count < 1 || count > 3 || end - from < count || der[from] == 0) {
                return null;
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = length << 8 | der[from + i] & 0xFF;
            }
            if (length < 0x80) {
                return null;
            }
            from += count;
        }
        return length > end - from ? null : new int[] {from, from + length};
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
