package io.ebridge.tunnel;

import io.ebridge.protocol.Limits;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.function.LongSupplier;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/** Makes sockets that connect through a client tunnel. */
final class TunnelSocketFactory extends SocketFactory {
    private final VsockTransport transport;
    private final VsockAddress host;
    private final LongSupplier port;
    private final Limits limits;
    private final Duration timeout;

    TunnelSocketFactory(
            VsockTransport transport, VsockAddress host, LongSupplier port, Limits limits, Duration timeout) {
        this.transport = transport;
        this.host = host;
        this.port = port;
        this.limits = limits;
        this.timeout = timeout;
    }

    @Override
    public Socket createSocket() throws IOException {
        return new TunnelSocket(transport, host, port, limits, timeout);
    }

    @Override
    public Socket createSocket(String name, int number) throws IOException {
        return connected(InetSocketAddress.createUnresolved(name, number));
    }

    @Override
    public Socket createSocket(String name, int number, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return createSocket(name, number);
    }

    @Override
    public Socket createSocket(InetAddress address, int number) throws IOException {
        return connected(new InetSocketAddress(address, number));
    }

    @Override
    public Socket createSocket(InetAddress address, int number, @Nullable InetAddress localAddress, int localPort)
            throws IOException {
        return createSocket(address, number);
    }

    private Socket connected(InetSocketAddress address) throws IOException {
        Socket socket = createSocket();
        boolean done = false;
        try {
            socket.connect(address);
            done = true;
            return socket;
        } finally {
            if (!done) {
                socket.close();
            }
        }
    }
}
