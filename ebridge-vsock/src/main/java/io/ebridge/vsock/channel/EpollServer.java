package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.netty.channel.Channel;
import io.netty.channel.epoll.AbstractEpollServerChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.NativeInetAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A VSOCK, Unix or TCP listener on Netty's epoll event loops, whose children are {@link EpollStream}s. */
final class EpollServer extends AbstractEpollServerChannel {
    private final SocketKind kind;
    private final EpollServerConfig config;
    private final KernelBuffers buffers;
    private final @Nullable SocketFiles files;
    private volatile @Nullable SocketAddress local;
    private final @Nullable Consumer<Handed> heir;
    private final @Nullable Handed handed;
    private SocketFiles.@Nullable Bound bound;
    private volatile boolean retired;
    private volatile boolean gone;

    /** A listening socket and its file, on the way from one event loop to another. */
    record Handed(LinuxSocket socket, SocketFiles.Bound place) {
        void close() throws IOException {
            try {
                socket.close();
            } finally {
                place.delete();
            }
        }
    }

    /** A listener; the files are those of a hybrid transport and null for the other kinds. */
    EpollServer(SocketKind kind, KernelBuffers buffers, @Nullable SocketFiles files) {
        super(kind.open(), false);
        this.kind = kind;
        this.buffers = buffers;
        this.files = files;
        heir = null;
        handed = null;
        config = new EpollServerConfig(this, socket);
    }

    /**
     * A Unix listener that does not end with its event loop, as long as it has not been retired: the heir is given the
     * socket, with all who wait in its queue, to go on elsewhere.
     */
    EpollServer(SocketFiles files, Consumer<Handed> heir, @Nullable Handed handed) {
        super(handed == null ? SocketKind.UNIX.open() : handed.socket(), false);
        this.kind = SocketKind.UNIX;
        this.buffers = KernelBuffers.NONE;
        this.files = files;
        this.heir = heir;
        this.handed = handed;
        config = new EpollServerConfig(this, socket);
    }

    /** From now on closing closes the socket too. */
    void retire() {
        retired = true;
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    /** The file of a Unix listener. */
    String path() {
        return Objects.requireNonNull(bound).path().toString();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local != null || kind != SocketKind.TCP ? local : super.localAddress0();
    }

    @Override
    protected void doBind(SocketAddress address) throws Exception {
        Handed inherited = handed;
        if (inherited != null) {
            bound = inherited.place();
            local = inherited.place().address();
            active = true;
            return;
        }
        switch (kind) {
            case TCP -> super.doBind(address);
            case VSOCK -> {
                buffers.applyTo(socket);
                socket.bindVSock(SocketKind.toNetty((VsockAddress) address));
                local = SocketKind.fromNetty(socket.localVSockAddress());
            }
            case UNIX -> {
                SocketFiles own = Objects.requireNonNull(files);
                SocketFiles.Bound place = own.prepare((VsockAddress) address);
                socket.bind(new DomainSocketAddress(place.path().toFile()));
                // Nobody can connect before listen(), so nobody gets in before the permissions are set.
                bound = own.protect(place);
                local = place.address();
            }
        }
        if (kind == SocketKind.TCP) {
            // Accepted sockets inherit it, and need not be told one by one.
            socket.setTcpNoDelay(true);
        }
        socket.listen(config.backlog());
        active = true;
    }

    @Override
    protected Channel newChildChannel(int fd, byte[] address, int offset, int length) throws Exception {
        LinuxSocket child = LinuxSocket.newSocket(fd);
        try {
            return switch (kind) {
                case TCP ->
                    new EpollStream(this, child, kind, null, NativeInetAddress.address(address, offset, length));
                case VSOCK ->
                    new EpollStream(
                            this,
                            child,
                            kind,
                            SocketKind.fromNetty(child.localVSockAddress()),
                            SocketKind.fromNetty(child.remoteVSockAddress()));
                case UNIX ->
                    new EpollStream(
                            this,
                            child,
                            kind,
                            local,
                            Objects.requireNonNull(files).peer());
            };
        } catch (Throwable t) {
            child.close();
            throw t;
        }
    }

    @Override
    public boolean isOpen() {
        return !gone && super.isOpen();
    }

    @Override
    protected void doClose() throws Exception {
        SocketFiles.Bound place = bound;
        bound = null;
        Consumer<Handed> next = heir;
        if (next != null && place != null && active && !retired) {
            active = false;
            gone = true;
            doDeregister();
            next.accept(new Handed(LinuxSocket.newSocket(socket.intValue()), place));
            return;
        }
        try {
            super.doClose();
        } finally {
            if (place != null) {
                place.delete();
            }
        }
    }
}
