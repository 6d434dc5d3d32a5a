package io.ebridge.attest;

import org.jspecify.annotations.Nullable;

/**
 * Evidence was not accepted. {@link #reason()} names the one check that failed first; the message says what was found, what
 * was expected and what to do. It quotes measurements, versions and dates, never a nonce's or report data's expected value.
 */
public final class EvidenceRejectedException extends AttestationException {

    private static final long serialVersionUID = 1L;

    /** Why, for machines. */
    private final RejectionReason reason;

    /**
     * A rejection.
     *
     * @param reason the check that failed
     * @param detail what was found, for an operator
     */
    public EvidenceRejectedException(RejectionReason reason, String detail) {
        this(reason, detail, null);
    }

    /**
     * A rejection with a cause.
     *
     * @param reason the check that failed
     * @param detail what was found, for an operator
     * @param cause what brought it to light, or null
     */
    public EvidenceRejectedException(RejectionReason reason, String detail, @Nullable Throwable cause) {
        super(reason + ": " + detail, cause);
        this.reason = reason;
    }

    /**
     * The check that failed.
     *
     * @return the reason
     */
    public RejectionReason reason() {
        return reason;
    }
}
