package io.ebridge.attest.internal.dcap;

import java.util.Arrays;

/** Walks DER (ITU-T X.690 section 10): single-byte tags, definite minimal lengths, everything inside its parent. */
final class DerReader {

    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int OID = 0x06;
    static final int ENUMERATED = 0x0A;
    static final int SEQUENCE = 0x30;

    /** Bytes that are not the DER that was asked for. */
    static final class DerException extends Exception {
        private static final long serialVersionUID = 1L;

        DerException(String message) {
            super(message);
        }
    }

    private final byte[] in;
    private final int end;
    private int pos;

    DerReader(byte[] in) {
        this(in, 0, in.length);
    }

    private DerReader(byte[] in, int from, int to) {
        this.in = in;
        this.pos = from;
        this.end = to;
    }

    boolean hasNext() {
        return pos < end;
    }

    /** Enters the next element, which must have the tag. */
    DerReader enter(int tag) throws DerException {
        if (end - pos < 2 || (in[pos] & 0xFF) != tag) {
            throw new DerException("expected tag 0x" + Integer.toHexString(tag) + " at byte " + pos);
        }
        int length = in[pos + 1] & 0xFF;
        int from = pos + 2;
        if (length >= 0x80) {
            int count = length & 0x7F;
            if (count < 1 || count > 2 || count > end - from || in[from] == 0) {
                throw new DerException("length at byte " + pos + " is not minimal, or too large");
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = length << 8 | in[from + i] & 0xFF;
            }
            if (length < 0x80) {
                throw new DerException("length at byte " + pos + " is not minimal");
            }
            from += count;
        }
        if (length > end - from) {
            throw new DerException("element at byte " + pos + " is longer than what holds it");
        }
        pos = from + length;
        return new DerReader(in, from, from + length);
    }

    /** The content of the next element, which must have the tag. */
    byte[] content(int tag) throws DerException {
        DerReader element = enter(tag);
        return Arrays.copyOfRange(in, element.pos, element.end);
    }

    /** An octet string of a length. */
    byte[] octets(int length) throws DerException {
        byte[] content = content(OCTET_STRING);
        if (content.length != length) {
            throw new DerException("octet string of " + content.length + " bytes where " + length + " belong");
        }
        return content;
    }

    /** A non-negative number (INTEGER or ENUMERATED) up to a limit. */
    int number(int tag, int max) throws DerException {
        byte[] content = content(tag);
        if (content.length < 1 || content.length > 4 || content[0] < 0) {
            throw new DerException("number out of range");
        }
        if (content.length > 1 && content[0] == 0 && content[1] >= 0) {
            throw new DerException("number is not minimal");
        }
        long value = 0;
        for (byte b : content) {
            value = value << 8 | b & 0xFF;
        }
        if (value > max) {
            throw new DerException("number " + value + " above " + max);
        }
        return (int) value;
    }

    boolean bool() throws DerException {
        byte[] content = content(BOOLEAN);
        if (content.length != 1 || content[0] != 0 && content[0] != (byte) 0xFF) {
            throw new DerException("truth value is neither 0x00 nor 0xFF");
        }
        return content[0] != 0;
    }

    void requireEnd() throws DerException {
        if (hasNext()) {
            throw new DerException("unexpected bytes at " + pos);
        }
    }
}
