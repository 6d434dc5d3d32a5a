package io.ebridge.kv;

import org.jspecify.annotations.Nullable;

/** A record has an expiry time, it has not passed as far as is known, and trusted time is frozen or was never configured: the store cannot tell and does not guess. */
public final class FrozenTimeException extends SealedStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param namespace the namespace concerned, or null if it is the whole store
     * @param message why, for people; never a key or a value
     * @param cause what led here, or null
     */
    public FrozenTimeException(@Nullable String namespace, String message, @Nullable Throwable cause) {
        super(Reason.TIME, namespace, message, cause);
    }
}
