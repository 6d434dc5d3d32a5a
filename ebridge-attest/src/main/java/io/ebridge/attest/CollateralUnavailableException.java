package io.ebridge.attest;

import org.jspecify.annotations.Nullable;

/** A {@link CollateralSource} could not be asked. That it has nothing is not an error: it then returns nothing. */
public final class CollateralUnavailableException extends AttestationException {

    private static final long serialVersionUID = 1L;

    /** Why there is no collateral. */
    public enum Reason {
        /** The source could not be reached, or did not answer in time. */
        UNREACHABLE,
        /** The source answered that it has no such document. */
        NOT_FOUND,
        /** The source answered with an error. */
        REFUSED,
        /** The source asks for fewer requests, and retries were used up. */
        THROTTLED,
        /** The answer was not what was asked for, or too large. */
        BAD_ANSWER,
        /** The thread was interrupted. */
        INTERRUPTED
    }

    /** Why, for machines. */
    private final Reason reason;

    /**
     * A failure.
     *
     * @param reason why
     * @param detail what was asked and what came back, for an operator
     * @param cause what brought it to light, or null
     */
    public CollateralUnavailableException(Reason reason, String detail, @Nullable Throwable cause) {
        super(reason + ": " + detail, cause);
        this.reason = reason;
    }

    /**
     * Why there is no collateral.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }
}
