package io.ebridge.kv;

import org.jspecify.annotations.Nullable;

/** A sealing key could not be obtained, or a sealed blob does not open under it. Never a reason to start afresh. */
public final class SealingException extends SealedStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param namespace the namespace concerned, or null if it is the whole store
     * @param message why, for people; never a key or a value
     * @param cause what led here, or null
     */
    public SealingException(@Nullable String namespace, String message, @Nullable Throwable cause) {
        super(Reason.SEALING, namespace, message, cause);
    }
}
