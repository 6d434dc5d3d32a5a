package io.ebridge.kv;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one write is done.
 *
 * @param timeToLive how long the record lives from the trusted time of the write; empty for ever. Rounded down to milliseconds.
 * @param durability what the acknowledgement shall promise; empty for the store's default
 */
public record WriteOptions(Optional<Duration> timeToLive, Optional<Durability> durability) {

    /** The store's defaults. */
    public static final WriteOptions DEFAULT = new WriteOptions(Optional.empty(), Optional.empty());

    /**
     * Checks that a time to live is positive and can be counted in milliseconds.
     *
     * @param timeToLive how long the record lives
     * @param durability what the acknowledgement shall promise
     */
    public WriteOptions {
        if (timeToLive.isPresent()
                && (timeToLive.get().compareTo(Duration.ofMillis(1)) < 0
                        || timeToLive.get().compareTo(Duration.ofMillis(Long.MAX_VALUE)) > 0)) {
            throw new IllegalArgumentException("a time to live is at least one millisecond, and 2^63 at most");
        }
    }

    /**
     * A time to live and the store's durability.
     *
     * @param timeToLive how long the record lives
     * @return the options
     */
    public static WriteOptions timeToLive(Duration timeToLive) {
        return new WriteOptions(Optional.of(timeToLive), Optional.empty());
    }

    /**
     * Asks for an acknowledgement after the write is on stable storage.
     *
     * @return the options
     */
    public static WriteOptions durable() {
        return of(Durability.DURABLE);
    }

    /**
     * Asks for an early acknowledgement.
     *
     * @return the options
     */
    public static WriteOptions asVolatile() {
        return of(Durability.VOLATILE);
    }

    /**
     * These options with another durability.
     *
     * @param value the durability, or null for the store's default
     * @return the options
     */
    public WriteOptions with(@Nullable Durability value) {
        return new WriteOptions(timeToLive, Optional.ofNullable(value));
    }

    private static WriteOptions of(Durability durability) {
        return new WriteOptions(Optional.empty(), Optional.of(durability));
    }
}
