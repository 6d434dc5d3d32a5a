package io.ebridge.kv;

/** The outcome of a conditional write: {@link Stored} or {@link Conflict}, never a boolean that a caller may ignore. */
public sealed interface Conditional {
    /**
     * Every condition held and everything was written.
     *
     * @param ack the acknowledgement
     */
    record Stored(Ack ack) implements Conditional {}

    /**
     * A condition did not hold and nothing was written.
     *
     * @param namespace the namespace of the first key whose version differed
     * @param expectedVersion the version the caller named
     * @param currentVersion the version the key has, or {@link SealedNamespace#ABSENT}
     */
    record Conflict(String namespace, long expectedVersion, long currentVersion) implements Conditional {}

    /**
     * The acknowledgement, for callers that regard a conflict as an error.
     *
     * @return the acknowledgement
     * @throws IllegalStateException if this is a conflict
     */
    default Ack orThrow() {
        if (this instanceof Stored stored) {
            return stored.ack();
        }
        throw new IllegalStateException(toString());
    }
}
