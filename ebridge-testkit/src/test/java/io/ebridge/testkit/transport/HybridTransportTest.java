package io.ebridge.testkit.transport;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.HybridOptions;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.netty.NettyVsockTransport;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Hybrid VSOCK between a host's and a guest's side, in both directions, on epoll where it is at hand and on the JDK's own sockets. */
class HybridTransportTest {
    private static final Cid GUEST = Cid.of(16);

    private static Ends ends(Path directory, boolean portable, boolean guestListens) {
        HybridOptions options = HybridOptions.builder(directory.resolve("v.sock"))
                .guestCid(GUEST)
                .portable(portable)
                .build();
        NettyVsockTransport host = (NettyVsockTransport) Vsock.hybrid(options);
        NettyVsockTransport guest = (NettyVsockTransport) Vsock.hybridGuest(options);
        return guestListens
                ? new Ends(guest, GUEST, host, Cid.HOST, Cid.of(99))
                : new Ends(host, Cid.HOST, guest, GUEST, Cid.of(99));
    }

    @Nested
    class HostToGuest extends TransportContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return HybridTransportTest.ends(directory, false, true);
        }
    }

    @Nested
    class GuestToHost extends TransportContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return HybridTransportTest.ends(directory, false, false);
        }
    }

    @Nested
    class HostToGuestWithoutEpoll extends TransportContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return HybridTransportTest.ends(directory, true, true);
        }
    }

    @Nested
    class GuestToHostWithoutEpoll extends TransportContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return HybridTransportTest.ends(directory, true, false);
        }
    }

    @Nested
    class NettyHostToGuest extends NettyFaceContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return HybridTransportTest.ends(directory, false, true);
        }
    }

    @Nested
    class NettyGuestToHost extends NettyFaceContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return HybridTransportTest.ends(directory, false, false);
        }
    }

    @Nested
    class NettyHostToGuestWithoutEpoll extends NettyFaceContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return HybridTransportTest.ends(directory, true, true);
        }
    }

    @Nested
    class NettyGuestToHostWithoutEpoll extends NettyFaceContract {
        @TempDir
        Path directory;

        @Override
        Ends ends() {
            return HybridTransportTest.ends(directory, true, false);
        }
    }
}
