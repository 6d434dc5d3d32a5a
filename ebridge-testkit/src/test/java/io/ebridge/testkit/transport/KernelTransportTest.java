package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.netty.NettyVsockTransport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** AF_VSOCK of a kernel with loopback. It connects, so it refuses to run outside a guest of tools/vsock-lab: there, CID 1 is nobody else. */
@Tag("kernel")
class KernelTransportTest {
    @BeforeAll
    static void onlyInTheLab() {
        assertThat(System.getenv("VSOCK_LAB"))
                .as("VSOCK_LAB; run these with tools/vsock-lab/kernel-tests")
                .isEqualTo("1");
    }

    private static Ends loopback() {
        NettyVsockTransport kernel = (NettyVsockTransport) Vsock.kernel();
        return new Ends(kernel, Cid.LOCAL, kernel, Cid.LOCAL, Cid.of(77));
    }

    @Nested
    class Blocking extends TransportContract {
        @Override
        Ends ends() {
            return loopback();
        }
    }

    @Nested
    class Netty extends NettyFaceContract {
        @Override
        Ends ends() {
            return loopback();
        }
    }
}
