package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A blocking listener as a channel: one thread accepts, while there is room in the queue. */
final class ThreadedServer extends ArrivalServer {
    private final ThreadedTransport transport;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Semaphore room = new Semaphore(0);
    private volatile @Nullable VsockListener listener;
    private volatile boolean loopEnded;

    ThreadedServer(ThreadedTransport transport) {
        this.transport = transport;
        pipeline().addFirst(new Listen());
    }

    /** Listening may wait, so a bind does it elsewhere first. */
    private final class Listen extends ChannelOutboundHandlerAdapter {
        @Override
        public void bind(ChannelHandlerContext ctx, SocketAddress address, ChannelPromise promise) {
            if (!(address instanceof VsockAddress wanted)) {
                promise.tryFailure(new IllegalArgumentException("not a VSOCK address: " + address));
                return;
            }
            int backlog = backlog();
            transport
                    .threads()
                    .execute(
                            () -> {
                                try {
                                    VsockListener made = transport.provider().listen(wanted, backlog);
                                    Loops.run(eventLoop(), () -> listening(ctx, made, backlog, promise));
                                } catch (IOException | RuntimeException e) {
                                    promise.tryFailure(Failures.of(e, wanted));
                                }
                            },
                            () -> promise.tryFailure(
                                    new VsockException(Reason.RESOURCES, "no thread to listen with", wanted)));
        }

        private void listening(ChannelHandlerContext ctx, VsockListener made, int backlog, ChannelPromise promise) {
            if (!isOpen()) {
                made.close();
                promise.tryFailure(new VsockException(Reason.CLOSED, "closed before it listened", made.localAddress()));
                return;
            }
            listener = made;
            room.release(backlog);
            // Bound once a thread accepts, and not before.
            transport
                    .threads()
                    .execute(
                            () -> {
                                Loops.run(eventLoop(), () -> bound(ctx, made, promise));
                                acceptAll(made);
                            },
                            () -> {
                                made.close();
                                promise.tryFailure(new VsockException(
                                        Reason.RESOURCES, "no thread to accept with", made.localAddress()));
                                ctx.close();
                            });
        }
    }

    /** What is closed before it is bound does not close its listener by itself. */
    private void bound(ChannelHandlerContext ctx, VsockListener made, ChannelPromise promise) {
        if (!isOpen()) {
            stopListening();
        }
        ctx.bind(made.localAddress(), promise);
    }

    private void acceptAll(VsockListener from) {
        try {
            while (true) {
                room.acquire();
                try {
                    Arrived stream = new Arrived(from.accept());
                    if (reserve()) {
                        arrive(stream);
                    } else {
                        // Only while closing, which wakes this thread whether there is room or not.
                        stream.refuse();
                    }
                } catch (InterruptedIOException e) {
                    return;
                } catch (IOException | RuntimeException e) {
                    room.release();
                    if (closed.getCount() == 0
                            || e instanceof VsockException known && known.reason() == Reason.CLOSED) {
                        return;
                    }
                    cannotAccept(e);
                    if (closed.await(AcceptPause.MILLIS, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    void left() {
        super.left();
        room.release();
    }

    private final class Arrived implements Arrival {
        private final VsockStream stream;

        Arrived(VsockStream stream) {
            this.stream = stream;
        }

        @Override
        public Channel accept(Channel parent) {
            return new ThreadedStream(parent, transport, stream);
        }

        @Override
        public void refuse() {
            new StreamPump(stream, transport.threads()).close(true);
        }
    }

    @Override
    protected VsockAddress bindTo(VsockAddress wanted) {
        return wanted;
    }

    @Override
    protected void unbind(VsockAddress bound) {
        stopListening();
    }

    private void stopListening() {
        closed.countDown();
        room.release();
        VsockListener l = listener;
        if (l != null) {
            l.close();
        }
    }

    @Override
    void endOfLoop() {
        loopEnded = true;
        super.endOfLoop();
    }

    /** Closing may wait as well. */
    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                safeSetFailure(promise, new UnsupportedOperationException("a listener does not connect"));
            }

            @Override
            protected java.util.concurrent.@Nullable Executor prepareToClose() {
                return loopEnded || listener == null ? null : ThreadedServer.this::elsewhere;
            }
        };
    }

    private void elsewhere(Runnable close) {
        // Better on whatever thread than never.
        transport.threads().execute(close, close);
    }
}
