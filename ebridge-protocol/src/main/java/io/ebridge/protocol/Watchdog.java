package io.ebridge.protocol;

import io.ebridge.protocol.ProtocolException.Reason;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Watches over one bridge, the same on both sides. A bridge is alive while heartbeats arrive on any of its heartbeat connections: it fails
 * when a full interval passes without one, or at once when one carries another enclave's id. A connection that is lost is not a failure;
 * the enclave dials again.
 *
 * <p>Begin one when the handshake is done, {@link #connect} each heartbeat connection to it, and call {@link #check} when
 * {@link #timeLeft} has passed. Thread-safe, because heartbeat connections may live on different threads. Time is in nanoseconds of a
 * monotonic clock, as with {@link StateMachine}.
 */
public final class Watchdog {
    private final WatchdogConfig config;
    private long lastBeat;
    private @Nullable ProtocolException failure;

    private Watchdog(WatchdogConfig config, long now) {
        this.config = config;
        this.lastBeat = now;
    }

    /**
     * Begins to watch; the first interval begins now.
     *
     * @param config the enclave's id and the interval
     * @param now the time, in nanoseconds
     * @return the watchdog
     */
    public static Watchdog begin(WatchdogConfig config, long now) {
        return new Watchdog(Objects.requireNonNull(config, "config"), now);
    }

    /**
     * Returns what is watched.
     *
     * @return the enclave's id and the interval
     */
    public WatchdogConfig config() {
        return config;
    }

    /**
     * Starts heartbeats on a connection. The first one is output at once.
     *
     * @param now the time, in nanoseconds
     * @return the machine for this connection
     */
    public Heartbeat connect(long now) {
        return new Heartbeat(this, now);
    }

    /**
     * Fails if a full interval has passed without a heartbeat. A failure is final.
     *
     * @param now the time, in nanoseconds
     * @throws ProtocolException with {@link Reason#HEARTBEAT_TIMEOUT} or {@link Reason#HEARTBEAT_MISMATCH}
     */
    public synchronized void check(long now) throws ProtocolException {
        if (failure == null && nanosLeft(now) <= 0) {
            failure = new ProtocolException(Reason.HEARTBEAT_TIMEOUT, "no heartbeat within " + config.interval());
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Returns when {@link #check} should be called next. Heartbeats that arrive meanwhile put it off.
     *
     * @param now the time, in nanoseconds
     * @return the time left, zero if it has run out; empty if the watchdog has failed
     */
    public synchronized Optional<Duration> timeLeft(long now) {
        return failure == null ? Optional.of(Duration.ofNanos(Math.max(0, nanosLeft(now)))) : Optional.empty();
    }

    /** Takes a heartbeat; one that comes too late does not revive the bridge. */
    synchronized void beat(UUID id, long now) throws ProtocolException {
        check(now);
        if (!id.equals(config.enclaveId())) {
            failure = new ProtocolException(Reason.HEARTBEAT_MISMATCH, "a heartbeat carries another enclave's id");
            throw failure;
        }
        // Two connections may hand in their times out of order.
        if (now - lastBeat > 0) {
            lastBeat = now;
        }
    }

    private long nanosLeft(long now) {
        return config.interval().toNanos() - (now - lastBeat);
    }
}
