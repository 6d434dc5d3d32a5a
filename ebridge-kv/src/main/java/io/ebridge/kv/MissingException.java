package io.ebridge.kv;

import org.jspecify.annotations.Nullable;

/** The host says that something does not exist of which the enclave knows that it does: a record, or a store that is to be opened. */
public final class MissingException extends SealedStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param namespace the namespace concerned, or null if it is the whole store
     * @param message why, for people; never a key or a value
     * @param cause what led here, or null
     */
    public MissingException(@Nullable String namespace, String message, @Nullable Throwable cause) {
        super(Reason.MISSING, namespace, message, cause);
    }
}
