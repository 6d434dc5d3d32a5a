package io.ebridge.tunnel;

import io.ebridge.protocol.Limits;
import io.ebridge.protocol.ProtocolException;
import io.ebridge.protocol.Target;
import io.ebridge.protocol.TargetLineClient;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.VsockTransport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A socket whose {@code connect} goes through a client tunnel: the host name travels in the target line and is resolved by
 * the host, never here. Every other method is that of the stream's own socket.
 */
final class TunnelSocket extends Socket {
    private final VsockTransport transport;
    private final LongSupplier port;
    private final VsockAddress hostAnyPort;
    private final Limits limits;
    private final Duration defaultTimeout;
    private volatile @Nullable Socket connected;
    private volatile @Nullable InetSocketAddress remote;
    private volatile int soTimeout;
    private volatile boolean closed;

    TunnelSocket(
            VsockTransport transport,
            VsockAddress hostAnyPort,
            LongSupplier port,
            Limits limits,
            Duration defaultTimeout)
            throws SocketException {
        super(noImpl());
        this.transport = transport;
        this.hostAnyPort = hostAnyPort;
        this.port = port;
        this.limits = limits;
        this.defaultTimeout = defaultTimeout;
    }

    // Socket(SocketImpl) with null makes a socket that is never a socket of the system.
    private static @Nullable SocketImpl noImpl() {
        return null;
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        if (closed) {
            throw new SocketException("Socket is closed");
        }
        if (connected != null) {
            throw new SocketException("already connected");
        }
        if (timeout < 0) {
            throw new IllegalArgumentException("connect: timeout can't be negative");
        }
        if (!(endpoint instanceof InetSocketAddress inet)) {
            throw new IllegalArgumentException("Unsupported address type");
        }
        Target target;
        try {
            target = new Target(inet.getHostString(), inet.getPort());
        } catch (IllegalArgumentException e) {
            throw new BridgeException(BridgeReason.TARGET_MALFORMED, Reasons.detail(e), e);
        }
        Duration wait = timeout == 0 ? defaultTimeout : Duration.ofMillis(timeout);
        VsockStream stream = open(target, wait);
        Socket socket = stream.asSocket();
        socket.setSoTimeout(soTimeout);
        connected = socket;
        remote = inet;
        if (closed) {
            socket.close();
            throw new SocketException("Socket is closed");
        }
    }

    private VsockStream open(Target target, Duration timeout) throws IOException {
        long began = System.nanoTime();
        VsockStream stream = transport.connect(new VsockAddress(hostAnyPort.cid(), port.getAsLong()), timeout);
        boolean done = false;
        try {
            TargetLineClient machine = TargetLineClient.start(target, limits, System.nanoTime());
            for (ByteBuffer out = machine.pollOutput().orElse(null); out != null; ) {
                byte[] bytes = new byte[out.remaining()];
                out.get(bytes);
                stream.outputStream().write(bytes);
                out = machine.pollOutput().orElse(null);
            }
            stream.outputStream().flush();
            // One byte at a time: what comes behind the acknowledgement is the application's.
            byte[] one = new byte[1];
            while (!machine.isDone()) {
                Duration left = timeout.minusNanos(System.nanoTime() - began);
                if (left.toMillis() <= 0) {
                    throw new SocketTimeoutException("connect timed out: " + target);
                }
                stream.readTimeout(left);
                if (stream.inputStream().read(one) < 0) {
                    machine.endOfInput(System.nanoTime());
                } else {
                    machine.receive(ByteBuffer.wrap(one), System.nanoTime());
                }
            }
            stream.readTimeout(Duration.ZERO);
            done = true;
            return stream;
        } catch (ProtocolException e) {
            throw new BridgeException(
                    e.reason() == ProtocolException.Reason.REFUSED ? BridgeReason.CONNECT_REFUSED : Reasons.of(e),
                    Reasons.detail(e),
                    e);
        } finally {
            if (!done) {
                stream.reset();
            }
        }
    }

    private Socket socket() throws SocketException {
        Socket socket = connected;
        if (socket == null) {
            throw new SocketException(closed ? "Socket is closed" : "Socket is not connected");
        }
        return socket;
    }

    @Override
    public void bind(@Nullable SocketAddress address) {
        // Nothing to bind: the host chooses where the connection comes from.
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return socket().getInputStream();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return socket().getOutputStream();
    }

    @Override
    public void shutdownInput() throws IOException {
        socket().shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        socket().shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        Socket socket = connected;
        if (socket != null) {
            socket.close();
        }
    }

    @Override
    public boolean isConnected() {
        return connected != null;
    }

    @Override
    public boolean isBound() {
        return connected != null;
    }

    @Override
    public boolean isClosed() {
        Socket socket = connected;
        return closed || socket != null && socket.isClosed();
    }

    @Override
    public boolean isInputShutdown() {
        Socket socket = connected;
        return socket != null && socket.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        Socket socket = connected;
        return socket != null && socket.isOutputShutdown();
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        InetSocketAddress to = remote;
        if (to == null) {
            return null;
        }
        if (to.getAddress() != null) {
            return to.getAddress();
        }
        try {
            // A name that only the host resolves; the address says "none".
            return InetAddress.getByAddress(to.getHostString(), new byte[4]);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("Four bytes are an address", e);
        }
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return remote;
    }

    @Override
    public int getPort() {
        InetSocketAddress to = remote;
        return to == null ? 0 : to.getPort();
    }

    @Override
    public int getLocalPort() {
        return connected == null ? -1 : 0;
    }

    @Override
    public InetAddress getLocalAddress() {
        return new InetSocketAddress(0).getAddress();
    }

    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        return connected == null ? null : new InetSocketAddress(0);
    }

    @Override
    public void setSoTimeout(int timeout) throws SocketException {
        if (timeout < 0) {
            throw new IllegalArgumentException("timeout can't be negative");
        }
        soTimeout = timeout;
        Socket socket = connected;
        if (socket != null) {
            socket.setSoTimeout(timeout);
        }
    }

    @Override
    public int getSoTimeout() {
        return soTimeout;
    }

    @Override
    public void setSoLinger(boolean on, int linger) throws SocketException {
        Socket socket = connected;
        if (socket != null) {
            socket.setSoLinger(on, linger);
        }
    }

    @Override
    public int getSoLinger() throws SocketException {
        Socket socket = connected;
        return socket == null ? -1 : socket.getSoLinger();
    }

    // The host sets what these ask for on its own socket: no delay, keep-alive. They are taken and ignored, as clients
    // set them blindly.

    @Override
    public void setTcpNoDelay(boolean on) {}

    @Override
    public boolean getTcpNoDelay() {
        return true;
    }

    @Override
    public void setKeepAlive(boolean on) {}

    @Override
    public boolean getKeepAlive() {
        return true;
    }

    @Override
    public void setSendBufferSize(int size) {}

    @Override
    public int getSendBufferSize() {
        return RelayBuffers.SIZE;
    }

    @Override
    public void setReceiveBufferSize(int size) {}

    @Override
    public int getReceiveBufferSize() {
        return RelayBuffers.SIZE;
    }

    @Override
    public void setReuseAddress(boolean on) {}

    @Override
    public boolean getReuseAddress() {
        return false;
    }

    @Override
    public void setTrafficClass(int value) {}

    @Override
    public int getTrafficClass() {
        return 0;
    }

    @Override
    public void setOOBInline(boolean on) {}

    @Override
    public boolean getOOBInline() {
        return false;
    }

    @Override
    public void sendUrgentData(int data) throws IOException {
        throw new SocketException("Urgent data cannot be sent through a tunnel");
    }

    @Override
    public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
        throw new UnsupportedOperationException("'" + name + "' not supported");
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        throw new UnsupportedOperationException("'" + name + "' not supported");
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public String toString() {
        InetSocketAddress to = remote;
        return to == null ? "TunnelSocket[unconnected]" : "TunnelSocket[" + to + "]";
    }
}
