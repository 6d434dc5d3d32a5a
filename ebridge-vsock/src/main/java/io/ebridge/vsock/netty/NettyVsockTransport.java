package io.ebridge.vsock.netty;

import io.ebridge.vsock.Capability;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockTransport;
import io.ebridge.vsock.channel.ThreadedTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.ThreadFactory;

/**
 * A transport whose streams are Netty channels, on event loops that carry TCP channels too. All transports of this suite are.
 *
 * <p><b>Guaranteed</b> for channels of the factories given here, whatever the transport:
 *
 * <ul>
 *   <li>They bind and connect to {@link VsockAddress}, and {@code localAddress()} and {@code remoteAddress()} are {@link VsockAddress} (with {@code ANY} for what the transport cannot tell).
 *   <li>A connect is done, and {@code channelActive} fired, when the peer's machine has accepted; hybrid VSOCK's {@code CONNECT} and {@code OK} happen before, unseen. No byte
 *       behind the {@code OK} is lost or delivered earlier than asked for.
 *   <li>A failed connect or bind fails its promise with {@link io.ebridge.vsock.VsockException}. {@code CONNECT_TIMEOUT_MILLIS} covers the whole connect.
 *   <li>With {@link ChannelOption#ALLOW_HALF_CLOSURE}, which is on in the bootstraps given here, {@code ChannelInputShutdownEvent} tells the end of the peer's output, everything before it has been
 *       read, and writing goes on without loss. This holds on Netty 4.2.13 to 4.2.18 too, whose own epoll channels lose data there; so take the TCP channels from here as well.
 *   <li>{@code SO_LINGER} 0 makes {@code close()} a reset where the transport has {@link Capability#RESET}; it is ignored elsewhere.
 * </ul>
 *
 * <p><b>Not guaranteed:</b> that nothing is read while auto-read is off. Once the peer has ended its output, Netty's epoll delivers all that is left (at most the kernel's receive buffer) and then the
 * event, asked or not; a handler must be ready to keep it. A channel whose two directions have both ended must be closed at once: it keeps its event loop busy.
 */
public interface NettyVsockTransport extends VsockTransport {
    /**
     * The Netty face of any transport: the transport itself if it has one, else one in front of it that makes its blocking calls on threads. So a provider on another socket library is one class with the methods of
     * {@link VsockTransport}, and the bridge runs on it.
     *
     * <p>The face adds to what the provider guarantees nothing but what is said above, and needs of it what {@link VsockTransport} and {@link io.ebridge.vsock.VsockStream} say, in particular that calls which wait end when their
     * thread is interrupted or when the stream or listener is closed. Half-closure and resets come through as far as the provider has them. At most 128 KiB that were not asked for are read ahead, and at most 256 KiB wait to be
     * written; closing writes them for five seconds at most, then cuts.
     *
     * <p>It costs threads and copies: one thread for each listener, one for each stream from its first read on, one more while there is something to write. Where all are busy, connects, reads and writes wait for a thread, a
     * second at most (a connect no longer than its own timeout) and no more of them than there may be threads; then they fail with {@link io.ebridge.vsock.VsockException.Reason#RESOURCES}, and only for the stream concerned.
     * Threads are daemons and end a second after their last work.
     *
     * @param transport any transport
     * @param maxThreads how many threads may work at once, above zero: two for each stream that shall be open, one for each listener
     * @return a transport with channels
     * @throws IllegalArgumentException if there may be no thread
     */
    static NettyVsockTransport of(VsockTransport transport, int maxThreads) {
        if (maxThreads < 1) {
            throw new IllegalArgumentException("maxThreads " + maxThreads + " is not above zero");
        }
        return transport instanceof NettyVsockTransport netty ? netty : new ThreadedTransport(transport, maxThreads);
    }

    /**
     * The kind of event loop on which this transport's channels and its TCP channels run.
     *
     * @return a factory for {@link MultiThreadIoEventLoopGroup}
     * @throws IllegalStateException if the transport is not {@linkplain #availability() available}
     */
    IoHandlerFactory ioHandlerFactory();

    /**
     * Event loops for this transport's channels and its TCP channels. They are the caller's: shut them down.
     *
     * @param threads how many, above zero
     * @param threadFactory makes the threads
     * @return event loops
     * @throws IllegalStateException if the transport is not {@linkplain #availability() available}
     */
    default EventLoopGroup newEventLoopGroup(int threads, ThreadFactory threadFactory) {
        return new MultiThreadIoEventLoopGroup(threads, threadFactory, ioHandlerFactory());
    }

    /**
     * VSOCK streams, to connect.
     *
     * @return a factory
     */
    ChannelFactory<? extends DuplexChannel> channelFactory();

    /**
     * VSOCK listeners, to bind. Their children are {@link DuplexChannel}s.
     *
     * @return a factory
     */
    ChannelFactory<? extends ServerChannel> serverChannelFactory();

    /**
     * TCP streams for the same event loops.
     *
     * @return a factory
     */
    ChannelFactory<? extends DuplexChannel> tcpChannelFactory();

    /**
     * TCP listeners for the same event loops. Their children are {@link DuplexChannel}s.
     *
     * @return a factory
     */
    ChannelFactory<? extends ServerChannel> tcpServerChannelFactory();

    /**
     * Connects VSOCK streams; half-closure is allowed. The handler is the caller's to set.
     *
     * @param group event loops of {@link #ioHandlerFactory()}, or one of them
     * @return a bootstrap for {@link VsockAddress}
     */
    default Bootstrap bootstrap(EventLoopGroup group) {
        return new Bootstrap()
                .group(group)
                .channelFactory(channelFactory())
                .disableResolver()
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) DEFAULT_CONNECT_TIMEOUT.toMillis());
    }

    /**
     * Listens on VSOCK; half-closure is allowed. The child handler is the caller's to set.
     *
     * @param acceptors event loops of {@link #ioHandlerFactory()} for listeners
     * @param streams event loops of the same kind for accepted streams
     * @return a bootstrap for {@link VsockAddress}
     */
    default ServerBootstrap serverBootstrap(EventLoopGroup acceptors, EventLoopGroup streams) {
        return new ServerBootstrap()
                .group(acceptors, streams)
                .channelFactory(serverChannelFactory())
                .option(ChannelOption.SO_BACKLOG, DEFAULT_BACKLOG)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    /**
     * Connects TCP streams; half-closure is allowed, small writes are not delayed. The handler is the caller's to set. The bootstrap's own resolver blocks: connect to resolved addresses.
     *
     * @param group event loops of {@link #ioHandlerFactory()}, or one of them
     * @return a bootstrap for {@link java.net.InetSocketAddress}
     */
    default Bootstrap tcpBootstrap(EventLoopGroup group) {
        return new Bootstrap()
                .group(group)
                .channelFactory(tcpChannelFactory())
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) DEFAULT_CONNECT_TIMEOUT.toMillis());
    }

    /**
     * Listens on TCP; half-closure is allowed, small writes are not delayed, a port in TIME_WAIT may be taken again. The child handler is the caller's to set.
     *
     * @param acceptors event loops of {@link #ioHandlerFactory()} for listeners
     * @param streams event loops of the same kind for accepted streams
     * @return a bootstrap for {@link java.net.InetSocketAddress}
     */
    default ServerBootstrap tcpServerBootstrap(EventLoopGroup acceptors, EventLoopGroup streams) {
        return new ServerBootstrap()
                .group(acceptors, streams)
                .channelFactory(tcpServerChannelFactory())
                .option(ChannelOption.SO_BACKLOG, DEFAULT_BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.TCP_NODELAY, true);
    }
}
