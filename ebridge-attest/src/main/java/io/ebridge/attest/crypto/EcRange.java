package io.ebridge.attest.crypto;

import java.util.Arrays;

/** Whether both halves of a signature lie in [1, n-1] (FIPS 186-5 section 6.4.2). Providers have got this wrong before. */
final class EcRange {

    private static final byte[] ORDER_256 = order(EcCurve.P256);
    private static final byte[] ORDER_384 = order(EcCurve.P384);

    private EcRange() {}

    static boolean inRange(byte[] signature, EcCurve curve) {
        byte[] order = curve == EcCurve.P256 ? ORDER_256 : ORDER_384;
        int size = curve.fieldBytes();
        return half(signature, 0, size, order) && half(signature, size, size, order);
    }

    private static boolean half(byte[] signature, int at, int size, byte[] order) {
        int or = 0;
        for (int i = at; i < at + size; i++) {
            or |= signature[i];
        }
        return or != 0 && Arrays.compareUnsigned(signature, at, at + size, order, 0, size) < 0;
    }

    private static byte[] order(EcCurve curve) {
        byte[] digits = curve.parameters().getOrder().toByteArray();
        return Arrays.copyOfRange(digits, digits.length - curve.fieldBytes(), digits.length);
    }
}
