package io.ebridge.kv.remote;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** A duplex stream of bytes. Closing it ends reads and writes that are under way. */
public interface HostStream extends Closeable {

    /**
     * Bytes from the peer.
     *
     * @return always the same stream
     * @throws IOException if the stream is closed
     */
    InputStream input() throws IOException;

    /**
     * Bytes to the peer.
     *
     * @return always the same stream
     * @throws IOException if the stream is closed
     */
    OutputStream output() throws IOException;

    /**
     * A connected socket.
     *
     * @param socket the socket; closed with the stream
     * @return the stream
     */
    static HostStream of(Socket socket) {
        return new HostStream() {
            @Override
            public InputStream input() throws IOException {
                return socket.getInputStream();
            }

            @Override
            public OutputStream output() throws IOException {
                return socket.getOutputStream();
            }

            @Override
            public void close() throws IOException {
                socket.close();
            }
        };
    }

    /**
     * A pair of streams.
     *
     * @param input bytes from the peer
     * @param output bytes to the peer
     * @param closer closes both, and ends what is under way on them
     * @return the stream
     */
    static HostStream of(InputStream input, OutputStream output, Closeable closer) {
        return new HostStream() {
            @Override
            public InputStream input() {
                return input;
            }

            @Override
            public OutputStream output() {
                return output;
            }

            @Override
            public void close() throws IOException {
                closer.close();
            }
        };
    }
}
