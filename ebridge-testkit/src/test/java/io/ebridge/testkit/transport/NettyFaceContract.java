package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.vsock.Capability;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.netty.NettyVsockTransport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every transport does for those who build on Netty, VSOCK and TCP on one event loop. */
@Timeout(60)
abstract class NettyFaceContract {
    private static final int REQUEST = 300_000;
    private static final int REPLY = 3_000_000;
    private static final int RELAYED = 20;

    private Ends ends;
    private EventLoopGroup server;
    private EventLoopGroup client;

    abstract Ends ends() throws Exception;

    @BeforeEach
    void open() throws Exception {
        ends = ends();
        server = ends.server().newEventLoopGroup(1, new DefaultThreadFactory("contract-server", true));
        client = ends.client().newEventLoopGroup(1, new DefaultThreadFactory("contract-client", true));
    }

    @AfterEach
    void close() {
        server.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        client.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        nothingIsLeft();
    }

    /** Called when the event loops have ended, and with them all channels that the test left open. */
    void nothingIsLeft() {
        Leftovers.assertGone("ebridge-vsock-");
    }

    private VsockAddress listen(ChannelInboundHandlerFactory handlers) {
        Channel listening = ends.server()
                .serverBootstrap(server, server)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        ch.pipeline().addLast(handlers.make());
                    }
                })
                .bind(VsockAddress.anyCid(VsockAddress.ANY_PORT))
                .syncUninterruptibly()
                .channel();
        return ends.at((VsockAddress) listening.localAddress());
    }

    private interface ChannelInboundHandlerFactory {
        ChannelInboundHandlerAdapter make();
    }

    private static ByteBuf pattern(int length) {
        ByteBuf bytes = Unpooled.directBuffer(length);
        for (int i = 0; i < length; i++) {
            bytes.writeByte(i * 31 + (i >> 8));
        }
        return bytes;
    }

    private static long crcOfPattern(int length) {
        ByteBuf bytes = pattern(length);
        CRC32 crc = new CRC32();
        crc.update(bytes.nioBuffer());
        bytes.release();
        return crc.getValue();
    }

    /** Reads by demand; knows the checksum at the end of the input. */
    private static class Reader extends ChannelInboundHandlerAdapter {
        final CompletableFuture<Long> ended = new CompletableFuture<>();
        private final CRC32 crc = new CRC32();
        volatile long count;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf bytes = (ByteBuf) msg;
            crc.update(bytes.nioBuffer());
            count += bytes.readableBytes();
            bytes.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                ended.complete(crc.getValue());
                inputEnded(ctx);
            }
        }

        void inputEnded(ChannelHandlerContext ctx) {
            ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ended.completeExceptionally(
                    new AssertionError("the channel ended after " + count + " bytes without an end of its input"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ended.completeExceptionally(cause);
        }
    }

    /** Answers a request that has ended, late and in one go. */
    private static final class LateReply extends Reader {
        @Override
        void inputEnded(ChannelHandlerContext ctx) {
            ctx.executor()
                    .schedule(
                            () -> ctx.writeAndFlush(pattern(REPLY)).addListener(f -> ctx.close()),
                            50,
                            TimeUnit.MILLISECONDS);
        }
    }

    /** One half of a relay: what it reads goes to the other side, the end of the input too; reads only what the other side takes. */
    private static final class Half extends ChannelInboundHandlerAdapter {
        private Half other;
        private DuplexChannel channel;
        private boolean inputEnded;
        private boolean outputEnded;

        void pairWith(Half half) {
            other = half;
            half.other = this;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            channel = (DuplexChannel) ctx.channel();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            other.channel.write(msg);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            other.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(f -> ctx.read());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                inputEnded = true;
                other.channel
                        .writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(f -> other.channel.shutdownOutput().addListener(g -> {
                            other.outputEnded = true;
                            closeIfDone();
                            other.closeIfDone();
                        }));
            }
        }

        private void closeIfDone() {
            if (inputEnded && outputEnded) {
                channel.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!(inputEnded && outputEnded)) {
                other.channel.close();
            }
        }
    }

    /** The tunnel's case: TCP to VSOCK on one event loop, half-closed streams, a large reply that comes late. */
    @Test
    void relaysBetweenTcpAndVsockOnOneEventLoop() throws Exception {
        if (!ends.client().capabilities().contains(Capability.HALF_CLOSE)) {
            return;
        }
        VsockAddress service = listen(LateReply::new);
        NettyVsockTransport vsock = ends.client();
        Channel front = vsock.tcpServerBootstrap(client, client)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel tcp) {
                        Half tcpHalf = new Half();
                        Half vsockHalf = new Half();
                        tcpHalf.pairWith(vsockHalf);
                        tcp.pipeline().addLast(tcpHalf);
                        vsock.bootstrap(tcp.eventLoop())
                                .option(ChannelOption.AUTO_READ, false)
                                .handler(vsockHalf)
                                .connect(service)
                                .addListener(f -> {
                                    ChannelFuture connect = (ChannelFuture) f;
                                    if (!f.isSuccess()) {
                                        tcp.close();
                                        return;
                                    }
                                    assertThat(connect.channel().eventLoop()).isSameAs(tcp.eventLoop());
                                    connect.channel().read();
                                    tcp.read();
                                });
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < RELAYED; i++) {
            Reader reader = new Reader();
            readers.add(reader);
            Channel tcp = vsock.tcpBootstrap(client)
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(reader)
                    .connect(front.localAddress())
                    .sync()
                    .channel();
            tcp.writeAndFlush(pattern(REQUEST)).addListener(f -> ((DuplexChannel) tcp).shutdownOutput());
        }
        long expected = crcOfPattern(REPLY);
        for (Reader reader : readers) {
            assertThat(reader.ended.get(40, TimeUnit.SECONDS)).isEqualTo(expected);
        }
    }

    /** Says something at once when it is active, and ends. */
    private static final class Greeter extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(pattern(1000));
        }
    }

    @Test
    void nothingIsReadBeforeItIsAskedFor() throws Exception {
        VsockAddress service = listen(Greeter::new);
        CompletableFuture<Integer> first = new CompletableFuture<>();
        Channel channel = ends.client()
                .bootstrap(client)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object msg) {
                        first.complete(((ByteBuf) msg).readableBytes());
                        ((ByteBuf) msg).release();
                    }
                })
                .connect(service)
                .sync()
                .channel();
        assertThat(channel.remoteAddress()).isEqualTo(service);
        assertThat(channel.localAddress()).isInstanceOf(VsockAddress.class);
        // Long enough for the greeting to arrive; what is asserted is that it was not delivered.
        CountDownLatch waited = new CountDownLatch(1);
        channel.eventLoop().schedule(waited::countDown, 150, TimeUnit.MILLISECONDS);
        waited.await();
        assertThat(first).isNotDone();
        channel.read();
        assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(1000);
        channel.close().sync();
    }

    /** Netty's epoll reads on its own when the peer ends; whether or not it does, nothing may be lost or out of order. */
    @Test
    void whatIsLeftWhenThePeerEndsArrivesBeforeTheEnd() throws Exception {
        CompletableFuture<Reader> accepted = new CompletableFuture<>();
        VsockAddress service = listen(() -> {
            Reader reader = new Reader() {
                @Override
                public void channelActive(ChannelHandlerContext ctx) {
                    accepted.complete(this);
                    ctx.executor().schedule(ctx::read, 200, TimeUnit.MILLISECONDS);
                }

                @Override
                public void channelReadComplete(ChannelHandlerContext ctx) {
                    ctx.executor().schedule(ctx::read, 2, TimeUnit.MILLISECONDS);
                }
            };
            return reader;
        });
        Channel channel = ends.client()
                .bootstrap(client)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(service)
                .sync()
                .channel();
        channel.writeAndFlush(pattern(150_000)).sync();
        ((DuplexChannel) channel).shutdownOutput().sync();
        Reader reader = accepted.get(20, TimeUnit.SECONDS);
        assertThat(reader.ended.get(20, TimeUnit.SECONDS)).isEqualTo(crcOfPattern(150_000));
        channel.close().sync();
    }

    @Test
    void failuresAreVsockExceptions() throws Exception {
        ChannelFuture nobody = ends.client()
                .bootstrap(client)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new VsockAddress(ends.unknownCid(), 1))
                .await();
        assertThat(nobody.cause()).isInstanceOfSatisfying(VsockException.class, e -> assertThat(e.reason())
                .isEqualTo(Reason.NO_SUCH_CID));
        VsockAddress taken = listen(Greeter::new);
        ChannelFuture second = ends.server()
                .serverBootstrap(server, server)
                .childHandler(new ChannelInboundHandlerAdapter())
                .bind(VsockAddress.anyCid(taken.port()))
                .await();
        assertThat(second.cause()).isInstanceOfSatisfying(VsockException.class, e -> assertThat(e.reason())
                .isEqualTo(Reason.PORT_TAKEN));
        ChannelFuture wrong = ends.client()
                .bootstrap(client)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
                .await();
        assertThat(wrong.cause()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writingBeforeConnectingFails() throws Exception {
        Channel channel = ends.client().channelFactory().newChannel();
        client.register(channel).sync();
        assertThat(channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]))
                        .await()
                        .cause())
                .isInstanceOf(NotYetConnectedException.class);
        channel.close().sync();
    }

    @Test
    void connectingCanBeGivenUp() throws Exception {
        VsockAddress service = listen(Greeter::new);
        for (int i = 0; i < 20; i++) {
            ChannelFuture connect = ends.client()
                    .bootstrap(client)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(service);
            connect.cancel(false);
            connect.await();
            connect.channel().close().sync();
            assertThat(connect.channel().isOpen()).isFalse();
        }
    }
}
