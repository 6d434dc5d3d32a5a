package io.ebridge.vsock.channel;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.Capability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.KernelOptions;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** AF_VSOCK of the Linux kernel, on Netty's native epoll. */
public final class KernelTransport extends SocketTransport implements Route {
    private static final int FIRST_GUEST = 3;
    private static final int LAST_PROBED = 4095;

    private final KernelOptions options;
    private final KernelBuffers buffers;
    private volatile @Nullable Cid localCid;

    /**
     * The transport.
     *
     * @param options its settings
     */
    public KernelTransport(KernelOptions options) {
        super("kernel", true);
        this.options = options;
        buffers = new KernelBuffers(options.bufferBytes(), options.kernelConnectTimeout());
        localCid = options.localCid().orElse(null);
    }

    @Override
    public Availability availability() {
        Availability epoll = NativeEpoll.availability();
        if (!epoll.available()) {
            return Availability.no("kernel AF_VSOCK needs Netty's native epoll: " + epoll.reason());
        }
        return Family.ANSWER;
    }

    /** Asked once: whether the kernel opens such a socket at all. */
    private static final class Family {
        static final Availability ANSWER = find();

        private static Availability find() {
            try {
                LinuxSocket.newVSockStream().close();
                return Availability.YES;
            } catch (IOException | ChannelException e) {
                String device =
                        Files.exists(Path.of("/dev/vsock")) ? "/dev/vsock is there" : "there is no /dev/vsock either";
                return Availability.no("the kernel opens no AF_VSOCK socket (" + rootMessage(e) + "; " + device
                        + "): load the module vsock, or let the container's seccomp profile allow the family");
            }
        }

        private static String rootMessage(Throwable e) {
            return String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        }
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.HALF_CLOSE, Capability.PEER_PORT);
    }

    @Override
    public Cid localCid() {
        Cid known = localCid;
        if (known == null) {
            known = availability().available() ? probe() : Cid.ANY;
            localCid = known;
        }
        return known;
    }

    /** A socket can be bound to CIDs of this machine only. The usual numbers of guests come first, because a guest may have loopback and a host's role besides. */
    private static Cid probe() {
        return LongStream.concat(
                        LongStream.rangeClosed(FIRST_GUEST, LAST_PROBED),
                        LongStream.of(Cid.HOST.value(), Cid.LOCAL.value()))
                .mapToObj(Cid::of)
                .filter(KernelTransport::isLocal)
                .findFirst()
                .orElse(Cid.ANY);
    }

    private static boolean isLocal(Cid cid) {
        LinuxSocket socket = LinuxSocket.newVSockStream();
        try {
            socket.bindVSock(SocketKind.toNetty(new VsockAddress(cid, VsockAddress.ANY_PORT)));
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            closeQuietly(socket);
        }
    }

    private static void closeQuietly(LinuxSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            System.getLogger(KernelTransport.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a probe failed", e);
        }
    }

    @Override
    public ChannelFactory<? extends DuplexChannel> channelFactory() {
        return checked(() -> {
            EpollStream stream = new EpollStream(SocketKind.VSOCK, buffers);
            stream.pipeline().addFirst(new ConnectHandler(this));
            return stream;
        });
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
        return checked(() -> {
            EpollServer server = new EpollServer(SocketKind.VSOCK, buffers, null);
            return withBinding(server);
        });
    }

    private static <C extends Channel> C withBinding(C server) {
        server.pipeline().addFirst(new BindHandler(address -> address));
        return server;
    }

    @Override
    public SocketAddress to(VsockAddress remote) {
        return remote;
    }

    @Override
    public VsockAddress local() {
        return VsockAddress.anyCid(VsockAddress.ANY_PORT);
    }

    @Override
    public VsockException connectFailure(Throwable cause, VsockAddress remote) {
        return Failures.of(cause, remote);
    }

    @Override
    public Duration handshake() {
        return Duration.ZERO;
    }
}
