package io.ebridge.vsock.channel;

import io.ebridge.vsock.Availability;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.Version;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether the Netty that is really on the path keeps what is written to a half-closed epoll channel. The embedding service may bring another version than the one this library was built with, so versions newer than those
 * that the build tests are put to the test once, when epoll is first asked for, over a TCP connection to this very process.
 */
final class NettyCheck {
    /** The newest version of the line that the build runs its tests with. */
    private static final int TESTED_UP_TO = 18;

    private static final Pattern KNOWN_LINE = Pattern.compile("4\\.2\\.(\\d{1,3})\\.Final");
    private static final int REQUEST = 64 * 1024;
    /** More than TCP ever buffers by itself. */
    private static final int REPLY = 32 * 1024 * 1024;

    private static final int CHUNK = 64 * 1024;

    private NettyCheck() {}

    /** Whether our epoll channels can be trusted with this Netty. */
    static Availability epoll() {
        String version = version();
        Matcher m = KNOWN_LINE.matcher(version);
        if (m.matches() && Integer.parseInt(m.group(1)) <= TESTED_UP_TO) {
            return Availability.YES;
        }
        boolean sound = keepsLateReplies(
                () -> new EpollServer(SocketKind.TCP, KernelBuffers.NONE, null),
                () -> new EpollStream(SocketKind.TCP, KernelBuffers.NONE));
        return sound
                ? Availability.YES
                : Availability.no("Netty " + version + " loses data on half-closed epoll channels; use 4.2.12.Final");
    }

    static String version() {
        Version version = Version.identify(NettyCheck.class.getClassLoader()).get("netty-transport");
        return version == null ? "unknown" : version.artifactVersion();
    }

    /** A client sends a request and ends its output; the server answers later with more than fits the buffers. Whether all of it arrives. */
    static boolean keepsLateReplies(Supplier<ServerChannel> servers, Supplier<DuplexChannel> clients) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("ebridge-netty-check", true), EpollIoHandler.newFactory());
        CompletableFuture<Long> received = new CompletableFuture<>();
        // The fault shows when a write has to wait, so nothing is read until one does.
        CompletableFuture<Boolean> writeWaits = new CompletableFuture<>();
        try {
            Channel server = new ServerBootstrap()
                    .group(loops)
                    .channelFactory(servers::get)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .childOption(ChannelOption.AUTO_READ, false)
                    .childHandler(new LateReply(writeWaits))
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .syncUninterruptibly()
                    .channel();
            new Bootstrap()
                    .group(loops)
                    .channelFactory(clients::get)
                    .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(new SlowReader(received, writeWaits))
                    .connect(server.localAddress())
                    .syncUninterruptibly();
            return received.get(10, TimeUnit.SECONDS) == REPLY;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** Reads by demand, as a relay does, and answers once the request has ended. */
    @ChannelHandler.Sharable
    private static final class LateReply extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Boolean> writeWaits;

        LateReply(CompletableFuture<Boolean> writeWaits) {
            this.writeWaits = writeWaits;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ((ByteBuf) msg).release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                ctx.executor().schedule(() -> reply(ctx, 0), 20, TimeUnit.MILLISECONDS);
            }
        }

        private void reply(ChannelHandlerContext ctx, int sent) {
            if (sent >= REPLY) {
                ctx.close();
                return;
            }
            ChannelFuture written =
                    ctx.writeAndFlush(ctx.alloc().directBuffer(CHUNK).writeZero(CHUNK));
            if (!written.isDone()) {
                writeWaits.complete(true);
            }
            written.addListener(f -> {
                if (f.isSuccess()) {
                    reply(ctx, sent + CHUNK);
                } else {
                    writeWaits.complete(false);
                    ctx.close();
                }
            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** Sends the request, ends its output, and reads the answer a little at a time. */
    private static final class SlowReader extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Long> received;
        private final CompletableFuture<Boolean> writeWaits;
        private long count;

        SlowReader(CompletableFuture<Long> received, CompletableFuture<Boolean> writeWaits) {
            this.received = received;
            this.writeWaits = writeWaits;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(ctx.alloc().directBuffer(REQUEST).writeZero(REQUEST))
                    .addListener(f -> ((DuplexChannel) ctx.channel()).shutdownOutput());
            writeWaits.thenRun(() -> ctx.executor().schedule(ctx::read, 10, TimeUnit.MILLISECONDS));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf bytes = (ByteBuf) msg;
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
                received.complete(count);
                ctx.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            received.complete(count);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            received.complete(count);
            ctx.close();
        }
    }
}
