package io.ebridge.tunnel;

import io.ebridge.vsock.Cid;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What happened on a bridge; see {@link BridgeListener}. Details are for people: escaped, bounded, without relayed data and
 * without environment values.
 */
public sealed interface BridgeEvent {

    /** What a connection or a listener belongs to. */
    enum Kind {
        /** The port of handshakes and heartbeats. */
        CONTROL,
        /** A TCP port of the host whose connections lead to the enclave. */
        SERVER_TUNNEL,
        /** A VSOCK port of the host from which an enclave reaches targets outside. */
        CLIENT_TUNNEL,
        /** The log port. */
        LOG,
        /** A service of the host's own, for enclaves. */
        SERVICE,
        /** In the enclave: a VSOCK port that leads to a local server. */
        EXPOSED_PORT,
        /** In the enclave: the loopback HTTP CONNECT and SOCKS5 front. */
        LOCAL_PROXY
    }

    /**
     * Names a tunnel.
     *
     * @param kind what it is
     * @param peer the CID at the other end of the VSOCK side: the enclave's on a host, the host's in an enclave
     * @param port the port on which this side listens (TCP or VSOCK, as the kind says)
     */
    record Tunnel(Kind kind, Cid peer, long port) {
        @Override
        public String toString() {
            return kind + " " + peer.value() + ":" + port;
        }
    }

    /**
     * An enclave completed its handshake and its tunnels are up (on the host), or this enclave did (in the enclave).
     *
     * @param peer the CID at the other end
     * @param enclaveId the id that its heartbeats carry
     * @param appName the name that the enclave gives itself
     */
    record Bridged(Cid peer, UUID enclaveId, String appName) implements BridgeEvent {}

    /**
     * A bridge ended: the enclave's tunnels are torn down (on the host), or the host is gone (in the enclave).
     *
     * @param peer the CID at the other end
     * @param enclaveId the id that its heartbeats carried
     * @param reason why
     */
    record Lost(Cid peer, UUID enclaveId, BridgeReason reason) implements BridgeEvent {}

    /**
     * A handshake, or an attempt at one, came to nothing.
     *
     * @param peer the CID at the other end
     * @param reason why
     * @param detail for people
     */
    record HandshakeFailed(Cid peer, BridgeReason reason, String detail) implements BridgeEvent {}

    /**
     * A heartbeat arrived.
     *
     * @param peer the CID that sent it
     */
    record Heartbeat(Cid peer) implements BridgeEvent {}

    /**
     * A connection is relayed, or handed to a service.
     *
     * @param tunnel through which
     */
    record Opened(Tunnel tunnel) implements BridgeEvent {}

    /**
     * A connection was not relayed.
     *
     * @param tunnel through which it came
     * @param reason why not
     * @param detail for people
     */
    record Refused(Tunnel tunnel, BridgeReason reason, String detail) implements BridgeEvent {}

    /**
     * Bytes moved since the last such event of the same connection; sent about every second while they do, and before
     * {@link Closed}.
     *
     * @param tunnel through which
     * @param inward bytes from the side that connected to the side that was dialled
     * @param outward bytes the other way
     */
    record Transferred(Tunnel tunnel, long inward, long outward) implements BridgeEvent {}

    /**
     * A relayed connection ended.
     *
     * @param tunnel through which it went
     * @param inward bytes in all from the side that connected to the side that was dialled
     * @param outward bytes in all the other way
     * @param lasted from {@link Opened} to now
     * @param cut why it was cut, or null if both sides ended it in good order
     */
    record Closed(Tunnel tunnel, long inward, long outward, Duration lasted, @Nullable BridgeReason cut)
            implements BridgeEvent {}

    /**
     * A listener could not accept and pauses (about a second) before it tries again.
     *
     * @param tunnel whose listener
     * @param reason usually {@link BridgeReason#DESCRIPTORS_EXHAUSTED}
     * @param detail for people
     */
    record AcceptPaused(Tunnel tunnel, BridgeReason reason, String detail) implements BridgeEvent {}

    /**
     * Log lines were delivered, or dropped by the rate limit or a full queue.
     *
     * @param peer whose
     * @param delivered how many reached the consumer
     * @param dropped how many did not
     */
    record LogLines(Cid peer, long delivered, long dropped) implements BridgeEvent {}
}
