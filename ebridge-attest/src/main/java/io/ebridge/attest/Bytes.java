package io.ebridge.attest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An immutable byte string: a measurement, a nonce, a certificate's DER.
 *
 * <p>Guarantees: the content never changes after construction, and {@link #equals} takes the same time wherever two
 * values of one length differ. Not guaranteed: secrecy. It holds public values; {@link #toString} shows them.
 */
public final class Bytes implements Comparable<Bytes> {

    private static final HexFormat HEX = HexFormat.of();

    private final byte[] value;
    private byte @Nullable [] sha256;

    private Bytes(byte[] value) {
        this.value = value;
    }

    /**
     * A copy of the given bytes.
     *
     * @param value the bytes
     * @return the value
     */
    public static Bytes of(byte[] value) {
        return new Bytes(value.clone());
    }

    /**
     * A copy of a range.
     *
     * @param value the array
     * @param offset the first byte
     * @param length how many bytes
     * @return the value
     * @throws IndexOutOfBoundsException if the range is not inside the array
     */
    public static Bytes of(byte[] value, int offset, int length) {
        java.util.Objects.checkFromIndexSize(offset, length, value.length);
        return new Bytes(Arrays.copyOfRange(value, offset, offset + length));
    }

    /**
     * Reads hexadecimal digits, either case, without separators.
     *
     * @param hex an even number of digits
     * @return the value
     * @throws IllegalArgumentException if it is not hexadecimal
     */
    public static Bytes ofHex(String hex) {
        return new Bytes(HEX.parseHex(hex));
    }

    /**
     * The number of bytes.
     *
     * @return the number of bytes
     */
    public int length() {
        return value.length;
    }

    /**
     * The byte at an index.
     *
     * @param index the index
     * @return the byte, 0 to 255
     * @throws IndexOutOfBoundsException if there is no such byte
     */
    public int at(int index) {
        return value[index] & 0xFF;
    }

    /**
     * Part of this value.
     *
     * @param offset the first byte
     * @param length how many bytes
     * @return the part
     * @throws IndexOutOfBoundsException if the range is not inside this value
     */
    public Bytes slice(int offset, int length) {
        return of(value, offset, length);
    }

    /**
     * A copy of the bytes.
     *
     * @return a fresh array
     */
    public byte[] toByteArray() {
        return value.clone();
    }

    /**
     * Whether every byte is zero (also true of the empty value).
     *
     * @return whether all bytes are zero
     */
    public boolean isZero() {
        int or = 0;
        for (byte b : value) {
            or |= b;
        }
        return or == 0;
    }

    /**
     * Compares in a time that does not depend on where the bytes differ.
     *
     * @param other the bytes to compare with
     * @return whether they are the same
     */
    public boolean contentEquals(byte[] other) {
        return MessageDigest.isEqual(value, other);
    }

    /**
     * SHA-256 of the content, computed at the first call and remembered: a cheap key for whatever rests on these bytes.
     *
     * @return 32 bytes
     */
    public Bytes sha256() {
        byte[] digest = sha256;
        if (digest == null) {
            try {
                digest = MessageDigest.getInstance("SHA-256").digest(value);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("this Java runtime has no SHA-256", e);
            }
            // A race computes the same value twice.
            sha256 = digest;
        }
        return new Bytes(digest);
    }

    /**
     * Lower-case hexadecimal.
     *
     * @return two digits per byte
     */
    public String hex() {
        return HEX.formatHex(value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that && MessageDigest.isEqual(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    /** Orders by unsigned byte values, then by length. */
    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(value, other.value);
    }

    /** Lower-case hexadecimal. */
    @Override
    public String toString() {
        return hex();
    }
}
