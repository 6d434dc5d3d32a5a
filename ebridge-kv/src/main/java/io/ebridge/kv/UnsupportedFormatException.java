package io.ebridge.kv;

import org.jspecify.annotations.Nullable;

/** Written in a newer format than this release reads; nothing was changed. Use the newer release. */
public final class UnsupportedFormatException extends SealedStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param namespace the namespace concerned, or null if it is the whole store
     * @param message why, for people; never a key or a value
     * @param cause what led here, or null
     */
    public UnsupportedFormatException(@Nullable String namespace, String message, @Nullable Throwable cause) {
        super(Reason.UNSUPPORTED, namespace, message, cause);
    }
}
