package io.ebridge.vsock;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Set;

/**
 * A way to reach VSOCK addresses. It is the whole SPI: a provider on another socket library is one class that implements these methods.
 *
 * <p><b>Guaranteed:</b> the same behaviour and the same {@link VsockException.Reason reasons} for every transport of this suite; calls block, can be
 * interrupted, and hold no monitor while they wait, so they suit virtual threads; a transport holds no thread and no descriptor while none of its streams and listeners
 * is open. <b>Not guaranteed:</b> that the peer is who its CID says, that what it sends is unread or unaltered by the host, or that a stream's end is the
 * end of the peer's data (see {@link Capability#RESET}).
 *
 * <p>What a provider needs no more than this interface for: the bridge takes any transport, and puts channels in front of one that has none
 * ({@link io.ebridge.vsock.netty.NettyVsockTransport#of}). It relies on what is said of the calls that wait: they end when their thread is interrupted, without
 * loss, and when the stream or listener is closed by another thread.
 *
 * <p>Instances are safe for use by many threads.
 */
public interface VsockTransport {
    /** The length of the queue of {@link #listen(VsockAddress)}: VMMs drop connections that find it full. */
    int DEFAULT_BACKLOG = 1024;

    /** How long {@link #connect(VsockAddress)} waits. */
    Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /**
     * A short name for messages: {@code kernel}, {@code hybrid}, {@code loopback} and so on.
     *
     * @return the name
     */
    String name();

    /**
     * Whether it can be used here. Does not throw, connects nowhere, and is cheap enough to call at start.
     *
     * @return the answer, with what is missing
     */
    Availability availability();

    /**
     * What its streams can do.
     *
     * @return an immutable set
     */
    Set<Capability> capabilities();

    /**
     * The CID of this side.
     *
     * @return the CID, {@link Cid#ANY} where the transport cannot tell
     */
    Cid localCid();

    /**
     * Listens.
     *
     * @param local the CID (usually {@link Cid#ANY}) and the port, {@link VsockAddress#ANY_PORT} for a free one
     * @param backlog how many streams may wait to be accepted, 1 to 65535; the operating system may cap it
     * @return the listener
     * @throws VsockException {@code PORT_TAKEN}, {@code NOT_LOCAL}, {@code PERMISSION}, {@code TRANSPORT_MISSING}, {@code RESOURCES}
     * @throws IllegalArgumentException if the backlog is out of range
     */
    VsockListener listen(VsockAddress local, int backlog) throws VsockException;

    /**
     * Listens with {@link #DEFAULT_BACKLOG}.
     *
     * @param local the CID (usually {@link Cid#ANY}) and the port
     * @return the listener
     * @throws VsockException as {@link #listen(VsockAddress, int)}
     */
    default VsockListener listen(VsockAddress local) throws VsockException {
        return listen(local, DEFAULT_BACKLOG);
    }

    /**
     * Connects, and waits until the peer's machine has accepted.
     *
     * @param remote where to
     * @param timeout how long to wait at most, above zero
     * @return the stream
     * @throws VsockException {@code NOBODY_LISTENS}, {@code NO_SUCH_CID}, {@code TIMEOUT}, {@code PERMISSION}, {@code TRANSPORT_MISSING}, {@code PROTOCOL}, {@code RESOURCES}
     * @throws InterruptedIOException if the thread was interrupted; nothing is left open
     * @throws IllegalArgumentException if the timeout is not above zero
     */
    VsockStream connect(VsockAddress remote, Duration timeout) throws VsockException, InterruptedIOException;

    /**
     * Connects within {@link #DEFAULT_CONNECT_TIMEOUT}.
     *
     * @param remote where to
     * @return the stream
     * @throws VsockException as {@link #connect(VsockAddress, Duration)}
     * @throws InterruptedIOException if the thread was interrupted
     */
    default VsockStream connect(VsockAddress remote) throws VsockException, InterruptedIOException {
        return connect(remote, DEFAULT_CONNECT_TIMEOUT);
    }
}
