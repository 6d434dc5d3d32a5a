package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.netty.channel.Channel;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.epoll.Native;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A VSOCK, Unix or TCP stream on Netty's epoll event loops.
 *
 * <p>TCP and Unix streams are ours too, and not Netty's, because Netty 4.2.13 to 4.2.18 take a half-closed channel out of the epoll set for good as soon as it waits for nothing, and what is written later is lost.
 * A channel that always waits for EPOLLERR, which the kernel reports anyway, never gets there. Netty's own classes are final.
 */
final class EpollStream extends AbstractEpollStreamChannel implements AddressedChannel {
    private final SocketKind kind;
    private final EpollStreamConfig config;
    private final KernelBuffers buffers;
    private volatile @Nullable SocketAddress local;
    private volatile @Nullable SocketAddress remote;
    private volatile boolean detached;
    private volatile boolean gone;

    /** A stream to connect. */
    EpollStream(SocketKind kind, KernelBuffers buffers) {
        super(kind.open(), false);
        this.kind = kind;
        this.buffers = buffers;
        config = new EpollStreamConfig(this, socket, kind == SocketKind.TCP);
        stayInEpollSet();
    }

    /** A stream that was accepted. */
    EpollStream(
            @Nullable Channel parent,
            LinuxSocket socket,
            SocketKind kind,
            @Nullable SocketAddress local,
            @Nullable SocketAddress remote) {
        super(parent, socket, remote);
        this.kind = kind;
        this.buffers = KernelBuffers.NONE;
        this.local = local;
        this.remote = remote;
        config = new EpollStreamConfig(this, socket, kind == SocketKind.TCP);
        stayInEpollSet();
    }

    private void stayInEpollSet() {
        try {
            setFlag(Native.EPOLLERR);
        } catch (IOException e) {
            throw new IllegalStateException("no system call is made before the channel is registered", e);
        }
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    @Override
    public void addresses(VsockAddress newLocal, VsockAddress newRemote) {
        local = kind == SocketKind.VSOCK ? SocketKind.fromNetty(socket.localVSockAddress()) : newLocal;
        remote = newRemote;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local != null || kind != SocketKind.TCP ? local : super.localAddress0();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote != null || kind != SocketKind.TCP ? remote : super.remoteAddress0();
    }

    @Override
    protected boolean doConnect(SocketAddress to, @Nullable SocketAddress from) throws Exception {
        return switch (kind) {
            case TCP -> super.doConnect(to, from);
            case UNIX -> socket.connect(to);
            case VSOCK -> connectVsock(SocketKind.toNetty((VsockAddress) to));
        };
    }

    private boolean connectVsock(io.netty.channel.epoll.VSockAddress to) throws Exception {
        boolean success = false;
        try {
            buffers.applyTo(socket);
            boolean done = socket.connectVSock(to);
            if (!done) {
                setFlag(Native.EPOLLOUT);
            }
            success = true;
            return done;
        } finally {
            if (!success) {
                doClose();
            }
        }
    }

    /** Takes the socket away from this channel: closing it afterwards leaves the socket open, for another channel on another event loop. */
    ArrivalServer.Arrival detach(VsockAddress newLocal, VsockAddress newRemote) {
        detached = true;
        int fd = socket.intValue();
        return new ArrivalServer.Arrival() {
            @Override
            public Channel accept(Channel parent) {
                return new EpollStream(parent, LinuxSocket.newSocket(fd), kind, newLocal, newRemote);
            }

            @Override
            public void refuse() {
                try {
                    LinuxSocket.newSocket(fd).close();
                } catch (IOException e) {
                    System.getLogger(EpollStream.class.getName())
                            .log(System.Logger.Level.DEBUG, "closing a refused stream failed", e);
                }
            }
        };
    }

    @Override
    public boolean isOpen() {
        return !gone && super.isOpen();
    }

    @Override
    protected void doClose() throws Exception {
        if (detached) {
            active = false;
            gone = true;
            doDeregister();
        } else {
            super.doClose();
        }
    }
}
