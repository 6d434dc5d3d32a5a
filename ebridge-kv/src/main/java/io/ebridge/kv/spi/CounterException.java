package io.ebridge.kv.spi;

import java.io.IOException;

/** The counter was reached and said no. */
public final class CounterException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What it said. */
    public enum Kind {
        /** Another holds the lease. */
        HELD,
        /** The lease was ours and is no longer. */
        LOST,
        /** The counter is not in the expected state. */
        CONFLICT,
        /** What is stored there is not a counter. */
        INVALID
    }

    /** What the counter said. */
    private final Kind kind;

    /**
     * Creates the exception.
     *
     * @param kind what the counter said
     * @param message for people
     */
    public CounterException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /**
     * What the counter said.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }
}
