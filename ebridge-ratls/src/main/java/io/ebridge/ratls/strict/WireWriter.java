package io.ebridge.ratls.strict;

import java.io.ByteArrayOutputStream;

/** Writes big-endian fields. */
public final class WireWriter {

    private final ByteArrayOutputStream out;

    public WireWriter() {
        this(256);
    }

    /**
     * @param expected how many bytes there will be, about
     */
    public WireWriter(int expected) {
        out = new ByteArrayOutputStream(expected);
    }

    public WireWriter u8(int value) {
        out.write(value);
        return this;
    }

    public WireWriter u16(int value) {
        return number(value, 2);
    }

    public WireWriter u24(int value) {
        return number(value, 3);
    }

    public WireWriter u32(long value) {
        return number(value, 4);
    }

    public WireWriter u64(long value) {
        return number(value, 8);
    }

    public WireWriter bytes(byte[] value) {
        out.writeBytes(value);
        return this;
    }

    private WireWriter number(long value, int bytes) {
        for (int shift = 8 * bytes - 8; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
        return this;
    }

    public byte[] toByteArray() {
        return out.toByteArray();
    }
}
