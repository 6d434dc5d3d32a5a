package io.ebridge.ratls.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Sockets over attested engines, connected here or layered over others. */
final class AttestedSocketFactory extends SSLSocketFactory {

    private final AttestedContextSpi context;

    AttestedSocketFactory(AttestedContextSpi context) {
        this.context = context;
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return context.cipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return context.cipherSuites();
    }

    @Override
    public Socket createSocket() throws IOException {
        return new AttestedSocket(context.engine(null, -1), new Socket(), true);
    }

    @Override
    public Socket createSocket(Socket socket, @Nullable String host, int port, boolean autoClose) throws IOException {
        return new AttestedSocket(context.engine(host, port), socket, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connect(host, new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return connect(host, new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connect(host.getHostAddress(), new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return connect(
                address.getHostAddress(),
                new InetSocketAddress(address, port),
                new InetSocketAddress(localAddress, localPort));
    }

    private Socket connect(String host, InetSocketAddress to, @Nullable InetSocketAddress from) throws IOException {
        Socket raw = new Socket();
        try {
            if (from != null) {
                raw.bind(from);
            }
            raw.connect(to);
            return new AttestedSocket(context.engine(host, to.getPort()), raw, true);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }
}
