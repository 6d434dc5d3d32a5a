package io.ebridge.vsock.channel;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.HybridOptions;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandle;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The VMM's part on the guest's side of a pair of processes: listens at the path while at least one port is open, reads CONNECT, answers OK and brings the stream to the port's listener. Whoever asks for a port on which nobody
 * listens, or does not ask within the time, is cut without a word, as the VMMs do.
 */
final class GuestSwitch {
    /** As many handshakes at once as the VMMs allow connections. */
    private static final int MAX_HANDSHAKES = 1023;

    private static final long FIRST_HOST_PORT = 1L << 30;

    private final HybridOptions options;
    private final Route route;
    private final boolean epoll;
    private final EventLoops loops;
    private final SocketFiles files;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, GuestListener> ports = new HashMap<>();
    private final AtomicInteger handshakes = new AtomicInteger();
    private final AtomicInteger hostPorts = new AtomicInteger();
    private CompletableFuture<Void> closed = CompletableFuture.completedFuture(null);
    private @Nullable CompletableFuture<Control> opened;

    /** The listener at the path, and the moment when it is gone. */
    private record Control(Channel channel, CompletableFuture<Void> ended) {}

    GuestSwitch(HybridOptions options, Route route, boolean epoll, EventLoops loops) {
        this.options = options;
        this.route = route;
        this.epoll = epoll;
        this.loops = loops;
        files = SocketFiles.control(options);
    }

    CompletableFuture<VsockAddress> add(VsockAddress wanted, GuestListener listener) {
        lock.lock();
        try {
            VsockAddress address = wanted.port() == VsockAddress.ANY_PORT ? free(wanted.cid()) : wanted;
            if (ports.putIfAbsent(address.port(), listener) != null) {
                return CompletableFuture.failedFuture(
                        new VsockException(Reason.PORT_TAKEN, "this guest listens there already", wanted));
            }
            CompletableFuture<Control> control = opened;
            if (control == null) {
                control = closed.thenCompose(none -> open(home(listener), null));
                opened = control;
            }
            return control.handle((c, cause) -> {
                        if (cause == null) {
                            return CompletableFuture.completedFuture(address);
                        }
                        remove(address, listener);
                        return CompletableFuture.<VsockAddress>failedFuture(
                                cause.getCause() == null ? cause : cause.getCause());
                    })
                    .thenCompose(f -> f);
        } finally {
            lock.unlock();
        }
    }

    private VsockAddress free(Cid cid) {
        long port;
        do {
            port = FIRST_HOST_PORT + ThreadLocalRandom.current().nextInt(1 << 30);
        } while (ports.containsKey(port));
        return new VsockAddress(cid, port);
    }

    void remove(VsockAddress address, GuestListener listener) {
        lock.lock();
        try {
            CompletableFuture<Control> control = opened;
            if (ports.remove(address.port(), listener) && ports.isEmpty() && control != null) {
                opened = null;
                closed = control.thenCompose(c -> {
                            if (c.channel() instanceof EpollServer server) {
                                server.retire();
                            }
                            c.channel().close();
                            return c.ended();
                        })
                        .exceptionally(cause -> null);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The event loop of the first listener, if it can watch the socket too: then no stream has to hop from one to another. */
    private @Nullable EventLoop home(GuestListener listener) {
        EventLoop loop = listener.eventLoop();
        return epoll && loop instanceof IoEventLoop io && io.isCompatible(EpollIoHandle.class) ? loop : null;
    }

    /** Opens the socket, or goes on with one; on the given event loop, or on one of its own. */
    private CompletableFuture<Control> open(@Nullable EventLoop home, EpollServer.@Nullable Handed handed) {
        EventLoops.Lease lease = home == null ? loops.acquire() : null;
        CompletableFuture<Control> result = new CompletableFuture<>();
        new ServerBootstrap()
                .group(lease == null ? Objects.requireNonNull(home) : lease.loops())
                .channelFactory(() -> newServer(handed))
                .option(ChannelOption.SO_BACKLOG, 1024)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel server) {
                        if (epoll) {
                            server.pipeline().addLast(new GuestGreeter(GuestSwitch.this, route));
                        }
                        server.pipeline().addLast(new AcceptPause(GuestSwitch.this::cannotAccept));
                    }
                })
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        begin(stream);
                    }
                })
                .bind(VsockAddress.of(options.guestCid().value(), 0))
                .addListener(f -> {
                    Channel channel = ((ChannelFuture) f).channel();
                    if (f.isSuccess()) {
                        CompletableFuture<Void> ended = new CompletableFuture<>();
                        channel.closeFuture().addListener(c -> {
                            ended.complete(null);
                            end(lease);
                        });
                        result.complete(new Control(channel, ended));
                    } else {
                        end(lease);
                        result.completeExceptionally(f.cause());
                    }
                });
        return result;
    }

    /** All ports are waiting at this one socket. */
    private void cannotAccept(Throwable cause) {
        List<GuestListener> all;
        lock.lock();
        try {
            all = List.copyOf(ports.values());
        } finally {
            lock.unlock();
        }
        all.forEach(listener -> listener.cannotAccept(cause));
    }

    private static void end(EventLoops.@Nullable Lease lease) {
        if (lease != null) {
            lease.close();
        }
    }

    private ServerChannel newServer(EpollServer.@Nullable Handed handed) {
        return epoll ? new EpollServer(files, this::moveOn, handed) : new NioUnixServer(files);
    }

    /** The event loop of the socket has ended, and not because nobody listens any more. */
    private void moveOn(EpollServer.Handed handed) {
        lock.lock();
        try {
            if (!ports.isEmpty() && opened != null) {
                opened = open(null, handed);
                return;
            }
        } finally {
            lock.unlock();
        }
        try {
            handed.close();
        } catch (IOException e) {
            System.getLogger(GuestSwitch.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing the socket failed", e);
        }
    }

    private void begin(Channel stream) {
        if (handshakes.incrementAndGet() > MAX_HANDSHAKES) {
            handshakes.decrementAndGet();
            stream.close();
            return;
        }
        stream.closeFuture().addListener(f -> handshakes.decrementAndGet());
        ConnectLine begun = stream.attr(GuestGreeter.BEGUN).get();
        GuestHandshake handshake =
                new GuestHandshake(this, begun == null ? new ConnectLine() : begun, options.handshakeTimeout());
        stream.config().setRecvByteBufAllocator(handshake.allocator());
        stream.pipeline().addLast(handshake);
    }

    @Nullable GuestListener listener(long port) {
        lock.lock();
        try {
            return ports.get(port);
        } finally {
            lock.unlock();
        }
    }

    VsockAddress localAddress(long port) {
        return new VsockAddress(options.guestCid(), port);
    }

    /** The port that the host's end of a stream gets. */
    VsockAddress hostAddress() {
        return new VsockAddress(Cid.HOST, FIRST_HOST_PORT + (hostPorts.getAndIncrement() & (FIRST_HOST_PORT - 1)));
    }
}
