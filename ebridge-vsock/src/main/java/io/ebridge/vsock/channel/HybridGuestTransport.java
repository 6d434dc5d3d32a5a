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
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** The guest's side of hybrid VSOCK without a VMM: takes the VMM's part, so that a host process and an "enclave" process meet on one machine. */
public final class HybridGuestTransport extends SocketTransport implements Route {
    private final HybridOptions options;
    private final GuestSwitch guestSwitch;

    /**
     * The transport.
     *
     * @param options its settings
     */
    public HybridGuestTransport(HybridOptions options) {
        super("hybrid-guest", !options.portable() && NativeEpoll.availability().available());
        this.options = options;
        guestSwitch =
                new GuestSwitch(options, this, epoll(), new EventLoops("ebridge-vsock-switch", this::ioHandlerFactory));
    }

    @Override
    public Availability availability() {
        return Availability.YES;
    }

    @Override
    public Set<Capability> capabilities() {
        return HybridHostTransport.capabilities(options);
    }

    @Override
    public Cid localCid() {
        return options.guestCid();
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
        return () -> new GuestListener(guestSwitch, options.guestCid());
    }

    @Override
    public SocketAddress to(VsockAddress remote) throws VsockException {
        if (!remote.cid().equals(Cid.HOST) && !remote.cid().equals(Cid.NITRO_PARENT)) {
            throw new VsockException(Reason.NO_SUCH_CID, "a guest reaches its host only, as CID 2 or 3", remote);
        }
        return HybridHostTransport.address(epoll(), Path.of(options.path() + "_" + remote.port()));
    }

    @Override
    public VsockAddress local() {
        return new VsockAddress(options.guestCid(), VsockAddress.ANY_PORT);
    }

    @Override
    public VsockException connectFailure(Throwable cause, VsockAddress remote) {
        if (Failures.errno(cause) == Failures.ENOENT) {
            return new VsockException(Reason.NOBODY_LISTENS, "nobody listens there", remote, cause);
        }
        return Failures.of(cause, remote);
    }

    @Override
    public Duration handshake() {
        return Duration.ZERO;
    }
}
