package io.ebridge.kv;

import org.jspecify.annotations.Nullable;

/** The host offers an old copy of the whole store: the counter is ahead of its manifest. */
public final class RollbackException extends SealedStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param namespace the namespace concerned, or null if it is the whole store
     * @param message why, for people; never a key or a value
     * @param cause what led here, or null
     */
    public RollbackException(@Nullable String namespace, String message, @Nullable Throwable cause) {
        super(Reason.ROLLBACK, namespace, message, cause);
    }
}
