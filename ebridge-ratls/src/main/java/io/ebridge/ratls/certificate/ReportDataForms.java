package io.ebridge.ratls.certificate;

import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/** The report data of the profiles, and the envelope of evidence in ours. */
final class ReportDataForms {

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm'Z'").withZone(ZoneOffset.UTC);
    private static final byte[] LABEL = "ebridge-ra/1 certificate".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    private ReportDataForms() {}

    /** Enclave OS v1, deterministic: SHA-512(SHA-256(key) | minute of NotBefore, in ASCII). */
    static byte[] enclaveOs(byte[] keySha256, Instant notBefore) {
        MessageDigest digest = sha512();
        digest.update(keySha256);
        return digest.digest(MINUTE.format(notBefore).getBytes(StandardCharsets.US_ASCII));
    }

    /** Ours: every field with its length in front. */
    static byte[] ebridge(byte[] keySha256, byte[] root, String service, Instant notBefore) {
        MessageDigest digest = sha512();
        byte[] seconds = new byte[8];
        long time = notBefore.getEpochSecond();
        for (int i = 0; i < 8; i++) {
            seconds[i] = (byte) (time >>> 56 - 8 * i);
        }
        for (byte[] field : new byte[][] {LABEL, keySha256, root, service.getBytes(StandardCharsets.UTF_8), seconds}) {
            digest.update((byte) (field.length >>> 8));
            digest.update((byte) field.length);
            digest.update(field);
        }
        return digest.digest();
    }

    static byte[] tagged(Evidence evidence) {
        byte[] bytes = evidence.bytes().toByteArray();
        byte[] tagged = new byte[2 + bytes.length];
        tagged[0] = VERSION;
        tagged[1] = (byte) code(evidence.format());
        System.arraycopy(bytes, 0, tagged, 2, bytes.length);
        return tagged;
    }

    static Evidence untagged(byte[] tagged) throws AttestedTlsException {
        if (tagged.length < 3 || tagged[0] != VERSION) {
            throw new AttestedTlsException(Reason.PROFILE, "evidence of another version");
        }
        for (EvidenceFormat format : EvidenceFormat.values()) {
            if (code(format) == tagged[1]) {
                if (tagged.length - 2 > format.maxBytes()) {
                    throw new AttestedTlsException(Reason.TOO_LARGE, "evidence of " + (tagged.length - 2) + " bytes");
                }
                return Evidence.of(format, Arrays.copyOfRange(tagged, 2, tagged.length));
            }
        }
        throw new AttestedTlsException(Reason.PROFILE, "evidence of an unknown format");
    }

    /** As in PROTOCOL.md. */
    private static int code(EvidenceFormat format) {
        return switch (format) {
            case NITRO -> 1;
            case SGX -> 2;
            case TDX -> 3;
            case SNP -> 4;
        };
    }

    private static MessageDigest sha512() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-512", e);
        }
    }
}
