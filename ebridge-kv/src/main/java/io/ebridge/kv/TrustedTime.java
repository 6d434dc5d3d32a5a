package io.ebridge.kv;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What is known for certain about the time. Inside an enclave the clock is the host's, so time is a lower bound: <em>it is not
 * earlier than this</em>. A source that has lost its authority (an NTS quorum that no longer answers, say) is <em>frozen</em>: its
 * floor still holds, but nobody knows how much later it is.
 *
 * <p>A store remembers the highest floor it has seen across restarts. A record whose expiry is at or before the floor has expired.
 * One whose expiry is later is readable while the source is live, and fails with {@link FrozenTimeException} while it is frozen.
 */
@FunctionalInterface
public interface TrustedTime {

    /**
     * What is known now. Called for every read of a record that has an expiry; must not block.
     *
     * @return the reading
     */
    Reading read();

    /**
     * One reading.
     *
     * @param floor a time that has certainly been reached
     * @param frozen whether the source can no longer tell how much time has passed since the floor
     */
    record Reading(Instant floor, boolean frozen) {
        /**
         * Checks for null.
         *
         * @param floor a time that has certainly been reached
         * @param frozen whether the source can no longer tell how much time has passed since
         */
        public Reading {
            Objects.requireNonNull(floor);
        }
    }

    /**
     * No source: always frozen at the epoch. The default of a store; writing with a time to live is then refused.
     *
     * @return the source
     */
    static TrustedTime none() {
        return () -> new Reading(Instant.EPOCH, true);
    }

    /**
     * Believes a clock. Inside an enclave that clock is the host's, which can then keep records alive (by standing still) or end
     * them early.
     *
     * @param clock the clock
     * @return the source
     */
    static TrustedTime insecureClock(InstantSource clock) {
        return () -> new Reading(clock.instant(), false);
    }

    /**
     * Keeps another source from ever going back.
     *
     * @param source the source
     * @param initial the lowest time to report
     * @return a source whose floor never falls
     */
    static TrustedTime monotone(TrustedTime source, Instant initial) {
        AtomicReference<Instant> highest = new AtomicReference<>(initial);
        return () -> {
            Reading reading = source.read();
            Instant floor = highest.accumulateAndGet(reading.floor(), (a, b) -> a.isAfter(b) ? a : b);
            return new Reading(floor, reading.frozen());
        };
    }
}
