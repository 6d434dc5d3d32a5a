package io.ebridge.attest.crypto;

import java.util.Arrays;
import java.util.Optional;

/** Converts ECDSA signatures from DER (RFC 3279 section 2.2.3) to the fixed-length form that the suite verifies. */
public final class EcdsaSignature {

    private EcdsaSignature() {}

    /**
     * Reads a DER signature, strictly: minimal lengths, positive numbers, nothing after the end.
     *
     * @param der {@code SEQUENCE { r INTEGER, s INTEGER }}
     * @param curve the curve, which gives the length
     * @return r and s, big-endian, of the curve's length each; empty if it is not such a signature
     */
    public static Optional<byte[]> fromDer(byte[] der, EcCurve curve) {
        int size = curve.fieldBytes();
        if (der.length < 8 || der.length > 2 * size + 9 || der[0] != 0x30 || (der[1] & 0xFF) != der.length - 2) {
            return Optional.empty();
        }
        byte[] fixed = new byte[2 * size];
        int next = integer(der, 2, fixed, 0, size);
        if (next < 0) {
            return Optional.empty();
        }
        next = integer(der, next, fixed, size, size);
        return next == der.length ? Optional.of(fixed) : Optional.empty();
    }

    /** Writes r and s of fixed length as DER. */
    public static byte[] toDer(byte[] fixed) {
        int size = fixed.length / 2;
        byte[] r = minimal(fixed, 0, size);
        byte[] s = minimal(fixed, size, size);
        byte[] der = new byte[6 + r.length + s.length];
        der[0] = 0x30;
        der[1] = (byte) (der.length - 2);
        der[2] = 0x02;
        der[3] = (byte) r.length;
        System.arraycopy(r, 0, der, 4, r.length);
        der[4 + r.length] = 0x02;
        der[5 + r.length] = (byte) s.length;
        System.arraycopy(s, 0, der, 6 + r.length, s.length);
        return der;
    }

    private static int integer(byte[] der, int at, byte[] out, int outAt, int size) {
        if (at < 0 || der.length - at < 3 || der[at] != 0x02) {
            return -1;
        }
        int length = der[at + 1] & 0xFF;
        int from = at + 2;
        if (length < 1 || length > size + 1 || length > der.length - from || der[from] < 0) {
            return -1;
        }
        if (length > 1 && der[from] == 0) {
            if (der[from + 1] >= 0) {
                return -1;
            }
            from++;
            length--;
        }
        if (length > size) {
            return -1;
        }
        System.arraycopy(der, from, out, outAt + size - length, length);
        return from + length;
    }

    private static byte[] minimal(byte[] fixed, int at, int size) {
        int from = at;
        while (from < at + size - 1 && fixed[from] == 0) {
            from++;
        }
        byte[] digits = Arrays.copyOfRange(fixed, from, at + size);
        if (digits[0] >= 0) {
            return digits;
        }
        byte[] padded = new byte[digits.length + 1];
        System.arraycopy(digits, 0, padded, 1, digits.length);
        return padded;
    }
}
