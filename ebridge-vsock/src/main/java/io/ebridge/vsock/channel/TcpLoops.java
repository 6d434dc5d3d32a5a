package io.ebridge.vsock.channel;

import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/**
 * Event loops of one kind, and the TCP channels that run on them.
 *
 * @param epoll whether it is epoll, else the JDK's selectors
 */
public record TcpLoops(boolean epoll) {
    /** Epoll where it can be used. */
    public static final TcpLoops BEST = new TcpLoops(NativeEpoll.availability().available());

    /**
     * The kind of event loop.
     *
     * @return a factory
     */
    public IoHandlerFactory ioHandlerFactory() {
        return epoll ? EpollLoop.factory() : NioIoHandler.newFactory();
    }

    /**
     * TCP streams.
     *
     * @return a factory
     */
    public ChannelFactory<? extends DuplexChannel> channelFactory() {
        return epoll ? () -> new EpollStream(SocketKind.TCP, KernelBuffers.NONE) : NioSocketChannel::new;
    }

    /**
     * TCP listeners.
     *
     * @return a factory
     */
    public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
        return epoll ? () -> new EpollServer(SocketKind.TCP, KernelBuffers.NONE, null) : NioServerSocketChannel::new;
    }
}
