package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.snp.SnpProduct;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an endorsement key's certificate says of the platform. Source: AMD 57230 (VCEK certificate and KDS interface),
 * "VCEK certificate extensions": {@code 1.3.6.1.4.1.3704.1.*}.
 *
 * @param product the product that it names
 * @param tcb the security versions that the key was derived for, as the 8 bytes of a report
 * @param hardwareId the chip, 64 bytes or for Turin 8; absent for a VLEK
 * @param cspId the cloud provider; absent for a VCEK
 */
record VekExtensions(SnpProduct product, Bytes tcb, Optional<Bytes> hardwareId, Optional<String> cspId) {

    private static final String ARC = "1.3.6.1.4.1.3704.1.";
    private static final int TAG_INTEGER = 0x02;
    private static final int TAG_OCTET_STRING = 0x04;
    private static final int TAG_IA5_STRING = 0x16;

    static VekExtensions read(X509Certificate certificate) throws EvidenceRejectedException {
        String name =
                text(certificate, "2").orElseThrow(() -> reject("the certificate names no product (" + ARC + "2)"));
        SnpProduct product = SnpProduct.ofName(name)
                .orElseThrow(() -> new EvidenceRejectedException(
                        RejectionReason.SNP_PRODUCT, "the certificate is for the product " + printable(name)));
        byte[] tcb = product == SnpProduct.TURIN
                ? levels(certificate, "3.9", "3.1", "3.2", "3.3", "3.5", "3.6", "3.7", "3.8")
                : levels(certificate, "3.1", "3.2", "3.4", "3.5", "3.6", "3.7", "3.3", "3.8");
        return new VekExtensions(product, Bytes.of(tcb), hardwareId(certificate, product), text(certificate, "5"));
    }

    private static byte[] levels(X509Certificate certificate, String... arcs) throws EvidenceRejectedException {
        byte[] result = new byte[arcs.length];
        for (int i = 0; i < arcs.length; i++) {
            result[i] = (byte) level(certificate, arcs[i]);
        }
        return result;
    }

    private static int level(X509Certificate certificate, String arc) throws EvidenceRejectedException {
        byte[] value = value(certificate, arc);
        if (value == null) {
            throw reject("the certificate states no security version " + ARC + arc);
        }
        boolean oneByte = value.length == 3 && value[0] == TAG_INTEGER && value[1] == 1 && value[2] >= 0;
        boolean twoBytes =
                value.length == 4 && value[0] == TAG_INTEGER && value[1] == 2 && value[2] == 0 && value[3] < 0;
        if (!oneByte && !twoBytes) {
            throw reject("the security version " + ARC + arc + " is no number from 0 to 255");
        }
        return value[value.length - 1] & 0xff;
    }

    /** Older certificates hold the bare bytes where the profile wants an OCTET STRING. */
    private static Optional<Bytes> hardwareId(X509Certificate certificate, SnpProduct product)
            throws EvidenceRejectedException {
        byte[] value = value(certificate, "4");
        if (value == null) {
            return Optional.empty();
        }
        int length = product == SnpProduct.TURIN ? 8 : 64;
        if (value.length == length) {
            return Optional.of(Bytes.of(value));
        }
        if (value.length == length + 2 && value[0] == TAG_OCTET_STRING && value[1] == length) {
            return Optional.of(Bytes.of(value, 2, length));
        }
        throw reject("the hardware id (" + ARC + "4) is not " + length + " bytes");
    }

    private static Optional<String> text(X509Certificate certificate, String arc) throws EvidenceRejectedException {
        byte[] value = value(certificate, arc);
        if (value == null) {
            return Optional.empty();
        }
        if (value.length < 3 || value[0] != TAG_IA5_STRING || value[1] < 0 || value[1] != value.length - 2) {
            throw reject("the extension " + ARC + arc + " is no short IA5String");
        }
        return Optional.of(new String(value, 2, value.length - 2, StandardCharsets.ISO_8859_1));
    }

    /** The content of an extension, without the OCTET STRING that X.509 puts around it. */
    private static byte @Nullable [] value(X509Certificate certificate, String arc) throws EvidenceRejectedException {
        byte[] wrapped = certificate.getExtensionValue(ARC + arc);
        if (wrapped == null) {
            return null;
        }
        if (wrapped.length < 2
                || wrapped[0] != TAG_OCTET_STRING
                || wrapped[1] < 0
                || wrapped[1] != wrapped.length - 2) {
            throw reject("the extension " + ARC + arc + " is too long");
        }
        return java.util.Arrays.copyOfRange(wrapped, 2, wrapped.length);
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    private static EvidenceRejectedException reject(String detail) {
        return new EvidenceRejectedException(RejectionReason.SNP_ENDORSEMENT_EXTENSIONS, detail);
    }
}
