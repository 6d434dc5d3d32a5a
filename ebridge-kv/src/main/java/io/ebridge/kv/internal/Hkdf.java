package io.ebridge.kv.internal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with SHA-256, RFC 5869. */
public final class Hkdf {

    private static final int HASH = 32;

    private Hkdf() {}

    /** HKDF-Extract, section 2.2. */
    public static byte[] extract(byte[] salt, byte[] material) {
        return hmac(salt.length == 0 ? new byte[HASH] : salt, material);
    }

    /** HKDF-Expand, section 2.3. */
    public static byte[] expand(byte[] prk, byte[] info, int length) {
        if (length < 1 || length > 255 * HASH) {
            throw new IllegalArgumentException("length " + length);
        }
        byte[] out = new byte[length];
        byte[] previous = new byte[0];
        for (int done = 0, i = 1; done < length; done += HASH, i++) {
            byte[] input = new byte[previous.length + info.length + 1];
            System.arraycopy(previous, 0, input, 0, previous.length);
            System.arraycopy(info, 0, input, previous.length, info.length);
            input[input.length - 1] = (byte) i;
            previous = hmac(prk, input);
            System.arraycopy(previous, 0, out, done, Math.min(HASH, length - done));
        }
        Arrays.fill(previous, (byte) 0);
        return out;
    }

    /** An unambiguous info string: every part, the label first, behind its 16-bit big-endian length. */
    public static byte[] info(String label, byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(96);
        append(out, utf8(label));
        for (byte[] part : parts) {
            append(out, part);
        }
        return out.toByteArray();
    }

    /** UTF-8, of text only: with a substitute for half of a surrogate pair, two names could become one. */
    public static byte[] utf8(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a name has half of a surrogate pair", e);
        }
    }

    /** UTF-8 of what something is called. */
    public static byte[] name(String what, String text) {
        byte[] bytes = utf8(text);
        if (bytes.length < 1 || bytes.length > 64) {
            throw new IllegalArgumentException("a " + what + "'s name has 1 to 64 bytes of UTF-8, not " + bytes.length);
        }
        return bytes;
    }

    private static void append(ByteArrayOutputStream out, byte[] part) {
        if (part.length > 0xffff) {
            throw new IllegalArgumentException("part of " + part.length + " bytes");
        }
        out.write(part.length >>> 8);
        out.write(part.length);
        out.write(part, 0, part.length);
    }

    private static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HMAC-SHA256", e);
        }
    }
}
