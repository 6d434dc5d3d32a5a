package io.ebridge.protocol;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a connection to the init port is for. Handshakes and heartbeats arrive on the same port; the first two bytes tell them apart,
 * because no {@link WatchdogConfig} has an id that begins like a handshake.
 *
 * <p>An enclave of the reference implementation sends the first heartbeat only after half an interval, so a silent connection from an
 * enclave whose handshake is done is a heartbeat connection, and expects the host's heartbeats meanwhile.
 */
public enum InitConnection {
    /** An enclave that starts: {@link HostHandshake}. */
    HANDSHAKE,
    /** An enclave that runs: {@link Heartbeat}. */
    HEARTBEAT;

    /**
     * Looks at the first bytes of a connection and takes none.
     *
     * @param first what has arrived so far
     * @return what the connection is for; empty if more bytes are needed
     */
    public static Optional<InitConnection> of(ByteBuffer first) {
        int at = first.position();
        if (first.remaining() >= 1 && first.get(at) != 0x06) {
            return Optional.of(HEARTBEAT);
        }
        if (first.remaining() < 2) {
            return Optional.empty();
        }
        return Optional.of(first.get(at + 1) == 0x0A ? HANDSHAKE : HEARTBEAT);
    }
}
