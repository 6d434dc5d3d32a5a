package io.ebridge.testkit.transport;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.Capability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockTransport;
import io.ebridge.vsock.netty.AbstractNettyVsockTransport;
import io.ebridge.vsock.netty.NettyVsockTransport;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** A provider that is one class of blocking calls: by itself, and with the channels that it is given. */
class BlockingProviderTest {
    private static final Cid GUEST = Cid.of(16);
    private static final int THREADS = 200;

    private interface Face {
        NettyVsockTransport of(VsockTransport provider);
    }

    private static Ends ends(Path directory, Face face) {
        NettyVsockTransport host = face.of(new PlainUnixTransport(directory, Cid.HOST, GUEST));
        NettyVsockTransport guest = face.of(new PlainUnixTransport(directory, GUEST, Cid.HOST));
        return new Ends(guest, GUEST, host, Cid.HOST, Cid.of(99));
    }

    /** Its own calls. */
    @Nested
    class Itself extends TransportContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return BlockingProviderTest.ends(directory, provider -> NettyVsockTransport.of(provider, THREADS));
        }
    }

    /** The channels in front of it. */
    @Nested
    class Channels extends NettyFaceContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return BlockingProviderTest.ends(directory, provider -> NettyVsockTransport.of(provider, THREADS));
        }
    }

    /** Blocking calls again, on top of those channels: whatever a channel forgets about ends, cuts or a peer that does not read shows here. */
    @Nested
    class ThroughChannels extends TransportContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return BlockingProviderTest.ends(directory, provider -> new Wrapped(NettyVsockTransport.of(provider, THREADS)));
        }
    }

    private static final class Wrapped extends AbstractNettyVsockTransport {
        private final NettyVsockTransport inner;

        Wrapped(NettyVsockTransport inner) {
            super("wrapped");
            this.inner = inner;
        }

        @Override
        public Availability availability() {
            return inner.availability();
        }

        @Override
        public Set<Capability> capabilities() {
            return inner.capabilities();
        }

        @Override
        public Cid localCid() {
            return inner.localCid();
        }

        @Override
        public ChannelFactory<? extends DuplexChannel> channelFactory() {
            return inner.channelFactory();
        }

        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
            return inner.serverChannelFactory();
        }
    }
}
