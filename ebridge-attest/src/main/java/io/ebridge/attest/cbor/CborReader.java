package io.ebridge.attest.cbor;

import io.ebridge.attest.cbor.CborException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Pulls items out of CBOR (RFC 8949), strictly: every argument in its shortest form, every length compared with a limit and
 * with what is left before anything is allocated, text checked as UTF-8, nothing after the end. Maps may have indefinite length
 * where the caller asks for that, and nothing else may. The order of keys is the caller's business, and so are duplicates, since
 * only it knows which keys there can be.
 *
 * <p>Never recursive, so no input is too deep. Not thread-safe.
 */
public final class CborReader {

    /** What {@link #openMap(int, boolean)} returns for a map of indefinite length. */
    public static final int INDEFINITE = -1;

    private static final int BREAK = 0xFF;

    private final byte[] data;
    private final int end;
    private int at;

    private CborReader(byte[] data, int from, int end) {
        this.data = data;
        this.at = from;
        this.end = end;
    }

    /** Reads a whole array, which is not copied. */
    public static CborReader of(byte[] data) {
        return new CborReader(data, 0, data.length);
    }

    /**
     * Reads a range of an array, which is not copied.
     *
     * @throws IndexOutOfBoundsException if the range is not inside the array
     */
    public static CborReader of(byte[] data, int offset, int length) {
        java.util.Objects.checkFromIndexSize(offset, length, data.length);
        return new CborReader(data, offset, offset + length);
    }

    /** The next byte's offset in the array. */
    public int offset() {
        return at;
    }

    /** The kind of the next item, without reading it. */
    public CborType peek() throws CborException {
        int initial = initial();
        return switch (initial >> 5) {
            case 0 -> CborType.UNSIGNED;
            case 1 -> CborType.NEGATIVE;
            case 2 -> CborType.BYTES;
            case 3 -> CborType.TEXT;
            case 4 -> CborType.ARRAY;
            case 5 -> CborType.MAP;
            case 6 -> CborType.TAG;
            default ->
                switch (initial) {
                    case 0xF4, 0xF5 -> CborType.BOOLEAN;
                    case 0xF6 -> CborType.NULL;
                    case BREAK -> CborType.BREAK;
                    default -> CborType.OTHER;
                };
        };
    }

    /** An unsigned integer up to 2^63-1. */
    public long readUnsigned() throws CborException {
        expect(0, "an unsigned integer");
        return argument();
    }

    /** An integer of either sign, from -2^63 to 2^63-1. */
    public long readInteger() throws CborException {
        if (initial() >> 5 == 1) {
            return -1 - argument();
        }
        return readUnsigned();
    }

    /** A byte string of definite length, at most {@code max} bytes. */
    public byte[] readBytes(int max) throws CborException {
        expect(2, "a byte string");
        int length = length(max);
        byte[] value = Arrays.copyOfRange(data, at, at + length);
        at += length;
        return value;
    }

    /** A text string of definite length, at most {@code max} bytes. */
    public String readText(int max) throws CborException {
        expect(3, "a text string");
        int start = at;
        int length = length(max);
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(data, at, length))
                    .toString();
            at += length;
            return text;
        } catch (CharacterCodingException e) {
            throw new CborException(Reason.BAD_TEXT, start, "not UTF-8");
        }
    }

    /** The head of an array of definite length; the caller then reads that many items. */
    public int openArray(int max) throws CborException {
        expect(4, "an array");
        return count(max);
    }

    /** The head of a map of definite length; the caller then reads that many pairs. */
    public int openMap(int max) throws CborException {
        return openMap(max, false);
    }

    /**
     * The head of a map.
     *
     * @param max the most pairs
     * @param indefinite whether it may have indefinite length
     * @return how many pairs follow, or {@link #INDEFINITE}: then the caller reads pairs until {@link #closeMap()} finds the break,
     *     and counts them
     */
    public int openMap(int max, boolean indefinite) throws CborException {
        expect(5, "a map");
        if (indefinite && (data[at] & 0xFF) == 0xBF) {
            at++;
            return INDEFINITE;
        }
        return count(max);
    }

    /** Whether the break of a map of indefinite length comes next; if so, it is read. */
    public boolean closeMap() throws CborException {
        if (initial() == BREAK) {
            at++;
            return true;
        }
        return false;
    }

    /** A tag number; the tagged item comes next. */
    public long readTag() throws CborException {
        expect(6, "a tag");
        return argument();
    }

    /** {@code true} or {@code false}. */
    public boolean readBoolean() throws CborException {
        if (peek() != CborType.BOOLEAN) {
            throw wrongType("a boolean");
        }
        return (data[at++] & 0xFF) == 0xF5;
    }

    /** Whether null comes next; if so, it is read. */
    public boolean readNull() throws CborException {
        if (peek() == CborType.NULL) {
            at++;
            return true;
        }
        return false;
    }

    /**
     * Passes over one item, whatever it is, checking its encoding: strings of definite length, arrays and maps of definite length
     * down to a depth, any simple value or float in its shortest head.
     *
     * @param maxDepth how many arrays, maps and tags may enclose each other
     */
    public void skip(int maxDepth) throws CborException {
        long[] left = new long[maxDepth + 1];
        int depth = 0;
        left[0] = 1;
        while (true) {
            while (left[depth] == 0) {
                if (depth == 0) {
                    return;
                }
                depth--;
            }
            left[depth]--;
            int start = at;
            int major = initial() >> 5;
            long inner = 0;
            switch (major) {
                case 0, 1 -> argument();
                case 2 -> {
                    int length = length(Integer.MAX_VALUE);
                    at += length;
                }
                case 3 -> readText(Integer.MAX_VALUE);
                case 4 -> inner = count(Integer.MAX_VALUE);
                case 5 -> inner = 2L * count(Integer.MAX_VALUE);
                case 6 -> {
                    argument();
                    inner = 1;
                }
                default -> skipSimple();
            }
            if (inner > 0) {
                if (depth == maxDepth) {
                    throw new CborException(Reason.LIMIT, start, "nested deeper than " + maxDepth);
                }
                left[++depth] = inner;
            }
        }
    }

    /** An error for the caller to throw: the item just read is of the right type and its value is not. */
    public CborException invalid(String detail) {
        return new CborException(Reason.WRONG_TYPE, at, detail);
    }

    /** An error for the caller to throw: a map has a key twice. */
    public CborException duplicateKey(String key) {
        return new CborException(Reason.DUPLICATE_KEY, at, "the key " + key + " twice");
    }

    /** Checks that everything was read. */
    public void end() throws CborException {
        if (at != end) {
            throw new CborException(Reason.TRAILING, at, (end - at) + " bytes follow the end");
        }
    }

    private void skipSimple() throws CborException {
        int start = at;
        int info = initial() & 0x1F;
        int extra =
                switch (info) {
                    case 20, 21, 22, 23 -> 0;
                    case 25 -> 2;
                    case 26 -> 4;
                    case 27 -> 8;
                    default ->
                        throw new CborException(Reason.BAD_ENCODING, start, "a reserved simple value or a break");
                };
        if (extra > end - at - 1) {
            throw truncated();
        }
        at += 1 + extra;
    }

    private int initial() throws CborException {
        if (at >= end) {
            throw truncated();
        }
        return data[at] & 0xFF;
    }

    private void expect(int major, String what) throws CborException {
        if (initial() >> 5 != major) {
            throw wrongType(what);
        }
    }

    private CborException wrongType(String what) throws CborException {
        return new CborException(Reason.WRONG_TYPE, at, peek() + " instead of " + what);
    }

    private CborException truncated() {
        return new CborException(Reason.TRUNCATED, at, "the input ends inside an item");
    }

    /** The head's argument in its shortest form; beyond 2^63-1 it is over any limit. */
    private long argument() throws CborException {
        int start = at;
        int info = initial() & 0x1F;
        if (info < 24) {
            at++;
            return info;
        }
        if (info > 27) {
            throw new CborException(
                    Reason.BAD_ENCODING, start, info == 31 ? "an indefinite length" : "a reserved length");
        }
        int count = 1 << info - 24;
        if (count > end - at - 1) {
            throw truncated();
        }
        long value = 0;
        for (int i = 1; i <= count; i++) {
            value = value << 8 | data[at + i] & 0xFF;
        }
        if (value < 0) {
            throw new CborException(Reason.LIMIT, start, "a number beyond 2^63-1");
        }
        long least = count == 1 ? 24 : 1L << 4 * count;
        if (value < least) {
            throw new CborException(Reason.BAD_ENCODING, start, "a number not in its shortest form");
        }
        at += 1 + count;
        return value;
    }

    private int length(int max) throws CborException {
        int start = at;
        long length = argument();
        if (length > max) {
            throw new CborException(Reason.LIMIT, start, length + " bytes where at most " + max + " may be");
        }
        if (length > end - at) {
            throw truncated();
        }
        return (int) length;
    }

    private int count(int max) throws CborException {
        int start = at;
        long count = argument();
        if (count > max) {
            throw new CborException(Reason.LIMIT, start, count + " items where at most " + max + " may be");
        }
        // Each item takes a byte at least.
        if (count > end - at) {
            throw truncated();
        }
        return (int) count;
    }
}
