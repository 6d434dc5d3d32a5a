package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads CONNECT from a stream that was just accepted, and not one byte more, answers OK, and moves the stream to the listener of the port. */
final class GuestHandshake extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger(GuestHandshake.class.getName());

    private final GuestSwitch guestSwitch;
    private final Duration timeout;
    private final ConnectLine line;
    private @Nullable Runnable moved;

    /** Goes on with a line of which a part may have been read. */
    GuestHandshake(GuestSwitch guestSwitch, ConnectLine line, Duration timeout) {
        this.guestSwitch = guestSwitch;
        this.line = line;
        this.timeout = timeout;
    }

    /** Gives buffers that cannot hold more than the line, so that what follows it stays in the kernel for the stream's next owner. */
    RecvByteBufAllocator allocator() {
        return new DefaultMaxMessagesRecvByteBufAllocator(1) {
            @Override
            public MaxMessageHandle newHandle() {
                return new MaxMessageHandle() {
                    @Override
                    public int guess() {
                        return line.safeToRead();
                    }
                };
            }
        };
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ScheduledFuture<?> deadline =
                ctx.executor().schedule(() -> ctx.close(), timeout.toMillis(), TimeUnit.MILLISECONDS);
        ctx.channel().closeFuture().addListener(closed -> deadline.cancel(false));
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf bytes = (ByteBuf) msg;
        try {
            boolean complete = false;
            while (!complete && bytes.isReadable()) {
                complete = line.accept(bytes.readByte());
            }
            if (!complete) {
                ctx.read();
            } else if (bytes.isReadable()) {
                // Only after the peer ended its output before the OK; there is nobody left to serve.
                ctx.close();
            } else {
                answer(ctx);
            }
        } catch (VsockException e) {
            LOG.log(System.Logger.Level.DEBUG, "not a hybrid VSOCK client: {0}", e.getMessage());
            ctx.close();
        } finally {
            bytes.release();
        }
    }

    private void answer(ChannelHandlerContext ctx) {
        GuestListener listener = guestSwitch.listener(line.port());
        if (listener == null) {
            ctx.close();
            return;
        }
        VsockAddress host = guestSwitch.hostAddress();
        ByteBuf ok = Unpooled.wrappedBuffer(("OK " + host.port() + "\n").getBytes(StandardCharsets.US_ASCII));
        ctx.writeAndFlush(ok).addListener(f -> {
            if (f.isSuccess()) {
                // Not now: this runs inside the read that brought the line.
                ctx.executor().execute(() -> move(ctx, listener, host));
            } else {
                ctx.close();
            }
        });
    }

    /** The channel ends, its socket lives on; it must be out of this event loop before it enters another. */
    private void move(ChannelHandlerContext ctx, GuestListener listener, VsockAddress host) {
        Channel stream = ctx.channel();
        if (!stream.isActive()) {
            return;
        }
        VsockAddress local = guestSwitch.localAddress(line.port());
        ArrivalServer.Arrival arrival = stream instanceof EpollStream epoll
                ? epoll.detach(local, host)
                : ((NioUnixStream) stream).detach(local, host);
        moved = () -> listener.bring(arrival);
        stream.close();
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {
        Runnable then = moved;
        if (then != null) {
            moved = null;
            then.run();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, "a stream failed before it said CONNECT: {0}", cause.toString());
        ctx.close();
    }
}
