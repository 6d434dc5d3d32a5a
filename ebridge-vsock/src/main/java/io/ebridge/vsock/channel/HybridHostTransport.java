package io.ebridge.vsock.channel;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.Capability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.HybridOptions;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** The host's side of hybrid VSOCK: connects to the VMM's socket with CONNECT and OK, listens at {@code <path>_<port>}. */
public final class HybridHostTransport extends SocketTransport implements Route {
    private final HybridOptions options;
    private final SocketFiles files;

    /**
     * The transport.
     *
     * @param options its settings
     */
    public HybridHostTransport(HybridOptions options) {
        super("hybrid", !options.portable() && NativeEpoll.availability().available());
        this.options = options;
        files = new SocketFiles(options, new VsockAddress(options.guestCid(), VsockAddress.ANY_PORT));
    }

    static Set<Capability> capabilities(HybridOptions options) {
        return options.halfClose() ? Set.of(Capability.HALF_CLOSE) : Set.of();
    }

    static SocketAddress address(boolean epoll, Path path) {
        return epoll ? new DomainSocketAddress(path.toFile()) : UnixDomainSocketAddress.of(path);
    }

    @Override
    public Availability availability() {
        return Availability.YES;
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities(options);
    }

    @Override
    public Cid localCid() {
        return Cid.HOST;
    }

    @Override
    public ChannelFactory<? extends DuplexChannel> channelFactory() {
        return () -> {
            AddressedChannel stream =
                    epoll() ? new EpollStream(SocketKind.UNIX, KernelBuffers.NONE) : new NioUnixStream();
            stream.pipeline().addFirst(new ConnectHandler(this));
            return stream;
        };
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
        return () -> {
            ServerChannel server =
                    epoll() ? new EpollServer(SocketKind.UNIX, KernelBuffers.NONE, files) : new NioUnixServer(files);
            server.pipeline().addFirst(new BindHandler(this::check));
            return server;
        };
    }

    private VsockAddress check(VsockAddress wanted) throws VsockException {
        Cid cid = wanted.cid();
        if (!cid.equals(Cid.ANY) && !cid.equals(Cid.HOST)) {
            throw new VsockException(Reason.NOT_LOCAL, "the host's side of a hybrid transport has CID 2", wanted);
        }
        return new VsockAddress(Cid.HOST, wanted.port());
    }

    @Override
    public SocketAddress to(VsockAddress remote) throws VsockException {
        if (!remote.cid().equals(options.guestCid())) {
            throw new VsockException(
                    Reason.NO_SUCH_CID,
                    "the guest behind " + options.path() + " has CID " + options.guestCid(),
                    remote);
        }
        return address(epoll(), options.path());
    }

    @Override
    public VsockAddress local() {
        return new VsockAddress(Cid.HOST, VsockAddress.ANY_PORT);
    }

    @Override
    public VsockException connectFailure(Throwable cause, VsockAddress remote) {
        int errno = Failures.errno(cause);
        if (errno == Failures.ENOENT || errno == Failures.ECONNREFUSED) {
            return new VsockException(Reason.NO_SUCH_CID, "no VMM listens at " + options.path(), remote, cause);
        }
        return Failures.of(cause, remote);
    }

    @Override
    public Duration handshake() {
        return options.handshakeTimeout();
    }
}
