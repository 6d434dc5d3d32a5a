package io.ebridge.kv;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The root of every failure of a sealed store. Unchecked, because the place that reads a record can seldom repair a hostile host;
 * {@link #reason()} tells a handler what to do.
 */
public abstract sealed class SealedStoreException extends RuntimeException
        permits MissingException,
                TamperedException,
                StaleException,
                RollbackException,
                ForkedException,
                BackendException,
                UnsupportedFormatException,
                SealingException,
                FrozenTimeException {

    private static final long serialVersionUID = 1L;

    /** Why an operation failed, for machines. */
    public enum Reason {
        /** Something that must exist is not there: a record the enclave knows of, or the store itself. */
        MISSING,
        /** Something is there that no enclave with this key wrote in this place. */
        TAMPERED,
        /** An authentic record, but not the newest. */
        STALE,
        /** An old copy of the whole store. */
        ROLLBACK,
        /** Another instance, or another history, of the same store. */
        FORKED,
        /** The host or the counter did not do its work. Nothing is known to be wrong with the data. */
        BACKEND,
        /** Written by a newer release. */
        UNSUPPORTED,
        /** A key could not be obtained, or sealed state could not be opened. */
        SEALING,
        /** A record has an end, and there is no trusted time to compare it with. */
        TIME
    }

    /** Why, for machines. */
    private final Reason reason;

    private final transient @Nullable String namespace;

    /**
     * Creates the exception.
     *
     * @param reason why, for machines
     * @param namespace the namespace concerned, or null if it is the whole store
     * @param message why, for people; never a key or a value
     * @param cause what led here, or null
     */
    SealedStoreException(Reason reason, @Nullable String namespace, String message, @Nullable Throwable cause) {
        super(namespace == null ? message : "namespace '" + namespace + "': " + message, cause);
        this.reason = Objects.requireNonNull(reason);
        this.namespace = namespace;
    }

    /**
     * Why, for machines.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * The namespace concerned; empty if it is the whole store.
     *
     * @return the name
     */
    public Optional<String> namespace() {
        return Optional.ofNullable(namespace);
    }
}
