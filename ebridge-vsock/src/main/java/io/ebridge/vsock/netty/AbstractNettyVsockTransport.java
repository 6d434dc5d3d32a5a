package io.ebridge.vsock.netty;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.channel.EventLoops;
import io.ebridge.vsock.channel.TcpLoops;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The blocking half of a transport, made from its Netty half: who extends this class provides channels and gets {@link #listen(VsockAddress, int)} and {@link #connect(VsockAddress, Duration)}.
 *
 * <p>The streams run on one daemon event loop per transport, which ends with the last of them.
 */
public abstract class AbstractNettyVsockTransport implements NettyVsockTransport {
    private final String name;
    private final EventLoops loops;

    /**
     * A transport.
     *
     * @param name what {@link #name()} returns
     */
    @SuppressWarnings("this-escape") // the loops ask for their handlers when the first stream opens, not before
    protected AbstractNettyVsockTransport(String name) {
        this.name = Objects.requireNonNull(name, "name");
        loops = new EventLoops("ebridge-vsock-" + name, this::ioHandlerFactory);
    }

    @Override
    public final String name() {
        return name;
    }

    /**
     * Epoll where it can be used, the JDK's selectors elsewhere. A subclass whose channels need another kind overrides this and the TCP channels together.
     */
    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return TcpLoops.BEST.ioHandlerFactory();
    }

    @Override
    public ChannelFactory<? extends DuplexChannel> tcpChannelFactory() {
        return TcpLoops.BEST.channelFactory();
    }

    @Override
    public ChannelFactory<? extends ServerChannel> tcpServerChannelFactory() {
        return TcpLoops.BEST.serverChannelFactory();
    }

    private void checkAvailable(VsockAddress address) throws VsockException {
        Availability here = availability();
        if (!here.available()) {
            throw new VsockException(Reason.TRANSPORT_MISSING, here.reason(), address);
        }
    }

    @Override
    public final VsockListener listen(VsockAddress local, int backlog) throws VsockException {
        if (backlog < 1 || backlog > 65535) {
            throw new IllegalArgumentException("backlog " + backlog + " is outside 1..65535");
        }
        checkAvailable(local);
        return BlockingListener.open(this, loops, local, backlog);
    }

    @Override
    public final VsockStream connect(VsockAddress remote, Duration timeout)
            throws VsockException, InterruptedIOException {
        int millis = Waiting.millis(timeout);
        checkAvailable(remote);
        EventLoops.Lease lease = Waiting.lease(loops, remote);
        CompletableFuture<BlockingStream> connected = new CompletableFuture<>();
        ChannelFuture attempt = bootstrap(lease.loops())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new BlockingStream((DuplexChannel) channel, lease::close));
                    }
                })
                .connect(remote);
        attempt.addListener(f -> {
            if (!f.isSuccess()) {
                lease.close();
                connected.completeExceptionally(f.cause());
            } else if (!connected.complete(attempt.channel().pipeline().get(BlockingStream.class))) {
                attempt.channel().pipeline().get(BlockingStream.class).reset();
            }
        });
        try {
            return connected.get();
        } catch (InterruptedException e) {
            if (!connected.completeExceptionally(e)) {
                connected.thenAccept(BlockingStream::reset);
            }
            attempt.cancel(false);
            throw Waiting.interrupted();
        } catch (ExecutionException e) {
            throw Waiting.unwrap(Objects.requireNonNull(e.getCause()), remote);
        }
    }
}
