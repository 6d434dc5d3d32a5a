package io.ebridge.vsock;

/** What the streams of one transport can do and those of another cannot. Ask {@link VsockTransport#capabilities()}. */
public enum Capability {
    /**
     * One direction of a stream can end while the other goes on. Where it is missing (Firecracker, vhost-device-vsock), a peer that ends its output is seen to
     * end the whole stream, so the end of a message must be told inside the stream.
     */
    HALF_CLOSE,
    /**
     * A stream that was cut looks different from one that ended: the peer's read fails with {@link VsockException.Reason#RESET}. AF_VSOCK and Unix sockets have
     * no such thing (closing looks the same to the peer, whatever the reason), so where it is missing only the protocol above can tell the end of the data from a loss.
     */
    RESET,
    /** The peer of an accepted stream is known by its port too, not by its CID alone. */
    PEER_PORT
}
