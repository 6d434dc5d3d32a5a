package io.ebridge.kv;

import org.jspecify.annotations.Nullable;

/** An authentic record that has been replaced since: the host answered with an old one. */
public final class StaleException extends SealedStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param namespace the namespace concerned, or null if it is the whole store
     * @param message why, for people; never a key or a value
     * @param cause what led here, or null
     */
    public StaleException(@Nullable String namespace, String message, @Nullable Throwable cause) {
        super(Reason.STALE, namespace, message, cause);
    }
}
