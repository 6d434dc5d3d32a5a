package io.ebridge.attest;

import java.time.Instant;

/**
 * A span of time, both ends included.
 *
 * @param from the first instant inside
 * @param until the last instant inside
 */
public record ValidityWindow(Instant from, Instant until) {

    /** All of time: the neutral element of {@link #intersect}. */
    public static final ValidityWindow ALWAYS = new ValidityWindow(Instant.MIN, Instant.MAX);

    /**
     * Whether an instant lies inside.
     *
     * @param instant the instant
     * @return whether it does
     */
    public boolean contains(Instant instant) {
        return !instant.isBefore(from) && !instant.isAfter(until);
    }

    /**
     * The time common to both windows. If there is none, the result contains nothing ({@link #isEmpty()}).
     *
     * @param other another window
     * @return the intersection
     */
    public ValidityWindow intersect(ValidityWindow other) {
        boolean laterStart = other.from.isAfter(from);
        boolean earlierEnd = other.until.isBefore(until);
        if (!laterStart && !earlierEnd) {
            return this;
        }
        return new ValidityWindow(laterStart ? other.from : from, earlierEnd ? other.until : until);
    }

    /**
     * Whether no instant lies inside.
     *
     * @return whether it ends before it starts
     */
    public boolean isEmpty() {
        return until.isBefore(from);
    }
}
