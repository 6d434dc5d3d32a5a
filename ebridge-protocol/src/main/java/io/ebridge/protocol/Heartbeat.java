package io.ebridge.protocol;

import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Heartbeats on one connection, the same on both sides. Sends one at once and then every half interval: the 16 bytes of the enclave's id
 * and a line feed. Reads the same as frames of 17 bytes, so that an id may contain the byte {@code 0x0A}; each yields its id once it has
 * passed the {@link Watchdog} it was made by.
 *
 * <p>Another enclave's id, or a frame without its line feed, fails this machine at once; another enclave's id fails the watchdog too. Silence
 * fails the watchdog, not the connection. The end of input is fine: the enclave dials again.
 */
public final class Heartbeat extends StateMachine<UUID> {
    /** The size of a heartbeat. */
    public static final int FRAME_BYTES = 17;

    private final Watchdog watchdog;
    private final ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES);
    private final long halfInterval;
    private long lastSent;

    Heartbeat(Watchdog watchdog, long now) {
        this.watchdog = watchdog;
        this.halfInterval = Math.max(1, watchdog.config().interval().toNanos() / 2);
        send(now);
    }

    @Override
    @Nullable UUID onBytes(ByteBuffer in, long now) throws ProtocolException {
        while (in.hasRemaining() && frame.hasRemaining()) {
            frame.put(in.get());
        }
        if (frame.hasRemaining()) {
            return null;
        }
        frame.flip();
        UUID id = new UUID(frame.getLong(), frame.getLong());
        byte end = frame.get();
        frame.clear();
        if (end != '\n') {
            throw new ProtocolException(Reason.MALFORMED_HEARTBEAT, "a heartbeat does not end in a line feed");
        }
        watchdog.beat(id, now);
        return id;
    }

    @Override
    void onEnd() {
        finish();
    }

    @Override
    void onTick(long now) {
        if (now - lastSent >= halfInterval) {
            send(now);
        }
    }

    @Override
    Optional<Duration> nextTick(long now) {
        return Optional.of(Duration.ofNanos(halfInterval - (now - lastSent)));
    }

    private void send(long now) {
        lastSent = now;
        // Output that nobody collects must not pile up.
        if (!hasOutput()) {
            UUID id = watchdog.config().enclaveId();
            send(ByteBuffer.allocate(FRAME_BYTES)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits())
                    .put((byte) '\n')
                    .flip());
        }
    }
}
