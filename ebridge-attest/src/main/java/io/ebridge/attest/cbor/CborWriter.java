package io.ebridge.attest.cbor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes CBOR with every argument in its shortest form and definite lengths (RFC 8949 section 4.2.1; the order of map keys is the
 * caller's). Heads and items are written in the order of calls, unchecked. Not thread-safe.
 */
public final class CborWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** An unsigned or negative integer. */
    public CborWriter integer(long value) {
        return value < 0 ? head(1, -1 - value) : head(0, value);
    }

    /** A byte string. */
    public CborWriter bytes(byte[] value) {
        head(2, value.length);
        out.writeBytes(value);
        return this;
    }

    /** A text string. */
    public CborWriter text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        head(3, utf8.length);
        out.writeBytes(utf8);
        return this;
    }

    /** The head of an array: that many items must follow. */
    public CborWriter array(int items) {
        return head(4, items);
    }

    /** The head of a map: that many pairs must follow. */
    public CborWriter map(int pairs) {
        return head(5, pairs);
    }

    /** The head of a map of indefinite length: pairs and a {@link #breakItem()} must follow. */
    public CborWriter indefiniteMap() {
        out.write(0xBF);
        return this;
    }

    /** The end of an item of indefinite length. */
    public CborWriter breakItem() {
        out.write(0xFF);
        return this;
    }

    /** A tag: the tagged item must follow. */
    public CborWriter tag(long number) {
        return head(6, number);
    }

    /** {@code true} or {@code false}. */
    public CborWriter bool(boolean value) {
        out.write(value ? 0xF5 : 0xF4);
        return this;
    }

    /** {@code null}. */
    public CborWriter nullItem() {
        out.write(0xF6);
        return this;
    }

    /** An item that is encoded already. */
    public CborWriter encoded(byte[] item) {
        out.writeBytes(item);
        return this;
    }

    /** What was written so far. */
    public byte[] toByteArray() {
        return out.toByteArray();
    }

    private CborWriter head(int major, long argument) {
        int top = major << 5;
        if (argument < 24) {
            out.write(top | (int) argument);
            return this;
        }
        int size = argument < 1L << 8 ? 0 : argument < 1L << 16 ? 1 : argument < 1L << 32 ? 2 : 3;
        out.write(top | 24 + size);
        for (int shift = (8 << size) - 8; shift >= 0; shift -= 8) {
            out.write((int) (argument >> shift));
        }
        return this;
    }
}
