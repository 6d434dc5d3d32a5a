package io.ebridge.ratls.tls;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The exporter of TLS 1.3 (RFC 8446, sections 7.1 and 7.5), from the exporter master secret as a key log shows it. */
final class ExporterSecret {

    private static final byte[] LABEL = "EXPORTER_SECRET ".getBytes(StandardCharsets.US_ASCII);
    private static final int RANDOM_DIGITS = 64;
    private static final int MAX_LABEL = 249;

    private ExporterSecret() {}

    /**
     * The secret in a line of a key log: label, client random and secret, the latter two in hexadecimal.
     *
     * @return 32 or 48 bytes; null if the line is of another secret
     * @throws IllegalArgumentException if it is of this one but malformed
     */
    static byte @Nullable [] parse(byte[] line) {
        if (line.length < LABEL.length || !Arrays.equals(line, 0, LABEL.length, LABEL, 0, LABEL.length)) {
            return null;
        }
        int from = LABEL.length + RANDOM_DIGITS + 1;
        int digits = line.length - from;
        if (digits != 64 && digits != 96 || line[from - 1] != ' ') {
            throw new IllegalArgumentException("the key log's line has another form");
        }
        byte[] secret = new byte[digits / 2];
        for (int i = 0; i < secret.length; i++) {
            int high = Character.digit(line[from + 2 * i], 16);
            int low = Character.digit(line[from + 2 * i + 1], 16);
            if (high < 0 || low < 0) {
                Arrays.fill(secret, (byte) 0);
                throw new IllegalArgumentException("the key log's line has another form");
            }
            secret[i] = (byte) (high << 4 | low);
        }
        return secret;
    }

    /**
     * {@code TLS-Exporter(label, "", length)}.
     *
     * @param secret of the length of the suite's hash: 32 bytes for SHA-256, 48 for SHA-384
     */
    static byte[] derive(byte[] secret, String label, int length) {
        String hash =
                switch (secret.length) {
                    case 32 -> "SHA-256";
                    case 48 -> "SHA-384";
                    default -> throw new IllegalArgumentException("a secret of " + secret.length + " bytes");
                };
        byte[] derived = null;
        try {
            byte[] empty = MessageDigest.getInstance(hash).digest();
            derived = expandLabel(hash, secret, label, empty, secret.length);
            return expandLabel(hash, derived, "exporter", empty, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no HMAC over " + hash, e);
        } finally {
            if (derived != null) {
                Arrays.fill(derived, (byte) 0);
            }
        }
    }

    /** HKDF-Expand-Label. */
    private static byte[] expandLabel(String hash, byte[] secret, String label, byte[] context, int length)
            throws GeneralSecurityException {
        byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        if (name.length > MAX_LABEL + 6 || length <= 0 || length > 255 * secret.length) {
            throw new IllegalArgumentException(
                    "a label of " + name.length + " bytes, or " + length + " bytes of output");
        }
        byte[] info = ByteBuffer.allocate(4 + name.length + context.length)
                .putShort((short) length)
                .put((byte) name.length)
                .put(name)
                .put((byte) context.length)
                .put(context)
                .array();
        Mac mac = Mac.getInstance("Hmac" + hash.replace("-", ""));
        mac.init(new SecretKeySpec(secret, mac.getAlgorithm()));
        byte[] out = new byte[length];
        byte[] block = new byte[0];
        for (int at = 0, i = 1; at < length; i++) {
            mac.update(block);
            mac.update(info);
            mac.update((byte) i);
            byte[] next = mac.doFinal();
            Arrays.fill(block, (byte) 0);
            block = next;
            int part = Math.min(block.length, length - at);
            System.arraycopy(block, 0, out, at, part);
            at += part;
        }
        Arrays.fill(block, (byte) 0);
        return out;
    }
}
