package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.netty.channel.Channel;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.epoll.Native;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
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
    private @Nullable Channel parent;
    private volatile boolean detached;
    private volatile boolean gone;

    /** A stream to connect. */
    EpollStream(SocketKind kind, KernelBuffers buffers) {
        super(kind.open(), false);
        this.kind = kind;
        this.buffers = buffers;
        config = new EpollStreamConfig(this, socket, kind == SocketKind.TCP);
        if (kind == SocketKind.TCP) {
            config.setTcpNoDelay(true);
        }
        stayInEpollSet();
    }

    /** A stream that was accepted; TCP's does not delay small writes, as its listener does not. */
    EpollStream(
            @Nullable Channel parent,
            LinuxSocket socket,
            SocketKind kind,
            @Nullable SocketAddress local,
            @Nullable SocketAddress remote) {
        // Not the superclass's constructor for this: it asks the kernel for addresses that hardly anybody wants.
        super(socket, false);
        this.active = true;
        this.parent = parent;
        this.kind = kind;
        this.buffers = KernelBuffers.NONE;
        this.local = local;
        this.remote = remote;
        config = new EpollStreamConfig(this, socket, kind == SocketKind.TCP);
        config.noDelayInherited();
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
    public @Nullable Channel parent() {
        return parent;
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
        SocketAddress known = local;
        if (known == null && kind == SocketKind.TCP) {
            if (!active || !socket.isOpen()) {
                return super.localAddress0();
            }
            known = socket.localAddress();
            local = known;
        }
        return known;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote != null || kind != SocketKind.TCP ? remote : super.remoteAddress0();
    }

    @Override
    protected boolean doConnect(SocketAddress to, @Nullable SocketAddress from) throws Exception {
        return switch (kind) {
            case TCP -> connectTcp((InetSocketAddress) to, from);
            case UNIX -> socket.connect(to);
            case VSOCK -> connectVsock(SocketKind.toNetty((VsockAddress) to));
        };
    }

    private boolean connectTcp(InetSocketAddress to, @Nullable SocketAddress from) throws Exception {
        checkResolvable(to);
        if (remote != null) {
            throw new AlreadyConnectedException();
        }
        boolean success = false;
        try {
            if (from != null) {
                socket.bind(from);
            }
            boolean done = socket.connect(to);
            if (!done && to.getAddress().isLoopbackAddress()) {
                // The kernel has shaken hands with itself by now, and says so if asked again: no need to wait for it.
                done = socket.connect(to);
            }
            if (done) {
                remote = to;
            } else {
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

    /** Reads into the buffer what has arrived, before this channel is registered. Returns 0 if there is nothing and -1 at the end. */
    int readNow(ByteBuffer into) throws IOException {
        return socket.recv(into, into.position(), into.limit());
    }

    /** Writes without waiting, before this channel is registered. Whether all of it is written. */
    boolean writeNow(ByteBuffer from) throws IOException {
        return socket.send(from, from.position(), from.limit()) == from.remaining();
    }

    /** A stream that has shaken hands before any event loop has it, under its real addresses. */
    GuestListener.Arrival arrival(VsockAddress newLocal, VsockAddress newRemote) {
        return new GuestListener.Arrival() {
            @Override
            public Channel accept(Channel listener) {
                parent = listener;
                local = newLocal;
                remote = newRemote;
                return EpollStream.this;
            }

            @Override
            public void refuse() {
                unsafe().closeForcibly();
            }
        };
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
            return;
        }
        try {
            if (isRegistered() && eventLoop().inEventLoop()) {
                // The kernel takes a closed descriptor out of the epoll set by itself; Netty would do it first.
                socket.close();
            }
        } finally {
            super.doClose();
        }
    }
}
