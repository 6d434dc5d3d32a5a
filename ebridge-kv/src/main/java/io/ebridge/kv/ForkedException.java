package io.ebridge.kv;

import org.jspecify.annotations.Nullable;

/** Another instance holds the lease of this store, or the store has another history than the one the counter recorded. */
public final class ForkedException extends SealedStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param namespace the namespace concerned, or null if it is the whole store
     * @param message why, for people; never a key or a value
     * @param cause what led here, or null
     */
    public ForkedException(@Nullable String namespace, String message, @Nullable Throwable cause) {
        super(Reason.FORKED, namespace, message, cause);
    }
}
