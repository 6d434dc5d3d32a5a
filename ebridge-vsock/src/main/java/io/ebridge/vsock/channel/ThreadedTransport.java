package io.ebridge.vsock.channel;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.Capability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.VsockTransport;
import io.ebridge.vsock.netty.NettyVsockTransport;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Set;

/** The Netty face of a transport that only knows blocking calls: threads make them, a bounded number of threads, none of which stays long when it has nothing to do. */
public final class ThreadedTransport implements NettyVsockTransport {
    private final VsockTransport provider;
    private final PatientThreads threads;

    /**
     * A Netty face.
     *
     * @param provider makes the streams
     * @param maxThreads how many threads may run at once, above zero
     */
    public ThreadedTransport(VsockTransport provider, int maxThreads) {
        this.provider = provider;
        threads = new PatientThreads(maxThreads, new DefaultThreadFactory("ebridge-vsock-" + provider.name(), true));
    }

    VsockTransport provider() {
        return provider;
    }

    PatientThreads threads() {
        return threads;
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        Availability here = availability();
        if (!here.available()) {
            throw new IllegalStateException(here.reason());
        }
        return TcpLoops.BEST.ioHandlerFactory();
    }

    @Override
    public ChannelFactory<? extends DuplexChannel> channelFactory() {
        return () -> new ThreadedStream(this);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
        return () -> new ThreadedServer(this);
    }

    @Override
    public ChannelFactory<? extends DuplexChannel> tcpChannelFactory() {
        return TcpLoops.BEST.channelFactory();
    }

    @Override
    public ChannelFactory<? extends ServerChannel> tcpServerChannelFactory() {
        return TcpLoops.BEST.serverChannelFactory();
    }

    @Override
    public String name() {
        return provider.name();
    }

    @Override
    public Availability availability() {
        return provider.availability();
    }

    @Override
    public Set<Capability> capabilities() {
        return provider.capabilities();
    }

    @Override
    public Cid localCid() {
        return provider.localCid();
    }

    @Override
    public VsockListener listen(VsockAddress local, int backlog) throws VsockException {
        return provider.listen(local, backlog);
    }

    @Override
    public VsockStream connect(VsockAddress remote, Duration timeout) throws VsockException, InterruptedIOException {
        return provider.connect(remote, timeout);
    }
}
