package io.ebridge.tunnel;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.Capability;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockTransport;
import io.ebridge.vsock.channel.AcceptPause;
import io.ebridge.vsock.netty.NettyVsockTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of one bridge and the channels on them, with the options that relaying wants: reading only when asked,
 * half-closure, reads of up to 256 KiB, and a low mark for waiting writes, so that a reader that stops holds little memory.
 */
final class Net implements AutoCloseable {
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private final NettyVsockTransport vsock;
    private final EventLoopGroup loops;
    private final boolean halfClose;

    /** Threads beside those of relayed connections, where the transport needs threads: for listeners, handshakes, heartbeats, logs. */
    private static final int SPARE_THREADS = 1024;

    Net(VsockTransport transport, TunnelLimits limits, int threads, String threadName) throws BridgeException {
        Availability availability = transport.availability();
        if (!availability.available()) {
            throw new BridgeException(
                    BridgeReason.TRANSPORT_UNAVAILABLE, "Transport " + transport.name() + ": " + availability.reason());
        }
        Events.loadForExhaustion();
        int most = (int) Math.min(Integer.MAX_VALUE, 2L * limits.maxConnections() + SPARE_THREADS);
        this.vsock = NettyVsockTransport.of(transport, most);
        this.halfClose = transport.capabilities().contains(Capability.HALF_CLOSE);
        this.loops = vsock.newEventLoopGroup(threads, new DefaultThreadFactory(threadName, true));
    }

    VsockTransport transport() {
        return vsock;
    }

    /** Whether VSOCK streams can end one direction alone. */
    boolean vsockHalfClose() {
        return halfClose;
    }

    EventLoop next() {
        return loops.next();
    }

    /** Listens on VSOCK; children run on the given loop, or on any. */
    ChannelFuture listenVsock(
            long port, @Nullable EventLoop children, ChannelHandler child, Consumer<Throwable> onAcceptFailure) {
        ServerBootstrap bootstrap = vsock.serverBootstrap(loops, children == null ? loops : children);
        return bind(bootstrap, child, onAcceptFailure, VsockAddress.anyCid(port));
    }

    ChannelFuture listenVsock(long port, ChannelHandler child, Consumer<Throwable> onAcceptFailure) {
        return listenVsock(port, null, child, onAcceptFailure);
    }

    ChannelFuture listenTcp(InetSocketAddress address, ChannelHandler child, Consumer<Throwable> onAcceptFailure) {
        ServerBootstrap bootstrap =
                vsock.tcpServerBootstrap(loops, loops).childOption(ChannelOption.SO_KEEPALIVE, true);
        return bind(bootstrap, child, onAcceptFailure, address);
    }

    private static ChannelFuture bind(
            ServerBootstrap bootstrap,
            ChannelHandler child,
            Consumer<Throwable> onAcceptFailure,
            SocketAddress address) {
        return bootstrap
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, RelayBuffers.INSTANCE)
                .handler(new AcceptPause(onAcceptFailure))
                .childHandler(child)
                .bind(address);
    }

    /** Dials; the channel that the future yields does not read yet. Cancelling it closes what was opened. */
    Future<HoldHandler> dialVsock(EventLoop loop, VsockAddress address, Duration timeout) {
        return dial(vsock.channelFactory(), false, loop, address, timeout);
    }

    Future<HoldHandler> dialTcp(EventLoop loop, InetSocketAddress address, Duration timeout) {
        return dial(vsock.tcpChannelFactory(), true, loop, address, timeout);
    }

    /** Without a bootstrap, which would cost more than all the rest and a turn of the event loop. */
    private static Future<HoldHandler> dial(
            ChannelFactory<? extends DuplexChannel> factory,
            boolean tcp,
            EventLoop loop,
            SocketAddress address,
            Duration timeout) {
        Promise<HoldHandler> promise = loop.newPromise();
        HoldHandler hold = new HoldHandler();
        Channel channel;
        try {
            channel = factory.newChannel();
        } catch (ChannelException e) {
            // No descriptor left, most likely.
            return promise.setFailure(e);
        }
        try {
            configure(channel.config(), tcp, timeout);
        } catch (ChannelException e) {
            channel.unsafe().closeForcibly();
            return promise.setFailure(e);
        }
        channel.pipeline().addLast(hold);
        promise.addListener(done -> {
            if (done.isCancelled()) {
                channel.close();
            }
        });
        loop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.connect(address).addListener(connected -> finish(connected, promise, hold, channel));
            } else {
                channel.unsafe().closeForcibly();
                promise.tryFailure(registered.cause());
            }
        });
        return promise;
    }

    private static void configure(ChannelConfig config, boolean tcp, Duration timeout) {
        config.setAutoRead(false);
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        config.setConnectTimeoutMillis((int) Math.max(1, timeout.toMillis()));
        config.setWriteBufferWaterMark(WATER_MARK);
        config.setRecvByteBufAllocator(RelayBuffers.INSTANCE);
        if (tcp) {
            config.setOption(ChannelOption.TCP_NODELAY, true);
            config.setOption(ChannelOption.SO_KEEPALIVE, true);
        }
    }

    private static void finish(Future<?> connected, Promise<HoldHandler> promise, HoldHandler hold, Channel channel) {
        if (!connected.isSuccess()) {
            channel.close();
            promise.tryFailure(connected.cause());
        } else if (!promise.trySuccess(hold)) {
            Channels.reset(channel);
        }
    }

    /** Stops the event loops; whatever is still open is closed. Waits two seconds at most. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    /** Initialises an accepted channel on its event loop. */
    static ChannelHandler onAccept(Consumer<Channel> action) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                action.accept(channel);
            }
        };
    }
}
