package io.ebridge.kv;

import org.jspecify.annotations.Nullable;

/** Data that no enclave with this key wrote in this place: altered, swapped with another key, namespace, store or epoch, or made up. */
public final class TamperedException extends SealedStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param namespace the namespace concerned, or null if it is the whole store
     * @param message why, for people; never a key or a value
     * @param cause what led here, or null
     */
    public TamperedException(@Nullable String namespace, String message, @Nullable Throwable cause) {
        super(Reason.TAMPERED, namespace, message, cause);
    }
}
