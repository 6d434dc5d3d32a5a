package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.SocketAddress;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * First in the pipeline of a stream that is going to connect, until it has. Turns the VSOCK address into that of the socket below and failures into {@link VsockException}; in hybrid VSOCK it also says
 * CONNECT, waits for OK, and hides all of that: the promise is done and the channel active for the handlers behind it only after the OK.
 */
final class ConnectHandler extends ChannelDuplexHandler {
    private enum State {
        IDLE,
        CONNECTING,
        HANDSHAKE,
        CONNECTED,
        FAILED
    }

    private static final long BUSY_RETRY_MILLIS = 2;

    private final Route route;
    private final OkLine ok = new OkLine();
    /** What came behind the OK before anybody asked for it. */
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>();

    private State state = State.IDLE;
    private long limitMillis = Long.MAX_VALUE;
    private long begun;
    private boolean demanded;
    private boolean activeSeen;
    private boolean passed;
    private @Nullable VsockAddress remote;
    private @Nullable ChannelPromise promise;
    private @Nullable ScheduledFuture<?> timeout;

    ConnectHandler(Route route) {
        this.route = route;
    }

    /** Passes these bytes on when they are asked for, before all others; for a stream that is connected already. */
    static ConnectHandler holding(ByteBuf bytes, Route route) {
        ConnectHandler handler = new ConnectHandler(route);
        handler.state = State.CONNECTED;
        handler.held.add(bytes);
        return handler;
    }

    @Override
    public void connect(ChannelHandlerContext ctx, SocketAddress to, SocketAddress from, ChannelPromise p) {
        if (state != State.IDLE) {
            p.tryFailure(new ConnectionPendingException());
            return;
        }
        if (!(to instanceof VsockAddress address)) {
            p.tryFailure(new IllegalArgumentException("not a VSOCK address: " + to));
            return;
        }
        SocketAddress target;
        try {
            target = route.to(address);
        } catch (VsockException e) {
            p.tryFailure(e);
            return;
        }
        state = State.CONNECTING;
        remote = address;
        promise = p;
        p.addListener(f -> {
            if (f.isCancelled()) {
                finish(State.FAILED);
                ctx.close();
            }
        });
        long limit = ctx.channel().config().getConnectTimeoutMillis();
        limitMillis = limit > 0 ? limit : Long.MAX_VALUE;
        begun = System.nanoTime();
        attempt(ctx, target);
        // Unix sockets connect at once, and need no timer for it.
        if (state == State.CONNECTING && limit > 0) {
            limitTo(ctx, limit, limit);
        }
    }

    private void limitTo(ChannelHandlerContext ctx, long leftMillis, long limit) {
        timeout = ctx.executor().schedule(() -> fail(ctx, timedOut(limit)), leftMillis, TimeUnit.MILLISECONDS);
    }

    private void attempt(ChannelHandlerContext ctx, SocketAddress target) {
        ChannelPromise below = ctx.newPromise();
        below.addListener(f -> below((ChannelFuture) f, ctx, target));
        ctx.connect(target, below);
    }

    private void below(ChannelFuture f, ChannelHandlerContext ctx, SocketAddress target) {
        if (state != State.CONNECTING) {
            return;
        }
        VsockAddress to = Objects.requireNonNull(remote);
        if (!f.isSuccess()) {
            Throwable cause = f.cause();
            // A Unix socket whose queue is full says "try again" at once instead of waiting.
            if (Failures.errno(cause) == Failures.EAGAIN && ctx.channel().isOpen() && limitMillis != Long.MAX_VALUE) {
                ctx.executor().schedule(() -> retry(ctx, target), BUSY_RETRY_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                fail(ctx, route.connectFailure(cause, to));
            }
            return;
        }
        ((AddressedChannel) ctx.channel()).addresses(route.local(), to);
        if (route.handshake().isZero()) {
            finish(State.CONNECTED);
            succeed(ctx);
            if (activeSeen && ctx.channel().isActive()) {
                ctx.fireChannelActive();
            }
            if (!ctx.isRemoved()) {
                ctx.pipeline().remove(this);
            }
            return;
        }
        state = State.HANDSHAKE;
        long limit = route.handshake().toMillis();
        long left = limitMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        if (left > limit) {
            cancelTimeout();
            limitTo(ctx, limit, limit);
        } else if (timeout == null) {
            limitTo(ctx, Math.max(0, left), limitMillis);
        }
        ctx.writeAndFlush(Unpooled.wrappedBuffer(ConnectLine.request(to.port())));
        ctx.read();
    }

    private void retry(ChannelHandlerContext ctx, SocketAddress target) {
        if (state == State.CONNECTING && ctx.channel().isOpen()) {
            attempt(ctx, target);
        }
    }

    private VsockException timedOut(long millis) {
        return new VsockException(Reason.TIMEOUT, "no answer within " + millis + " ms", remote);
    }

    private void succeed(ChannelHandlerContext ctx) {
        ChannelPromise p = promise;
        if (p != null && !p.trySuccess()) {
            ctx.close();
        }
    }

    private void fail(ChannelHandlerContext ctx, VsockException cause) {
        if (state != State.CONNECTING && state != State.HANDSHAKE) {
            return;
        }
        finish(State.FAILED);
        ChannelPromise p = promise;
        if (p != null) {
            p.tryFailure(cause);
        }
        ctx.close();
    }

    private void finish(State end) {
        state = end;
        cancelTimeout();
    }

    private void cancelTimeout() {
        ScheduledFuture<?> t = timeout;
        timeout = null;
        if (t != null) {
            t.cancel(false);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (state == State.CONNECTED || state == State.IDLE) {
            ctx.fireChannelActive();
        } else {
            activeSeen = true;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf bytes = (ByteBuf) msg;
        if (state == State.CONNECTED) {
            pass(ctx, bytes);
            return;
        }
        if (state != State.HANDSHAKE) {
            bytes.release();
            return;
        }
        try {
            boolean complete = false;
            while (!complete && bytes.isReadable()) {
                complete = ok.accept(bytes.readByte());
            }
            if (!complete) {
                bytes.release();
                return;
            }
        } catch (VsockException e) {
            bytes.release();
            fail(ctx, new VsockException(e.reason(), String.valueOf(e.getMessage()), remote));
            return;
        }
        finish(State.CONNECTED);
        succeed(ctx);
        if (activeSeen && ctx.channel().isActive()) {
            ctx.fireChannelActive();
        }
        if (bytes.isReadable()) {
            pass(ctx, bytes);
        } else {
            bytes.release();
        }
    }

    private void pass(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (held.isEmpty() && (demanded || ctx.channel().config().isAutoRead())) {
            passed = true;
            ctx.fireChannelRead(bytes);
        } else {
            held.add(bytes);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (state == State.HANDSHAKE) {
            ctx.read();
        } else if (state == State.CONNECTED) {
            if (passed) {
                passed = false;
                demanded = false;
                ctx.fireChannelReadComplete();
            } else if (demanded) {
                ctx.read();
            }
            if (held.isEmpty() && !ctx.isRemoved()) {
                ctx.pipeline().remove(this);
            }
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (state == State.CONNECTED && !held.isEmpty()) {
            // Later and not inside the caller's read(), which may be in the middle of something.
            demanded = true;
            ctx.executor().execute(() -> {
                if (!ctx.isRemoved()) {
                    release(ctx);
                }
            });
            return;
        }
        demanded = state != State.IDLE;
        if (state != State.HANDSHAKE) {
            ctx.read();
        }
    }

    private void release(ChannelHandlerContext ctx) {
        if (held.isEmpty()) {
            return;
        }
        while (!held.isEmpty()) {
            ctx.fireChannelRead(held.poll());
        }
        demanded = false;
        ctx.fireChannelReadComplete();
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (state == State.CONNECTED) {
            release(ctx);
            ctx.fireUserEventTriggered(event);
        } else if (state == State.HANDSHAKE && event instanceof ChannelInputShutdownEvent) {
            fail(ctx, nobody(null));
        } else if (state == State.IDLE) {
            ctx.fireUserEventTriggered(event);
        }
    }

    private VsockException nobody(@Nullable Throwable cause) {
        return new VsockException(
                Reason.NOBODY_LISTENS,
                "the VMM closed the stream in place of an OK: nobody listens there",
                remote,
                cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (state == State.CONNECTED) {
            release(ctx);
            ctx.fireChannelInactive();
        } else if (state == State.HANDSHAKE) {
            fail(ctx, nobody(null));
        } else if (state == State.CONNECTING) {
            fail(ctx, new VsockException(Reason.CLOSED, "closed before it was connected", remote));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (state == State.HANDSHAKE) {
            fail(ctx, nobody(cause));
        } else if (state == State.CONNECTED) {
            release(ctx);
            ctx.fireExceptionCaught(cause);
        } else if (state == State.IDLE) {
            ctx.fireExceptionCaught(cause);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise p) {
        if (state == State.CONNECTED) {
            ctx.write(msg, p);
        } else {
            ReferenceCountUtil.release(msg);
            p.tryFailure(new NotYetConnectedException());
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise p) {
        if (state == State.CONNECTING || state == State.HANDSHAKE) {
            fail(ctx, new VsockException(Reason.CLOSED, "closed before it was connected", remote));
        }
        ctx.close(p);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        cancelTimeout();
        held.forEach(ByteBuf::release);
        held.clear();
    }
}
