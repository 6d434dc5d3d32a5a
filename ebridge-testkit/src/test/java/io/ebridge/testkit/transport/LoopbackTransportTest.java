package io.ebridge.testkit.transport;

import io.ebridge.testkit.LoopbackNetwork;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.netty.NettyVsockTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The testkit's network between a host and a guest, in both directions. */
class LoopbackTransportTest {
    private static final Cid GUEST = Cid.of(16);

    private static Ends ends(LoopbackNetwork network, boolean guestListens) {
        NettyVsockTransport host = (NettyVsockTransport) network.host();
        NettyVsockTransport guest = (NettyVsockTransport) network.machine(GUEST);
        return guestListens
                ? new Ends(guest, GUEST, host, Cid.HOST, Cid.of(99))
                : new Ends(host, Cid.HOST, guest, GUEST, Cid.of(99));
    }

    private static void close(LoopbackNetwork network) {
        Leftovers.awaitEmpty("on the network", network::leftovers);
        network.close();
    }

    @Nested
    class HostToGuest extends TransportContract {
        private final LoopbackNetwork network = LoopbackNetwork.create();

        @Override
        Ends ends() {
            return LoopbackTransportTest.ends(network, true);
        }

        @AfterEach
        void nothingIsLeft() {
            LoopbackTransportTest.close(network);
        }
    }

    @Nested
    class GuestToHost extends TransportContract {
        private final LoopbackNetwork network = LoopbackNetwork.create();

        @Override
        Ends ends() {
            return LoopbackTransportTest.ends(network, false);
        }

        @AfterEach
        void nothingIsLeft() {
            LoopbackTransportTest.close(network);
        }
    }

    @Nested
    class Netty extends NettyFaceContract {
        private final LoopbackNetwork network = LoopbackNetwork.create();

        @Override
        Ends ends() {
            return LoopbackTransportTest.ends(network, true);
        }

        @Override
        void nothingIsLeft() {
            LoopbackTransportTest.close(network);
        }
    }
}
