package io.ebridge.testkit.attest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes CBOR (RFC 8949), including forms that a strict reader rejects. */
final class Cbor {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Cbor head(int major, long value) {
        int m = major << 5;
        if (value < 24) {
            out.write(m | (int) value);
        } else if (value < 1L << 8) {
            out.write(m | 24);
            out.write((int) value);
        } else if (value < 1L << 16) {
            out.write(m | 25);
            out.write((int) (value >>> 8));
            out.write((int) value);
        } else {
            boolean wide = value >= 1L << 32;
            out.write(m | (wide ? 27 : 26));
            for (int shift = wide ? 56 : 24; shift >= 0; shift -= 8) {
                out.write((int) (value >>> shift));
            }
        }
        return this;
    }

    /** An integer in its shortest form. */
    Cbor integer(long value) {
        return value >= 0 ? head(0, value) : head(1, -1 - value);
    }

    /** A byte string. */
    Cbor bytes(byte[] value) {
        head(2, value.length);
        out.writeBytes(value);
        return this;
    }

    /** A text string. */
    Cbor text(String value) {
        byte[] b = value.getBytes(StandardCharsets.UTF_8);
        head(3, b.length);
        out.writeBytes(b);
        return this;
    }

    Cbor array(int count) {
        return head(4, count);
    }

    /** The head of a map of that many pairs. */
    Cbor map(int pairs) {
        return head(5, pairs);
    }

    Cbor nul() {
        out.write(0xf6);
        return this;
    }

    Cbor raw(byte[] encoded) {
        out.writeBytes(encoded);
        return this;
    }

    Cbor raw(int octet) {
        out.write(octet);
        return this;
    }

    /** What has been written. */
    byte[] toBytes() {
        return out.toByteArray();
    }
}
