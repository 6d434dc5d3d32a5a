package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;

/** Reads little-endian fields within a range; every read checks what is left by subtraction. */
final class Cursor {

    private final byte[] in;
    private final int end;
    private int pos;

    Cursor(byte[] in, int from, int to) {
        this.in = in;
        this.pos = from;
        this.end = to;
    }

    int position() {
        return pos;
    }

    int left() {
        return end - pos;
    }

    int u16(String what) throws EvidenceRejectedException {
        need(2, what);
        int value = in[pos] & 0xFF | (in[pos + 1] & 0xFF) << 8;
        pos += 2;
        return value;
    }

    long u32(String what) throws EvidenceRejectedException {
        long low = u16(what);
        return low | (long) u16(what) << 16;
    }

    Bytes bytes(int length, String what) throws EvidenceRejectedException {
        need(length, what);
        Bytes value = Bytes.of(in, pos, length);
        pos += length;
        return value;
    }

    /** A sub-range of a length that the input states: it must fit. */
    Cursor part(long length, String what) throws EvidenceRejectedException {
        if (length > left()) {
            throw new EvidenceRejectedException(
                    RejectionReason.MALFORMED, what + " declares " + length + " bytes, and " + left() + " are left");
        }
        Cursor part = new Cursor(in, pos, pos + (int) length);
        pos += (int) length;
        return part;
    }

    void requireEnd(String what) throws EvidenceRejectedException {
        if (left() != 0) {
            throw new EvidenceRejectedException(
                    RejectionReason.MALFORMED, what + " declares " + left() + " bytes more than its content needs");
        }
    }

    private void need(int length, String what) throws EvidenceRejectedException {
        if (length > left()) {
            throw new EvidenceRejectedException(
                    RejectionReason.MALFORMED,
                    "cut off in " + what + " at byte " + pos + ": " + left() + " bytes left");
        }
    }
}
