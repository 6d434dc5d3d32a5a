package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.netty.channel.Channel;
import io.netty.channel.epoll.AbstractEpollServerChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.NativeInetAddress;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A VSOCK, Unix or TCP listener on Netty's epoll event loops, whose children are {@link EpollStream}s. */
final class EpollServer extends AbstractEpollServerChannel {
    private final SocketKind kind;
    private final EpollServerConfig config;
    private final KernelBuffers buffers;
    private final @Nullable SocketFiles files;
    private volatile @Nullable SocketAddress local;
    private SocketFiles.@Nullable Bound bound;

    /** A listener; the files are those of a hybrid transport and null for the other kinds. */
    EpollServer(SocketKind kind, KernelBuffers buffers, @Nullable SocketFiles files) {
        super(kind.open(), false);
        this.kind = kind;
        this.buffers = buffers;
        this.files = files;
        config = new EpollServerConfig(this, socket);
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
    protected void doClose() throws Exception {
        try {
            super.doClose();
        } finally {
            SocketFiles.Bound place = bound;
            bound = null;
            if (place != null) {
                place.delete();
            }
        }
    }
}
