package io.ebridge.attest.nitro;

import java.io.IOException;
import java.io.Serial;
import java.util.Objects;

/**
 * A file that is not a usable enclave image. {@link #reason()} says which rule of the image format it breaks; plain
 * {@link IOException} stays what it is, a failure to read.
 */
public final class EifFormatException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** The rule that is broken. */
    public enum Reason {
        /** The first four bytes are not {@code .eif}. */
        NOT_AN_EIF,
        /** A format version other than 2, 3 or 4. */
        UNSUPPORTED_VERSION,
        /** The file ends inside the header or a section. */
        TRUNCATED,
        /** Bytes follow the last section. */
        TRAILING_DATA,
        /** The header's table of sections is not what the file holds, or a section is missing, doubled or out of place. */
        SECTIONS,
        /** The checksum in the header is not that of the file. */
        CHECKSUM,
        /** The signature section cannot be read, or does not sign PCR0 of this image. */
        SIGNATURE
    }

    /** Why, for machines. */
    private final Reason reason;

    /**
     * Makes an exception.
     *
     * @param reason the rule that is broken
     * @param message what was found where
     */
    public EifFormatException(Reason reason, String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /**
     * Makes an exception with a cause.
     *
     * @param reason the rule that is broken
     * @param message what was found where
     * @param cause what the reading of a part ran into
     */
    public EifFormatException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /**
     * The rule that is broken.
     *
     * @return the rule, never null
     */
    public Reason reason() {
        return reason;
    }
}
