package io.ebridge.samples.verify;

import io.ebridge.attest.CertificateEvidence;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file with evidence: the bytes themselves, their hexadecimal or Base64 text, a certificate that carries them, or an
 * Azure container around a SEV-SNP report.
 *
 * @param evidence the evidence
 * @param certificate the certificate that it came in, if it did
 * @param wrapping what was around the evidence, in words; empty if nothing was
 */
record EvidenceFile(Evidence evidence, Optional<CertificateEvidence> certificate, String wrapping) {

    private static final int MAX_FILE = 8 << 20;
    private static final byte[] AZURE = {'H', 'C', 'L', 'A'};
    private static final int AZURE_HEADER = 32;
    private static final int SNP_REPORT = 1184;

    static byte[] read(Path path) throws UnusableException {
        try {
            if (Files.size(path) > MAX_FILE) {
                throw new UnusableException(path + " is too large to be what it should be");
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UnusableException(
                    "cannot read " + path + " (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    static EvidenceFile open(Path path, @Nullable EvidenceFormat format)
            throws UnusableException, EvidenceRejectedException {
        byte[] bytes = read(path);
        if (bytes.length == 0) {
            throw new UnusableException(path + " is empty");
        }
        String wrapping = "";
        if (isCertificate(bytes)) {
            try {
                CertificateEvidence found = CertificateEvidence.of(certificate(bytes));
                return new EvidenceFile(found.evidence(), Optional.of(found), "a certificate (" + found.scheme() + ")");
            } catch (CertificateException e) {
                throw new UnusableException(path + " looks like a certificate and is none", e);
            }
        }
        byte[] text = decodeText(bytes);
        if (text != null) {
            bytes = text;
            wrapping = "text";
        }
        if (bytes.length >= AZURE_HEADER + SNP_REPORT && Arrays.equals(AZURE, Arrays.copyOf(bytes, AZURE.length))) {
            bytes = Arrays.copyOfRange(bytes, AZURE_HEADER, AZURE_HEADER + SNP_REPORT);
            wrapping = "an Azure container";
        }
        Optional<EvidenceFormat> detected = format == null ? Evidence.detect(bytes) : Optional.of(format);
        if (detected.isEmpty()) {
            throw new UnusableException(
                    path + " is none of: Nitro attestation document, SGX or TDX quote, SEV-SNP report,"
                            + " certificate with evidence. If it is damaged, name the format with --format to see how");
        }
        try {
            return new EvidenceFile(Evidence.of(detected.get(), bytes), Optional.empty(), wrapping);
        } catch (IllegalArgumentException e) {
            throw new UnusableException(path.toString(), e);
        }
    }

    EvidenceFile with(Collateral more) {
        Collateral all = more.plus(evidence.collateral());
        return new EvidenceFile(
                evidence.withCollateral(all), certificate.map(found -> found.withCollateral(all)), wrapping);
    }

    static X509Certificate certificate(byte[] derOrPem) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(derOrPem));
    }

    private static boolean isCertificate(byte[] bytes) {
        // An X.509 certificate is a SEQUENCE with a two-byte length; no evidence begins so.
        boolean der = bytes.length > 4 && bytes[0] == 0x30 && (bytes[1] & 0xff) == 0x82;
        return der || new String(bytes, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----");
    }

    private static byte @Nullable [] decodeText(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1).strip();
        if (text.length() < 64) {
            return null;
        }
        try {
            if (text.matches("(0x)?[0-9A-Fa-f\\s]+")) {
                return HexFormat.of().parseHex(text.replaceFirst("^0x", "").replaceAll("\\s", ""));
            }
            if (text.matches("[0-9A-Za-z+/\\s]+={0,2}")) {
                return Base64.getMimeDecoder().decode(text);
            }
            if (text.matches("[0-9A-Za-z_-]+={0,2}")) {
                return Base64.getUrlDecoder().decode(text);
            }
        } catch (IllegalArgumentException e) {
            return null;
        }
        return null;
    }
}
