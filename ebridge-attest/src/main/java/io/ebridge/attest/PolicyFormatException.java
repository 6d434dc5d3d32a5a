package io.ebridge.attest;

import org.jspecify.annotations.Nullable;

/** A text is not a policy. The message names the member and says what may be there. */
public final class PolicyFormatException extends AttestationException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Reason {
        /** The text is not JSON, or too long. */
        SYNTAX,
        /** A member that no policy of this format has: a spelling mistake must not weaken a policy. */
        UNKNOWN_MEMBER,
        /** A member that must be there is not. */
        MISSING_MEMBER,
        /** A member has a value that it cannot have. */
        BAD_VALUE,
        /** The members are fine one by one and make no policy: there are no reference values, say. */
        INCOMPLETE
    }

    /** Why, for machines. */
    private final Reason reason;

    /**
     * A failure.
     *
     * @param reason what is wrong
     * @param detail which member, and what may be there
     * @param cause what brought it to light, or null
     */
    public PolicyFormatException(Reason reason, String detail, @Nullable Throwable cause) {
        super(reason + ": " + detail, cause);
        this.reason = reason;
    }

    /**
     * What is wrong.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }
}
