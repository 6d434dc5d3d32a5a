package io.ebridge.vsock;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;

/**
 * A connected, ordered, two-way stream of bytes. One thread may read while another writes; calls block, can be interrupted, and hold no monitor while they wait.
 *
 * <p>Both directions end separately where the transport has {@link Capability#HALF_CLOSE}. Buffers are bounded (about 256 KiB in each direction beside the
 * operating system's own): a peer that does not read stops the writer, never fills the memory.
 */
public interface VsockStream extends Closeable {
    /**
     * This side.
     *
     * @return the address; the CID or the port is {@code ANY} where the transport cannot tell
     */
    VsockAddress localAddress();

    /**
     * The other side.
     *
     * @return the address; the port is {@link VsockAddress#ANY_PORT} where the transport cannot tell
     */
    VsockAddress remoteAddress();

    /**
     * What the peer sends. Reads throw {@link java.net.SocketTimeoutException} after the {@linkplain #readTimeout(Duration) read timeout},
     * {@link java.io.InterruptedIOException} when interrupted (nothing is lost, reading may go on), {@link VsockException} ({@code RESET}, {@code CLOSED}) once all that
     * came before has been read. {@link InputStream#available()} tells what can be read without waiting. Closing it closes the stream.
     *
     * @return the stream of bytes, always the same
     */
    InputStream inputStream();

    /**
     * What is sent to the peer. A write returns when the bytes are in the stream's bounded buffer, {@link OutputStream#flush()} when the operating system has them;
     * an error of an earlier write is thrown by the next. A thread that is interrupted while it waits gets {@link java.io.InterruptedIOException} with the number of bytes
     * of that call that were taken. Closing it closes the stream.
     *
     * @return the stream of bytes, always the same
     */
    OutputStream outputStream();

    /**
     * Limits how long a read waits.
     *
     * @param timeout the limit; zero for none, which is the default
     * @throws IllegalArgumentException if it is negative
     */
    void readTimeout(Duration timeout);

    /**
     * How long a read waits.
     *
     * @return the limit, zero for none
     */
    Duration readTimeout();

    /**
     * Limits how long a write waits for a peer that does not read. After that the write throws {@link VsockException} with {@code TIMEOUT}.
     *
     * @param timeout the limit; zero for none, which is the default
     * @throws IllegalArgumentException if it is negative
     */
    void writeTimeout(Duration timeout);

    /**
     * Sends what was written and then ends the output: the peer reads the end of the stream after it. Reading goes on. Does nothing the second time.
     *
     * @throws IOException as a write and flush; where the transport has no {@link Capability#HALF_CLOSE} the peer sees the whole stream end
     */
    void shutdownOutput() throws IOException;

    /**
     * Whether it has not been closed on this side.
     *
     * @return true until {@link #close()} or {@link #reset()}
     */
    boolean isOpen();

    /**
     * Cuts the stream: drops what was not sent yet, and where the transport has {@link Capability#RESET} lets the peer know that it was cut. Does nothing on
     * a closed stream.
     */
    void reset();

    /**
     * Sends what was written, waiting for it five seconds at most, then closes both directions. Threads that wait in a read or write get {@link VsockException} with
     * {@code CLOSED}. Does nothing the second time.
     */
    @Override
    void close();

    /**
     * The same stream as a connected {@link Socket}, for libraries that ask for one. Addresses come as {@link Socket#getRemoteSocketAddress()}; the methods that speak of
     * {@code InetAddress} say "not connected"; options that VSOCK lacks are ignored. There is no {@code SocketChannel}.
     *
     * @return a socket; closing either closes both
     */
    default Socket asSocket() {
        return VsockSocket.of(this);
    }
}
