package io.ebridge.testkit.tunnel;

import static io.ebridge.testkit.tunnel.TunnelRig.CID;
import static io.ebridge.testkit.tunnel.TunnelRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeException;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.ServiceHandler;
import io.ebridge.tunnel.TunnelLimits;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The host's own services: who may use them, how many at once, and how they end. */
@Timeout(60)
class HostServicesTest {
    private static final ServiceHandler ECHO = (stream, from) -> {
        stream.inputStream().transferTo(stream.outputStream());
        stream.shutdownOutput();
    };

    private TunnelRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = TunnelRig.onLoopback();
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static void echoes(VsockStream stream, int b) throws IOException {
        stream.readTimeout(PATIENCE);
        stream.outputStream().write(b);
        assertThat(stream.inputStream().read()).isEqualTo(b);
    }

    private static void cut(VsockStream stream) {
        assertThatThrownBy(() -> {
                    if (stream.inputStream().read() < 0) {
                        throw new IOException("ended");
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void aServiceHasSoManyConnectionsAndNoMore() throws Exception {
        HostBridge host = rig.host(
                b -> b.limits(TunnelLimits.builder().maxConnectionsPerTunnel(3).build()));
        host.service(6000, ECHO);
        host.service(6001, ECHO);
        EnclaveBridge enclave = rig.enclave(c -> {});
        List<VsockStream> open = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            VsockStream stream = rig.closing(enclave.open(6000));
            echoes(stream, i);
            open.add(stream);
        }
        try (VsockStream fourth = enclave.open(6000)) {
            fourth.readTimeout(PATIENCE);
            cut(fourth);
        }
        BridgeEvent.Refused refused = rig.awaitEvent(rig.hostEvents, BridgeEvent.Refused.class, e -> true);
        assertThat(refused.reason()).isEqualTo(BridgeReason.LIMIT_REACHED);
        assertThat(refused.tunnel().kind()).isEqualTo(BridgeEvent.Kind.SERVICE);
        assertThat(refused.tunnel().peer()).isEqualTo(CID);
        try (VsockStream elsewhere = enclave.open(6001)) {
            echoes(elsewhere, 9);
        }
        open.get(0).close();
        TunnelRig.await("a place", () -> {
            try (VsockStream again = enclave.open(6000)) {
                echoes(again, 8);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void theLimitOfTheBridgeHoldsForServicesToo() throws Exception {
        HostBridge host =
                rig.host(b -> b.limits(TunnelLimits.builder().maxConnections(2).build()));
        host.service(6000, ECHO);
        host.service(6001, ECHO);
        EnclaveBridge enclave = rig.enclave(c -> {});
        echoes(rig.closing(enclave.open(6000)), 1);
        echoes(rig.closing(enclave.open(6001)), 2);
        try (VsockStream third = enclave.open(6000)) {
            third.readTimeout(PATIENCE);
            cut(third);
        }
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Refused.class, e -> e.reason() == BridgeReason.LIMIT_REACHED);
    }

    @Test
    void nobodyIsServedBeforeItsHandshakeNorWithAnotherCid() throws Exception {
        HostBridge host = rig.host(b -> b);
        host.service(6000, ECHO);
        for (Cid cid : new Cid[] {CID, Cid.of(99)}) {
            try (VsockStream early =
                    rig.enclaveTransport(cid).connect(new io.ebridge.vsock.VsockAddress(Cid.HOST, 6000), PATIENCE)) {
                early.readTimeout(PATIENCE);
                cut(early);
            }
            rig.awaitEvent(
                    rig.hostEvents,
                    BridgeEvent.Refused.class,
                    e -> e.reason() == BridgeReason.NOT_BRIDGED
                            && e.tunnel().peer().equals(cid));
        }
        EnclaveBridge enclave = rig.enclave(c -> {});
        try (VsockStream stream = enclave.open(6000)) {
            echoes(stream, 1);
        }
    }

    @Test
    void closingDrainsServicesToADeadlineAndThenCuts() throws Exception {
        HostBridge host = rig.host(b -> b);
        CountDownLatch handlers = new CountDownLatch(2);
        host.service(6000, (stream, from) -> {
            try {
                ECHO.serve(stream, from);
            } finally {
                handlers.countDown();
            }
        });
        EnclaveBridge enclave = rig.enclave(c -> {});
        try (VsockStream ends = enclave.open(6000);
                VsockStream stays = enclave.open(6000)) {
            echoes(ends, 1);
            echoes(stays, 2);
            Thread closing = new Thread(() -> host.close(Duration.ofSeconds(2)));
            long began = System.nanoTime();
            closing.start();
            TunnelRig.await("no more accepting", () -> {
                try (VsockStream late = enclave.open(6000)) {
                    late.readTimeout(Duration.ofMillis(50));
                    late.outputStream().write(1);
                    return late.inputStream().read() < 0;
                } catch (java.net.SocketTimeoutException e) {
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
            echoes(ends, 3);
            ends.shutdownOutput();
            assertThat(ends.inputStream().read()).as("ends in good order").isNegative();
            closing.join(PATIENCE.toMillis());
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofMillis(1900), Duration.ofSeconds(8));
            cut(stays);
        }
        assertThat(handlers.await(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS))
                .as("no handler goes on")
                .isTrue();
        assertThatThrownBy(() -> host.service(6001, ECHO)).isInstanceOf(BridgeException.class);
    }

    @Test
    void aLostEnclavesConnectionsAreCut() throws Exception {
        HostBridge host = rig.host(b -> b);
        host.service(6000, ECHO);
        EnclaveBridge enclave = rig.enclave(c -> c.heartbeat(Duration.ofMillis(400)));
        try (VsockStream stream = enclave.open(6000)) {
            echoes(stream, 1);
            enclave.close(Duration.ZERO);
            rig.awaitEvent(rig.hostEvents, BridgeEvent.Lost.class, e -> true);
            cut(stream);
        }
        rig.awaitEvent(
                rig.hostEvents,
                BridgeEvent.Closed.class,
                e -> e.tunnel().kind() == BridgeEvent.Kind.SERVICE && e.cut() != null);
    }

    @Test
    void aHandlerThatThrowsHurtsItsOwnConnectionOnly() throws Exception {
        HostBridge host = rig.host(b -> b);
        host.service(6000, (stream, from) -> {
            if (stream.inputStream().read() == 13) {
                throw new IllegalStateException("thirteen");
            }
            ECHO.serve(stream, from);
        });
        EnclaveBridge enclave = rig.enclave(c -> {});
        try (VsockStream bad = enclave.open(6000);
                VsockStream good = enclave.open(6000)) {
            good.outputStream().write(0);
            echoes(good, 1);
            bad.outputStream().write(13);
            cut(bad);
            rig.awaitEvent(rig.hostEvents, BridgeEvent.Closed.class, e -> e.cut() == BridgeReason.APPLICATION_FAILED);
            echoes(good, 2);
        }
    }
}
