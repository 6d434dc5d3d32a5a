package io.ebridge.attest.cbor;

/** Bytes are not the CBOR that was asked for. */
public final class CborException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Reason {
        /** The input ends inside an item. */
        TRUNCATED,
        /** Another kind of item than was asked for. */
        WRONG_TYPE,
        /** An argument that is not in its shortest form, reserved, or an indefinite length where none may be. */
        BAD_ENCODING,
        /** Longer, more numerous or deeper than the reader allows. */
        LIMIT,
        /** A map has a key twice. */
        DUPLICATE_KEY,
        /** A text string that is not UTF-8. */
        BAD_TEXT,
        /** Bytes follow the item. */
        TRAILING
    }

    private final Reason reason;
    private final int offset;

    CborException(Reason reason, int offset, String detail) {
        super(detail + " at byte " + offset);
        this.reason = reason;
        this.offset = offset;
    }

    /** What is wrong. */
    public Reason reason() {
        return reason;
    }

    /** Where, in bytes from the start. */
    public int offset() {
        return offset;
    }
}
