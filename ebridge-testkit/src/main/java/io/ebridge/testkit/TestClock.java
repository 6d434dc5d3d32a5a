package io.ebridge.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that stands still until it is told to move, also backwards, as an adversary's does. Safe for use by many threads. It moves nobody's timeouts: those are measured with the JVM's own clock.
 */
public final class TestClock implements InstantSource {
    private final AtomicReference<Instant> now;

    /**
     * A clock.
     *
     * @param start what it shows first
     */
    public TestClock(Instant start) {
        now = new AtomicReference<>(Objects.requireNonNull(start, "start"));
    }

    /**
     * What it shows.
     *
     * @return the time
     */
    @Override
    public Instant instant() {
        return Objects.requireNonNull(now.get());
    }

    /**
     * Moves it.
     *
     * @param by how far; negative to move it back
     * @return what it shows now
     */
    public Instant advance(Duration by) {
        return now.updateAndGet(t -> t.plus(by));
    }

    /**
     * Makes it jump.
     *
     * @param to what it shows from now on
     */
    public void set(Instant to) {
        now.set(Objects.requireNonNull(to, "to"));
    }

    /**
     * For people.
     *
     * @return the time it shows
     */
    @Override
    public String toString() {
        return "TestClock[" + now.get() + "]";
    }
}
