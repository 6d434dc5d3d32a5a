package io.ebridge.vsock.netty;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.channel.Failures;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A channel seen as a blocking stream: what it receives goes to {@link Incoming}, what is written to it comes from {@link Outgoing}. It is the last handler of the pipeline. */
final class BlockingStream extends ChannelInboundHandlerAdapter implements VsockStream {
    private static final long DRAIN_SECONDS = 5;

    private final DuplexChannel channel;
    private final Runnable whenGone;
    private final CompletableFuture<Boolean> channelClosed = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean gone = new AtomicBoolean();
    private final Incoming in;
    private final Outgoing out;

    /**
     * A stream over a channel.
     *
     * @param whenGone run once when the channel is closed and so is the stream: until then callers need the event loop
     */
    BlockingStream(DuplexChannel channel, Runnable whenGone) {
        this.channel = channel;
        this.whenGone = whenGone;
        in = new Incoming(channel, this);
        out = new Outgoing(channel, this);
        channel.config()
                .setRecvByteBufAllocator(
                        new AdaptiveRecvByteBufAllocator(2048, 16 * 1024, 64 * 1024).maxMessagesPerRead(2));
        channel.closeFuture().addListener(f -> {
            channelClosed.complete(true);
            if (closed.get()) {
                gone();
            }
        });
    }

    private void gone() {
        if (gone.compareAndSet(false, true)) {
            whenGone.run();
        }
    }

    // ---- what the event loop brings

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        in.askForMore();
        ctx.fireChannelActive();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (channel.isActive()) {
            in.askForMore();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        in.add((ByteBuf) msg);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        in.readComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            in.end();
            closeIfBothEnded();
        }
    }

    /** An epoll channel whose two directions have ended keeps its event loop busy while it is open. */
    private void closeIfBothEnded() {
        if (in.ended() && out.ended()) {
            channel.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        cut(Failures.ofStream(cause, remoteAddress()));
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cut(new VsockException(Reason.RESET, "the stream was cut", remoteAddress()));
    }

    private void cut(VsockException cause) {
        if (!(in.ended() && out.ended())) {
            in.cut(cause);
            out.cut(cause);
        }
    }

    // ---- what callers do

    @Override
    public VsockAddress localAddress() {
        return address(channel.localAddress());
    }

    @Override
    public VsockAddress remoteAddress() {
        return address(channel.remoteAddress());
    }

    private static VsockAddress address(@Nullable SocketAddress address) {
        return address instanceof VsockAddress vsock ? vsock : VsockAddress.anyCid(VsockAddress.ANY_PORT);
    }

    VsockException closedHere() {
        return new VsockException(Reason.CLOSED, "the stream is closed", remoteAddress());
    }

    @Override
    public InputStream inputStream() {
        return in;
    }

    @Override
    public OutputStream outputStream() {
        return out;
    }

    @Override
    public void readTimeout(Duration timeout) {
        in.timeout(timeout);
    }

    @Override
    public Duration readTimeout() {
        return in.timeout();
    }

    @Override
    public void writeTimeout(Duration timeout) {
        out.timeout(timeout);
    }

    @Override
    public boolean isOpen() {
        return !closed.get();
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (!out.end()) {
            return;
        }
        // Netty drops what is still in its buffer when the output ends, so nothing may be; and the event loop does it
        // after what it has been given before.
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        channel.shutdownOutput().addListener(f -> {
            if (f.isSuccess()) {
                done.complete(true);
            } else {
                done.completeExceptionally(f.cause());
            }
            closeIfBothEnded();
        });
        try {
            done.get(DRAIN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw Waiting.interrupted();
        } catch (ExecutionException e) {
            throw Failures.ofStream(Objects.requireNonNull(e.getCause()), remoteAddress());
        } catch (TimeoutException e) {
            throw new VsockException(Reason.TIMEOUT, "the event loop did not end the output", remoteAddress(), e);
        }
    }

    @Override
    public void reset() {
        if (markClosed()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            closeChannel();
        }
    }

    /** Whether this call closed it. */
    private boolean markClosed() {
        if (!closed.compareAndSet(false, true)) {
            return false;
        }
        in.drop();
        out.refuse();
        return true;
    }

    @Override
    public void close() {
        if (!markClosed()) {
            return;
        }
        if (!channel.eventLoop().inEventLoop()) {
            out.drain(DRAIN_SECONDS);
        }
        closeChannel();
    }

    private void closeChannel() {
        if (channelClosed.isDone()) {
            gone();
        } else {
            channel.close();
            if (!channel.eventLoop().inEventLoop()) {
                Waiting.uninterruptibly(channelClosed);
            }
        }
    }
}
