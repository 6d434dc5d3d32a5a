package io.ebridge.attest.json;

/** Bytes that are not JSON as RFC 8259 has it, that exceed a limit, or that lack what a caller requires. */
public final class JsonException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int offset;

    /**
     * A refusal.
     *
     * @param message what is wrong
     * @param offset where, in bytes from the start of the document
     */
    public JsonException(String message, int offset) {
        super(message + " at byte " + offset);
        this.offset = offset;
    }

    /**
     * Where the reader stood.
     *
     * @return offset in bytes from the start of the document
     */
    public int offset() {
        return offset;
    }
}
