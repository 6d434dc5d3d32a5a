package io.ebridge.kv;

import org.jspecify.annotations.Nullable;

/**
 * The host store or the counter failed: no connection, a full disk, a timeout. The data is not known to be bad and no namespace is
 * quarantined; later calls try again.
 */
public final class BackendException extends SealedStoreException {

    private static final long serialVersionUID = 1L;

    /** Whether a write was under way. */
    private final boolean outcomeUnknown;

    /**
     * Creates the exception.
     *
     * @param outcomeUnknown whether a write was under way that may or may not have been stored
     * @param message why, for people
     * @param cause what led here, or null
     */
    public BackendException(boolean outcomeUnknown, String message, @Nullable Throwable cause) {
        super(Reason.BACKEND, null, message, cause);
        this.outcomeUnknown = outcomeUnknown;
    }

    /**
     * Whether the write that failed may have been stored. The store keeps such a write and sends the very same bytes again before
     * anything else, so that it is either wholly there or, after a restart of the enclave, wholly absent. Read to find out.
     *
     * @return true if a write was under way
     */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
