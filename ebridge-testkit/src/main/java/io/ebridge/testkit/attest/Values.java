package io.ebridge.testkit.attest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Checks and made-up values for platforms. */
final class Values {
    private Values() {}

    /** A copy, if it has that length. */
    static byte[] exactly(int length, byte[] value, String what) {
        if (value.length != length) {
            throw new IllegalArgumentException(what + " has " + length + " bytes, not " + value.length);
        }
        return value.clone();
    }

    /** SHA-384 of a name: 48 bytes that differ from image to image. */
    static byte[] measurement(String name) {
        return Digests.sha384(("INSECURE TEST measurement " + name).getBytes(StandardCharsets.UTF_8));
    }

    /** The first 32 bytes of the same. */
    static byte[] measurement32(String name) {
        return Arrays.copyOf(measurement(name), 32);
    }

    static int octet(int value, String what) {
        if (value < 0 || value > 255) {
            throw new IllegalArgumentException(what + " is 0 to 255, not " + value);
        }
        return value;
    }

    static int u16(int value, String what) {
        if (value < 0 || value > 65_535) {
            throw new IllegalArgumentException(what + " is 0 to 65535, not " + value);
        }
        return value;
    }
}
