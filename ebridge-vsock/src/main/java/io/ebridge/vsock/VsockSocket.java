package io.ebridge.vsock;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stream in the clothes of a {@link Socket}. No {@code SocketImpl} stands behind it, so every method that would reach for one is overridden. Options that
 * only make sense for TCP are taken and ignored, because libraries set them without asking.
 */
final class VsockSocket extends Socket {
    private final VsockStream stream;
    private volatile boolean inputShut;
    private volatile boolean outputShut;
    private volatile boolean resetOnClose;

    private VsockSocket(VsockStream stream, @Nullable Void none) throws SocketException {
        super((java.net.SocketImpl) null);
        this.stream = stream;
    }

    static VsockSocket of(VsockStream stream) {
        try {
            return new VsockSocket(stream, null);
        } catch (SocketException e) {
            throw new IllegalStateException("a socket without an implementation cannot fail to be made", e);
        }
    }

    private void checkOpen() throws SocketException {
        if (!stream.isOpen()) {
            throw new SocketException("Socket is closed");
        }
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        throw new SocketException("already connected");
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        throw new SocketException("already connected");
    }

    @Override
    public void bind(SocketAddress bindpoint) throws IOException {
        throw new SocketException("already connected");
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        return null;
    }

    @Override
    public InetAddress getLocalAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public int getPort() {
        return (int) Math.min(stream.remoteAddress().port(), Integer.MAX_VALUE);
    }

    @Override
    public int getLocalPort() {
        return (int) Math.min(stream.localAddress().port(), Integer.MAX_VALUE);
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return stream.remoteAddress();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return stream.localAddress();
    }

    @Override
    public @Nullable SocketChannel getChannel() {
        return null;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        checkOpen();
        if (inputShut) {
            throw new SocketException("Socket input is shutdown");
        }
        return stream.inputStream();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        checkOpen();
        if (outputShut) {
            throw new SocketException("Socket output is shutdown");
        }
        return stream.outputStream();
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        checkOpen();
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        checkOpen();
        return true;
    }

    @Override
    public void setSoLinger(boolean on, int linger) throws SocketException {
        checkOpen();
        resetOnClose = on && linger == 0;
    }

    @Override
    public int getSoLinger() throws SocketException {
        checkOpen();
        return resetOnClose ? 0 : -1;
    }

    @Override
    public void sendUrgentData(int data) throws IOException {
        throw new SocketException("VSOCK has no urgent data");
    }

    @Override
    public void setOOBInline(boolean on) throws SocketException {
        checkOpen();
    }

    @Override
    public boolean getOOBInline() throws SocketException {
        checkOpen();
        return false;
    }

    @Override
    public void setSoTimeout(int timeout) throws SocketException {
        checkOpen();
        stream.readTimeout(Duration.ofMillis(timeout));
    }

    @Override
    public int getSoTimeout() throws SocketException {
        checkOpen();
        return (int) Math.min(stream.readTimeout().toMillis(), Integer.MAX_VALUE);
    }

    @Override
    public void setSendBufferSize(int size) throws SocketException {
        checkOpen();
    }

    @Override
    public int getSendBufferSize() throws SocketException {
        checkOpen();
        return 256 * 1024;
    }

    @Override
    public void setReceiveBufferSize(int size) throws SocketException {
        checkOpen();
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        checkOpen();
        return 256 * 1024;
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        checkOpen();
    }

    @Override
    public boolean getKeepAlive() throws SocketException {
        checkOpen();
        return false;
    }

    @Override
    public void setTrafficClass(int tc) throws SocketException {
        checkOpen();
    }

    @Override
    public int getTrafficClass() throws SocketException {
        checkOpen();
        return 0;
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
        checkOpen();
    }

    @Override
    public boolean getReuseAddress() throws SocketException {
        checkOpen();
        return false;
    }

    @Override
    public <T> Socket setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException("VSOCK sockets have no option " + name);
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException("VSOCK sockets have no option " + name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public void close() {
        if (resetOnClose) {
            stream.reset();
        } else {
            stream.close();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        checkOpen();
        inputShut = true;
    }

    @Override
    public void shutdownOutput() throws IOException {
        checkOpen();
        outputShut = true;
        stream.shutdownOutput();
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public boolean isClosed() {
        return !stream.isOpen();
    }

    @Override
    public boolean isInputShutdown() {
        return inputShut;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut;
    }

    @Override
    public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        // A hint; there is nothing to choose.
    }

    @Override
    public String toString() {
        return "Socket[" + stream.remoteAddress() + "]";
    }
}
