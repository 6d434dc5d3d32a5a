package io.ebridge.testkit;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.Capability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.netty.AbstractNettyVsockTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import java.util.Set;

/** A machine on the network. */
final class LoopbackTransport extends AbstractNettyVsockTransport {
    private final LoopbackNetwork network;
    private final Cid cid;
    private final boolean halfClose;

    LoopbackTransport(LoopbackNetwork network, Cid cid, boolean halfClose) {
        super("loopback");
        this.network = network;
        this.cid = cid;
        this.halfClose = halfClose;
    }

    LoopbackNetwork network() {
        return network;
    }

    @Override
    public Availability availability() {
        return Availability.YES;
    }

    @Override
    public Set<Capability> capabilities() {
        return halfClose
                ? Set.of(Capability.HALF_CLOSE, Capability.RESET, Capability.PEER_PORT)
                : Set.of(Capability.RESET, Capability.PEER_PORT);
    }

    @Override
    public Cid localCid() {
        return cid;
    }

    @Override
    public ChannelFactory<? extends DuplexChannel> channelFactory() {
        return () -> new LoopbackChannel(this);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
        return () -> new LoopbackListener(this);
    }

    // Whoever builds channels with these gets the network's allocator.

    @Override
    public Bootstrap bootstrap(EventLoopGroup group) {
        return super.bootstrap(group).option(ChannelOption.ALLOCATOR, network.allocator());
    }

    @Override
    public ServerBootstrap serverBootstrap(EventLoopGroup acceptors, EventLoopGroup streams) {
        return super.serverBootstrap(acceptors, streams).childOption(ChannelOption.ALLOCATOR, network.allocator());
    }

    @Override
    public Bootstrap tcpBootstrap(EventLoopGroup group) {
        return super.tcpBootstrap(group).option(ChannelOption.ALLOCATOR, network.allocator());
    }

    @Override
    public ServerBootstrap tcpServerBootstrap(EventLoopGroup acceptors, EventLoopGroup streams) {
        return super.tcpServerBootstrap(acceptors, streams).childOption(ChannelOption.ALLOCATOR, network.allocator());
    }
}
