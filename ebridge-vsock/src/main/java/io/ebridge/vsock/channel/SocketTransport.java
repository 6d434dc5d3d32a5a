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
import io.netty.channel.socket.DuplexChannel;

/** What the transports over the operating system's sockets have in common: epoll or the JDK's selectors, and TCP on either. */
abstract class SocketTransport extends AbstractNettyVsockTransport {
    private final TcpLoops loops;

    SocketTransport(String name, boolean epoll) {
        super(name);
        loops = new TcpLoops(epoll);
    }

    boolean epoll() {
        return loops.epoll();
    }

    @Override
    public final IoHandlerFactory ioHandlerFactory() {
        Availability here = availability();
        if (!here.available()) {
            throw new IllegalStateException(here.reason());
        }
        return loops.ioHandlerFactory();
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
        return checked(loops.channelFactory());
    }

    @Override
    public final ChannelFactory<? extends ServerChannel> tcpServerChannelFactory() {
        return checked(loops.serverChannelFactory());
    }
}
