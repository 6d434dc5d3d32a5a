package io.ebridge.attest;

import org.jspecify.annotations.Nullable;

/** No evidence could be made here. */
public final class EvidenceUnavailableException extends AttestationException {

    private static final long serialVersionUID = 1L;

    /** Why there is no evidence. */
    public enum Reason {
        /** The device or pseudo-file is not there, or may not be opened. */
        NO_DEVICE,
        /** This Java runtime lacks what the provider needs. */
        UNSUPPORTED_RUNTIME,
        /** The device refused the request. */
        DEVICE_REFUSED,
        /** The device answered with something that is not evidence. */
        BAD_ANSWER,
        /** Another writer disturbed the request, and so it did on every retry. */
        CONTENDED,
        /** The thread was interrupted or a deadline passed. */
        INTERRUPTED
    }

    /** Why, for machines. */
    private final Reason reason;

    /**
     * A failure.
     *
     * @param reason why
     * @param detail what was found, for an operator
     * @param cause what brought it to light, or null
     */
    public EvidenceUnavailableException(Reason reason, String detail, @Nullable Throwable cause) {
        super(reason + ": " + detail, cause);
        this.reason = reason;
    }

    /**
     * Why there is no evidence.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }
}
