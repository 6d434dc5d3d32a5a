package io.ebridge.vsock.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ebridge.vsock.HybridOptions;
import io.ebridge.vsock.VsockAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every Netty that this project is built with must show before it is taken: half-closed channels keep what is written late, and nothing is lost when the peer ends its output while auto-read is off. The build runs this with the pinned version and
 * with one that is known to fail with its own channels (profile netty-next), where ours must pass all the same.
 */
@Timeout(60)
class NettyGateTest {
    private static final int LEFT_OVER = 200_000;

    @BeforeEach
    void epoll() {
        assumeThat(NativeEpoll.availability().available())
                .as(NativeEpoll.availability().reason())
                .isTrue();
    }

    @Test
    void ourChannelsKeepLateReplies() {
        for (int round = 0; round < 5; round++) {
            assertThat(NettyCheck.keepsLateReplies(
                            () -> new EpollServer(SocketKind.TCP, KernelBuffers.NONE, null),
                            () -> new EpollStream(SocketKind.TCP, KernelBuffers.NONE)))
                    .as("round %d", round)
                    .isTrue();
        }
    }

    /** The pin: fails as soon as somebody raises the version to one whose own channels lose data, and shows in the profile that the check finds such a version. */
    @Test
    void nettysOwnChannelsAreSoundInThePinnedVersionOnly() {
        boolean known = Boolean.getBoolean("ebridge.netty.unsound");
        assertThat(NettyCheck.keepsLateReplies(EpollServerSocketChannel::new, EpollSocketChannel::new))
                .as("Netty %s", NettyCheck.version())
                .isEqualTo(!known);
    }

    @Test
    void versionIsTold() {
        assertThat(NettyCheck.version()).matches("4\\.2\\.\\d+\\.Final");
        assertThat(NettyCheck.epoll().available()).isTrue();
    }

    @Test
    void nothingIsLostOnTcpWhenThePeerEndsWhileNothingIsRead() throws Exception {
        nothingIsLost(
                () -> new EpollServer(SocketKind.TCP, KernelBuffers.NONE, null),
                () -> new EpollStream(SocketKind.TCP, KernelBuffers.NONE),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @Test
    void nothingIsLostOnUnixSocketsWhenThePeerEndsWhileNothingIsRead(@TempDir Path directory) throws Exception {
        HybridOptions options = HybridOptions.builder(directory.resolve("v")).build();
        SocketFiles files = new SocketFiles(options, VsockAddress.of(16, 0));
        nothingIsLost(
                () -> new EpollServer(SocketKind.UNIX, KernelBuffers.NONE, files),
                () -> new EpollStream(SocketKind.UNIX, KernelBuffers.NONE),
                VsockAddress.of(2, 7));
    }

    private void nothingIsLost(
            ChannelFactory<? extends ServerChannel> servers,
            ChannelFactory<? extends DuplexChannel> clients,
            SocketAddress bind)
            throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, io.netty.channel.epoll.EpollIoHandler.newFactory());
        try {
            CompletableFuture<Integer> received = new CompletableFuture<>();
            Channel server = new ServerBootstrap()
                    .group(loops)
                    .channelFactory(servers)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .childOption(ChannelOption.AUTO_READ, false)
                    .childHandler(new Unwilling(received))
                    .bind(bind)
                    .sync()
                    .channel();
            SocketAddress at = bind instanceof InetSocketAddress
                    ? server.localAddress()
                    : new io.netty.channel.unix.DomainSocketAddress(pathOf(server));
            ChannelFuture client = new Bootstrap()
                    .group(loops)
                    .channelFactory(clients)
                    .disableResolver()
                    .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(at)
                    .sync();
            ByteBuf bytes = client.channel().alloc().directBuffer(LEFT_OVER);
            for (int i = 0; i < LEFT_OVER; i++) {
                bytes.writeByte(i % 251);
            }
            client.channel().writeAndFlush(bytes).sync();
            ((DuplexChannel) client.channel()).shutdownOutput().sync();
            assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo(LEFT_OVER);
            client.channel().close().sync();
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    private static String pathOf(Channel server) {
        return ((EpollServer) server).path();
    }

    /** Does not read for a while, then a little at a time; completes with the number of bytes that were right, once the input has ended. */
    private static final class Unwilling extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Integer> received;
        private int count;

        Unwilling(CompletableFuture<Integer> received) {
            this.received = received;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.executor().schedule(ctx::read, 300, TimeUnit.MILLISECONDS);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf bytes = (ByteBuf) msg;
            while (bytes.isReadable() && (bytes.readByte() & 0xFF) == count % 251) {
                count++;
            }
            bytes.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.executor().schedule(ctx::read, 5, TimeUnit.MILLISECONDS);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                received.complete(count);
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            received.completeExceptionally(cause);
        }
    }
}
