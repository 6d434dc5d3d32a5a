package io.ebridge.kv.internal;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** An AES-256 key with the two CMAC subkeys of RFC 4493, section 2.3. */
final class AesKey {

    final SecretKeySpec key;
    final byte[] k1;
    final byte[] k2;

    AesKey(byte[] bytes) {
        key = new SecretKeySpec(bytes, "AES");
        try {
            Cipher ecb = Cipher.getInstance("AES/ECB/NoPadding");
            ecb.init(Cipher.ENCRYPT_MODE, key);
            k1 = twice(ecb.doFinal(new byte[16]));
            k2 = twice(k1);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no AES-256", e);
        }
    }

    /** Multiplication by x in GF(2^128). */
    private static byte[] twice(byte[] in) {
        byte[] out = new byte[16];
        for (int i = 0; i < 16; i++) {
            int next = i < 15 ? (in[i + 1] & 0x80) >>> 7 : 0;
            out[i] = (byte) (in[i] << 1 | next);
        }
        out[15] ^= (byte) ((in[0] >> 7) & 0x87);
        return out;
    }
}
