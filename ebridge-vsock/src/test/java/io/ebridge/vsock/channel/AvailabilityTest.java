package io.ebridge.vsock.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.KernelOptions;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockTransport;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Whether a transport says what is missing. Binding AF_VSOCK is harmless anywhere; nothing here connects it. */
class AvailabilityTest {
    @Test
    void saysWhatIsMissing() {
        assertThat(NativeEpoll.explain("riscv64", null)).contains("processor");
        assertThat(NativeEpoll.explain("aarch_64", null)).contains("linux-aarch_64");
        Availability epoll = NativeEpoll.availability();
        assertThat(epoll.reason().isEmpty()).isEqualTo(epoll.available());
        if (Boolean.getBoolean("io.netty.transport.noNative")) {
            assertThat(epoll.reason()).contains("noNative");
        }
    }

    @Test
    void kernelTransportListensOrSaysWhyNot() throws Exception {
        VsockTransport kernel = Vsock.kernel();
        assertThat(kernel.name()).isEqualTo("kernel");
        Availability here = kernel.availability();
        if (here.available()) {
            try (VsockListener listener = kernel.listen(VsockAddress.anyCid(VsockAddress.ANY_PORT))) {
                assertThat(listener.localAddress().port()).isNotEqualTo(VsockAddress.ANY_PORT);
                VsockAddress same = VsockAddress.anyCid(listener.localAddress().port());
                VsockException taken = org.assertj.core.api.Assertions.catchThrowableOfType(
                        VsockException.class, () -> kernel.listen(same));
                assertThat(taken.reason()).isEqualTo(VsockException.Reason.PORT_TAKEN);
            }
            VsockException foreign = org.assertj.core.api.Assertions.catchThrowableOfType(
                    VsockException.class, () -> kernel.listen(VsockAddress.of(77_777, 5000)));
            assertThat(foreign.reason()).isEqualTo(VsockException.Reason.NOT_LOCAL);
        } else {
            assertThat(here.reason()).isNotEmpty();
            VsockException missing = org.assertj.core.api.Assertions.catchThrowableOfType(
                    VsockException.class, () -> kernel.listen(VsockAddress.anyCid(5000)));
            assertThat(missing.reason()).isEqualTo(VsockException.Reason.TRANSPORT_MISSING);
            assertThat(missing).hasMessageContaining(here.reason());
            assertThat(kernel.localCid()).isEqualTo(Cid.ANY);
        }
    }

    @Test
    void configuredCidIsBelieved() {
        KernelOptions options = KernelOptions.builder()
                .localCid(Cid.of(16))
                .bufferBytes(1 << 20)
                .kernelConnectTimeout(Duration.ofSeconds(3))
                .build();
        assertThat(Vsock.kernel(options).localCid()).isEqualTo(Cid.of(16));
    }
}
