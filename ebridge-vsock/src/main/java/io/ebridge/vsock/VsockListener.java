package io.ebridge.vsock;

import java.io.Closeable;
import java.io.InterruptedIOException;
import java.time.Duration;

/** Accepts streams. Safe for use by many threads; closing it wakes those that wait. */
public interface VsockListener extends Closeable {
    /**
     * Where it listens.
     *
     * @return the address, with the port that was given where {@link VsockAddress#ANY_PORT} was asked for
     */
    VsockAddress localAddress();

    /**
     * Waits for the next stream without a limit of time.
     *
     * @return the stream
     * @throws VsockException {@code CLOSED} once the listener is closed; {@code RESOURCES} when streams wait and cannot be accepted for want of descriptors: the listener is open, tries again after a second, and
     *     lets the next caller wait
     * @throws InterruptedIOException if the thread was interrupted; no stream is lost
     */
    VsockStream accept() throws VsockException, InterruptedIOException;

    /**
     * Waits for the next stream.
     *
     * @param timeout how long to wait at most, zero or more
     * @return the stream
     * @throws VsockException {@code CLOSED} once the listener is closed; {@code RESOURCES} when streams wait and cannot be accepted for want of descriptors: the listener is open, tries again after a second, and
     *     lets the next caller wait
     * @throws java.net.SocketTimeoutException if none came in time
     * @throws InterruptedIOException if the thread was interrupted; no stream is lost
     */
    VsockStream accept(Duration timeout) throws VsockException, InterruptedIOException;

    /** Stops listening and cuts the streams that wait to be accepted. Streams already accepted stay open. Does nothing the second time. */
    @Override
    void close();
}
