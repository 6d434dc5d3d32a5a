package io.ebridge.testkit.attest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the CBOR of requests to the Nitro module: definite maps, text, byte strings, unsigned integers and null.
 *
 * <p>Not the verifier's reader: that one reaches this module by a qualified export, which a test run that has the testkit on the class path and the rest on the module path cannot use.
 */
final class NsmRequest {
    private static final int UNSIGNED = 0;
    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int MAP = 5;
    private static final int NULL = 0xf6;

    private final ByteBuffer in;

    NsmRequest(byte[] request) {
        in = ByteBuffer.wrap(request);
    }

    /** What is there is not a request. */
    static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidException(String message) {
            super(message);
        }
    }

    boolean isText() {
        return in.hasRemaining() && (in.get(in.position()) & 0xff) >>> 5 == TEXT;
    }

    /** Opens a map and returns how many entries it has, at most the given number. */
    int map(int most) throws InvalidException {
        return (int) head(MAP, most);
    }

    String text() throws InvalidException {
        return new String(take(head(TEXT, in.remaining())), StandardCharsets.UTF_8);
    }

    byte[] bytes() throws InvalidException {
        return take(head(BYTES, in.remaining()));
    }

    long unsigned() throws InvalidException {
        return head(UNSIGNED, Long.MAX_VALUE);
    }

    /** Reads a null if one is there. */
    boolean isNull() {
        if (in.hasRemaining() && (in.get(in.position()) & 0xff) == NULL) {
            in.get();
            return true;
        }
        return false;
    }

    void key(String expected) throws InvalidException {
        if (!text().equals(expected)) {
            throw new InvalidException("there is no " + expected);
        }
    }

    void end() throws InvalidException {
        if (in.hasRemaining()) {
            throw new InvalidException("bytes after the request");
        }
    }

    private byte[] take(long length) throws InvalidException {
        if (length > in.remaining()) {
            throw new InvalidException("it ends too early");
        }
        byte[] taken = new byte[(int) length];
        in.get(taken);
        return taken;
    }

    private long head(int major, long most) throws InvalidException {
        if (!in.hasRemaining()) {
            throw new InvalidException("it ends too early");
        }
        int first = in.get() & 0xff;
        int info = first & 0x1f;
        // 24 to 27: one, two, four or eight bytes follow.
        int width = info < 24 ? 0 : 1 << (info - 24);
        if (first >>> 5 != major || info > 27 || width > in.remaining()) {
            throw new InvalidException("not what belongs there");
        }
        long value = width == 0 ? info : 0;
        for (int i = 0; i < width; i++) {
            value = value << 8 | in.get() & 0xff;
        }
        if (value < 0 || value > most) {
            throw new InvalidException("a length or count out of range");
        }
        return value;
    }
}
