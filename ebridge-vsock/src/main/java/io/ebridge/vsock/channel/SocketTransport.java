package io.ebridge.vsock.channel;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.netty.AbstractNettyVsockTransport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** What the transports over the operating system's sockets have in common: epoll where it can be used, the JDK's selectors elsewhere, and TCP on either. */
abstract class SocketTransport extends AbstractNettyVsockTransport {
    private final boolean epoll;

    SocketTransport(String name, boolean epoll) {
        super(name);
        this.epoll = epoll;
    }

    boolean epoll() {
        return epoll;
    }

    @Override
    public final IoHandlerFactory ioHandlerFactory() {
        Availability here = availability();
        if (!here.available()) {
            throw new IllegalStateException(here.reason());
        }
        return epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    final <T extends Channel> ChannelFactory<T> checked(ChannelFactory<T> factory) {
        return () -> {
            Availability here = availability();
            if (!here.available()) {
                throw new ChannelException(new VsockException(Reason.TRANSPORT_MISSING, here.reason(), null));
            }
            return factory.newChannel();
        };
    }

    @Override
    public final ChannelFactory<? extends DuplexChannel> tcpChannelFactory() {
        return epoll ? checked(() -> new EpollStream(SocketKind.TCP, KernelBuffers.NONE)) : NioSocketChannel::new;
    }

    @Override
    public final ChannelFactory<? extends ServerChannel> tcpServerChannelFactory() {
        return epoll
                ? checked(() -> new EpollServer(SocketKind.TCP, KernelBuffers.NONE, null))
                : NioServerSocketChannel::new;
    }
}
