package io.ebridge.vsock;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import javax.net.SocketFactory;

/**
 * A {@link SocketFactory} whose sockets all go to one CID: the port is the VSOCK port, the host name is ignored.
 *
 * <p>For libraries that take a socket factory and must be sent to one peer, whatever name they believe to be talking to. Unconnected sockets are not offered. A factory of one
 * CID and not of a name on purpose: names resolve through the host.
 */
public final class VsockSocketFactory extends SocketFactory {
    private final VsockTransport transport;
    private final Cid cid;
    private final Duration connectTimeout;

    /**
     * A factory.
     *
     * @param transport what carries the streams
     * @param cid the peer
     * @param connectTimeout how long {@code createSocket} waits, above zero
     */
    public VsockSocketFactory(VsockTransport transport, Cid cid, Duration connectTimeout) {
        this.transport = Objects.requireNonNull(transport, "transport");
        this.cid = Objects.requireNonNull(cid, "cid");
        this.connectTimeout = Objects.requireNonNull(connectTimeout, "connectTimeout");
    }

    private Socket open(int port) throws IOException {
        return transport.connect(new VsockAddress(cid, port), connectTimeout).asSocket();
    }

    /**
     * Connects.
     *
     * @param host ignored
     * @param port the VSOCK port
     * @return a connected socket
     * @throws IOException as {@link VsockTransport#connect(VsockAddress, Duration)}
     */
    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return open(port);
    }

    /**
     * Connects.
     *
     * @param host ignored
     * @param port the VSOCK port
     * @param localHost ignored
     * @param localPort ignored
     * @return a connected socket
     * @throws IOException as {@link VsockTransport#connect(VsockAddress, Duration)}
     */
    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return open(port);
    }

    /**
     * Connects.
     *
     * @param host ignored
     * @param port the VSOCK port
     * @return a connected socket
     * @throws IOException as {@link VsockTransport#connect(VsockAddress, Duration)}
     */
    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return open(port);
    }

    /**
     * Connects.
     *
     * @param address ignored
     * @param port the VSOCK port
     * @param localAddress ignored
     * @param localPort ignored
     * @return a connected socket
     * @throws IOException as {@link VsockTransport#connect(VsockAddress, Duration)}
     */
    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return open(port);
    }
}
