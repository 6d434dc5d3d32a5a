package io.ebridge.ratls.strict;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.util.Arrays;

/** Reads big-endian fields and never beyond the end; what it allocates is already there. */
public final class WireReader {

    private final byte[] data;
    private int at;

    public WireReader(byte[] data) {
        this.data = data;
    }

    public int remaining() {
        return data.length - at;
    }

    public int u8() throws AttestedTlsException {
        return (int) number(1);
    }

    public int u16() throws AttestedTlsException {
        return (int) number(2);
    }

    public int u24() throws AttestedTlsException {
        return (int) number(3);
    }

    public long u32() throws AttestedTlsException {
        return number(4);
    }

    /** Unsigned, below 2^63. */
    public long u64() throws AttestedTlsException {
        long value = number(8);
        if (value < 0) {
            throw malformed("a number beyond 2^63-1");
        }
        return value;
    }

    public byte[] bytes(int length) throws AttestedTlsException {
        if (length > remaining()) {
            throw malformed(length + " bytes where " + remaining() + " are left");
        }
        byte[] value = Arrays.copyOfRange(data, at, at + length);
        at += length;
        return value;
    }

    public void end() throws AttestedTlsException {
        if (remaining() != 0) {
            throw malformed(remaining() + " bytes follow the end");
        }
    }

    public AttestedTlsException malformed(String detail) {
        return new AttestedTlsException(Reason.MALFORMED, detail);
    }

    private long number(int bytes) throws AttestedTlsException {
        if (bytes > remaining()) {
            throw malformed("the input ends inside a number");
        }
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | data[at++] & 0xFF;
        }
        return value;
    }
}
