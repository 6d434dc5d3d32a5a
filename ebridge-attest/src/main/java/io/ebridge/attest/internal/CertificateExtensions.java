package io.ebridge.attest.internal;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.certificate.EvidenceOids;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;

/** Reads extensions of certificates. */
public final class CertificateExtensions {

    private CertificateExtensions() {}

    /** The content of an extension, without the OCTET STRING around it. */
    public static Optional<byte[]> content(X509Certificate certificate, String oid) throws EvidenceRejectedException {
        byte[] wrapped = certificate.getExtensionValue(oid);
        if (wrapped == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ASN1OctetString.getInstance(wrapped).getOctets());
        } catch (IllegalArgumentException e) {
            throw new EvidenceRejectedException(
                    RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, "the extension " + oid + " does not parse", e);
        }
    }

    /** The pieces of collateral that certificates of the 2018 layout carry. */
    public static Collateral intelCollateral(X509Certificate certificate) throws EvidenceRejectedException {
        Collateral.Builder collateral = Collateral.builder();
        add(certificate, EvidenceOids.INTEL_2018_PCK, Kind.PCK_CHAIN, false, collateral);
        add(certificate, EvidenceOids.INTEL_2018_PCK_CHAIN, Kind.PCK_CHAIN, true, collateral);
        add(certificate, EvidenceOids.INTEL_2018_TCB_INFO, Kind.TCB_INFO, false, collateral);
        add(certificate, EvidenceOids.INTEL_2018_TCB_INFO_CHAIN, Kind.TCB_INFO_CHAIN, true, collateral);
        return collateral.build();
    }

    private static void add(
            X509Certificate certificate, String oid, Kind kind, boolean urlEncoded, Collateral.Builder into)
            throws EvidenceRejectedException {
        Optional<byte[]> content = content(certificate, oid);
        if (content.isEmpty() || content.get().length == 0) {
            return;
        }
        byte[] piece = content.get();
        if (urlEncoded) {
            try {
                // Form decoding would turn the plus signs of base64 into spaces.
                String text = new String(piece, StandardCharsets.ISO_8859_1).replace("+", "%2B");
                piece = URLDecoder.decode(text, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
            } catch (IllegalArgumentException e) {
                throw new EvidenceRejectedException(
                        RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED,
                        "the extension " + oid + " is not URL-encoded",
                        e);
            }
        }
        if (piece.length > Collateral.MAX_PIECE_BYTES) {
            throw new EvidenceRejectedException(
                    RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, "the extension " + oid + " is too long");
        }
        into.add(kind, piece);
    }
}
