package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.Capability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.VsockTransport;
import io.ebridge.vsock.netty.AbstractNettyVsockTransport;
import io.ebridge.vsock.netty.NettyVsockTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A provider that is one class of blocking calls: by itself, and with the channels that it is given. */
class BlockingProviderTest {
    private static final Cid GUEST = Cid.of(16);
    private static final int THREADS = 200;

    private interface Face {
        NettyVsockTransport of(VsockTransport provider);
    }

    private static Ends ends(Path directory, Face face) {
        NettyVsockTransport host = face.of(new PlainUnixTransport(directory, Cid.HOST, GUEST));
        NettyVsockTransport guest = face.of(new PlainUnixTransport(directory, GUEST, Cid.HOST));
        return new Ends(guest, GUEST, host, Cid.HOST, Cid.of(99));
    }

    /** Its own calls. */
    @Nested
    class Itself extends TransportContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return BlockingProviderTest.ends(directory, provider -> NettyVsockTransport.of(provider, THREADS));
        }
    }

    /** The channels in front of it. */
    @Nested
    class Channels extends NettyFaceContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return BlockingProviderTest.ends(directory, provider -> NettyVsockTransport.of(provider, THREADS));
        }
    }

    /** Blocking calls again, on top of those channels: whatever a channel forgets about ends, cuts or a peer that does not read shows here. */
    @Nested
    class ThroughChannels extends TransportContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return BlockingProviderTest.ends(
                    directory, provider -> new Wrapped(NettyVsockTransport.of(provider, THREADS)));
        }
    }

    /** Threads are bounded; who comes when all are taken fails, and nobody else notices. */
    @Test
    @Timeout(60)
    void whenNoThreadIsLeftOnlyTheNewcomerFails(@TempDir Path directory) throws Exception {
        VsockTransport server = new PlainUnixTransport(directory, GUEST, Cid.HOST);
        NettyVsockTransport client = NettyVsockTransport.of(new PlainUnixTransport(directory, Cid.HOST, GUEST), 2);
        EventLoopGroup loops = client.newEventLoopGroup(1, new DefaultThreadFactory("few-threads", true));
        try (VsockListener listener = server.listen(VsockAddress.anyCid(VsockAddress.ANY_PORT))) {
            VsockAddress there = new VsockAddress(GUEST, listener.localAddress().port());
            Bootstrap bootstrap = client.bootstrap(loops).handler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {}
            });
            List<Channel> open = new ArrayList<>();
            List<VsockStream> peers = new ArrayList<>();
            while (open.size() < 2) {
                FirstByte first = new FirstByte();
                open.add(bootstrap.clone().handler(first).connect(there).sync().channel());
                VsockStream peer = listener.accept(Duration.ofSeconds(20));
                peers.add(peer);
                peer.outputStream().write(1);
                // It reads, and so has a thread that waits for bytes.
                assertThat(first.came()).isTrue();
            }
            ChannelFuture third = bootstrap.connect(there).await();
            assertThat(third.cause()).isInstanceOfSatisfying(VsockException.class, e -> assertThat(e.reason())
                    .isEqualTo(VsockException.Reason.RESOURCES));
            assertThat(open).allMatch(Channel::isActive);
            peers.get(0).close();
            open.get(0).close().sync();
            bootstrap.connect(there).sync().channel().close().sync();
            open.get(1).close().sync();
            peers.get(1).close();
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    /** A thread is back only a moment after others have seen what it did; who wants it then does not fail. */
    @Test
    @Timeout(60)
    void aThreadThatIsAboutToBeFreeIsWaitedFor(@TempDir Path directory) throws Exception {
        VsockTransport server = new PlainUnixTransport(directory, GUEST, Cid.HOST);
        NettyVsockTransport client = NettyVsockTransport.of(new PlainUnixTransport(directory, Cid.HOST, GUEST), 2);
        EventLoopGroup loops = client.newEventLoopGroup(1, new DefaultThreadFactory("few-threads", true));
        try (VsockListener listener = server.listen(VsockAddress.anyCid(VsockAddress.ANY_PORT))) {
            VsockAddress there = new VsockAddress(GUEST, listener.localAddress().port());
            for (int i = 0; i < 200; i++) {
                FirstByte first = new FirstByte();
                Channel channel = client.bootstrap(loops)
                        .handler(first)
                        .connect(there)
                        .sync()
                        .channel();
                try (VsockStream peer = listener.accept(Duration.ofSeconds(20))) {
                    peer.readTimeout(Duration.ofSeconds(20));
                    peer.outputStream().write(1);
                    assertThat(first.came()).as("stream %d reads", i).isTrue();
                    channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {2}))
                            .sync();
                    assertThat(peer.inputStream().read())
                            .as("stream %d writes", i)
                            .isEqualTo(2);
                    channel.close().sync();
                    assertThat(peer.inputStream().read())
                            .as("the end of stream %d", i)
                            .isEqualTo(-1);
                }
            }
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    /** Whether a byte came, or the end without one. */
    private static final class FirstByte extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Boolean> came = new CompletableFuture<>();

        boolean came() throws Exception {
            return came.get(20, TimeUnit.SECONDS);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            came.complete(true);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            came.complete(false);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private static final class Wrapped extends AbstractNettyVsockTransport {
        private final NettyVsockTransport inner;

        Wrapped(NettyVsockTransport inner) {
            super("wrapped");
            this.inner = inner;
        }

        @Override
        public Availability availability() {
            return inner.availability();
        }

        @Override
        public Set<Capability> capabilities() {
            return inner.capabilities();
        }

        @Override
        public Cid localCid() {
            return inner.localCid();
        }

        @Override
        public ChannelFactory<? extends DuplexChannel> channelFactory() {
            return inner.channelFactory();
        }

        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
            return inner.serverChannelFactory();
        }
    }
}
