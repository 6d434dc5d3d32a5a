package io.ebridge.testkit.transport;

import io.ebridge.testkit.LoopbackNetwork;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.netty.NettyVsockTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The testkit's network between a host and a guest, in both directions. */
class LoopbackTransportTest {
    private static final Cid GUEST = Cid.of(16);

    private abstract static class OnNetwork extends TransportContract {
        private final LoopbackNetwork network = LoopbackNetwork.create();

        Ends ends(boolean guestListens) {
            NettyVsockTransport host = (NettyVsockTransport) network.host();
            NettyVsockTransport guest = (NettyVsockTransport) network.machine(GUEST);
            return guestListens
                    ? new Ends(guest, GUEST, host, Cid.HOST, Cid.of(99))
                    : new Ends(host, Cid.HOST, guest, GUEST, Cid.of(99));
        }

        @AfterEach
        void nothingIsLeft() {
            Leftovers.awaitEmpty("streams on the network", network::links);
            Leftovers.awaitEmpty("listeners on the network", network::listening);
            network.close();
        }
    }

    @Nested
    class HostToGuest extends OnNetwork {
        @Override
        Ends ends() {
            return ends(true);
        }
    }

    @Nested
    class GuestToHost extends OnNetwork {
        @Override
        Ends ends() {
            return ends(false);
        }
    }
}
