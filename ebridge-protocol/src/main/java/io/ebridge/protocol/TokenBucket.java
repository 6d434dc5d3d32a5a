package io.ebridge.protocol;

import java.time.Duration;

/**
 * A rate limit as a pure value over time: so many tokens per second on average, so many at once. It starts full. Time is in nanoseconds
 * of a monotonic clock, as with {@link StateMachine}. Not thread-safe.
 *
 * <p>Kept as the moment at which the bucket would be full again (GCRA), so there is no drift and nothing to refill.
 */
public final class TokenBucket {
    private static final long SECOND = 1_000_000_000L;

    private final long perSecond;
    private final long burstNanos;
    private long fullAt;

    private TokenBucket(long perSecond, long burst, long now) {
        this.perSecond = perSecond;
        this.burstNanos = nanos(burst);
        this.fullAt = now;
    }

    /**
     * Makes a full bucket.
     *
     * @param perSecond the tokens that are added each second, 1 to 1,000,000,000
     * @param burst the tokens that the bucket holds, 1 to 1,000,000,000
     * @param now the time, in nanoseconds
     * @return the bucket
     * @throws IllegalArgumentException if a value is out of bounds
     */
    public static TokenBucket full(long perSecond, long burst, long now) {
        if (perSecond < 1 || perSecond > SECOND || burst < 1 || burst > SECOND) {
            throw new IllegalArgumentException("a rate and a burst must be from 1 to 1000000000");
        }
        return new TokenBucket(perSecond, burst, now);
    }

    /**
     * Takes tokens if there are enough, else none.
     *
     * @param tokens how many, from 0; more than the burst are never there
     * @param now the time, in nanoseconds
     * @return whether they were taken
     * @throws IllegalArgumentException if the number is negative
     */
    public boolean tryTake(long tokens, long now) {
        if (tokens < 0) {
            throw new IllegalArgumentException("a number of tokens must not be negative");
        }
        if (tokens > SECOND) {
            return false;
        }
        long owed = Math.max(0, fullAt - now) + nanos(tokens);
        if (owed > burstNanos) {
            return false;
        }
        fullAt = now + owed;
        return true;
    }

    /**
     * Returns how long it takes until the bucket is full, if nobody takes from it.
     *
     * @param now the time, in nanoseconds
     * @return the time, zero if it is full
     */
    public Duration untilFull(long now) {
        return Duration.ofNanos(Math.max(0, fullAt - now));
    }

    private long nanos(long tokens) {
        return tokens * SECOND / perSecond;
    }
}
