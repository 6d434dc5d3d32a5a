package io.ebridge.testkit.attest;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The only source of randomness of the forge: HMAC-SHA256 of a label and a counter under the seed. The same seed and label give the same bytes on
 * every JDK. These are test keys; nothing here is secret.
 */
final class Seed {
    private final byte[] key;

    private Seed(byte[] key) {
        this.key = key;
    }

    /** The seed of a number. */
    static Seed of(long value) {
        return new Seed(("ebridge INSECURE TEST seed " + value).getBytes(StandardCharsets.US_ASCII));
    }

    /** {@code length} bytes for a label. */
    byte[] bytes(String label, int length) {
        byte[] out = new byte[length];
        byte[] name = label.getBytes(StandardCharsets.UTF_8);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (int done = 0, counter = 0; done < length; counter++) {
                mac.update(name);
                mac.update((byte) 0);
                mac.update(new byte[] {(byte) (counter >>> 8), (byte) counter});
                byte[] block = mac.doFinal();
                int n = Math.min(block.length, length - done);
                System.arraycopy(block, 0, out, done, n);
                done += n;
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", e);
        }
        return out;
    }

    /** A positive serial number of exactly {@code octets} octets, without a leading zero octet in its DER form. */
    BigInteger serial(String label, int octets) {
        byte[] b = bytes("serial " + label, octets);
        b[0] = (byte) ((b[0] & 0x3f) | 0x40);
        return new BigInteger(1, b);
    }

    /** Lower-case hexadecimal digits. */
    String hex(String label, int digits) {
        return HexFormat.of().formatHex(bytes(label, (digits + 1) / 2)).substring(0, digits);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Seed s && Arrays.equals(key, s.key);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key);
    }

    @Override
    public String toString() {
        return new String(key, StandardCharsets.US_ASCII);
    }
}
