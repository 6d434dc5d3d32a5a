package io.ebridge.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.vsock.Capability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fault once, seen from the two ends of a stream. */
@Timeout(60)
class FaultsTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final VsockAddress HOST = new VsockAddress(Cid.HOST, 5000);

    private final LoopbackNetwork network = LoopbackNetwork.create();

    @AfterEach
    void close() {
        network.close();
        network.close();
        assertThat(network.listening()).isEmpty();
    }

    /** A stream to the host's port 5000, with a fault set on it before its first byte. */
    private final class Opened implements AutoCloseable {
        final VsockListener listener;
        final VsockStream client;
        final VsockStream server;
        final LoopbackLink link;

        Opened(LoopbackNetwork on, Consumer<LoopbackLink> fault) throws Exception {
            listener = on.host().listen(VsockAddress.anyCid(5000));
            try (Faults.Undo undo = on.faults().onOpen(fault)) {
                client = on.machine(Cid.of(16)).connect(HOST, LONG);
            }
            server = listener.accept(LONG);
            link = on.links().get(0);
            client.readTimeout(LONG);
            server.readTimeout(LONG);
        }

        @Override
        public void close() {
            client.close();
            server.close();
            listener.close();
        }
    }

    private Opened open(Consumer<LoopbackLink> fault) throws Exception {
        return new Opened(network, fault);
    }

    private static Reason reasonOf(ThrowingCallable call) {
        VsockException e = catchThrowableOfType(VsockException.class, call);
        assertThat(e).isNotNull();
        return e.reason();
    }

    @Test
    void corruptsTheByteAtAnOffset() throws Exception {
        try (Opened s = open(l -> l.toServer().corrupt(70_001, 0x81))) {
            byte[] sent = new byte[100_000];
            s.client.outputStream().write(sent);
            byte[] got = s.server.inputStream().readNBytes(sent.length);
            sent[70_001] ^= (byte) 0x81;
            assertThat(got).isEqualTo(sent);
            assertThat(s.link.toServer().sent()).isEqualTo(100_000);
            assertThat(s.link.toServer().delivered()).isEqualTo(100_000);
        }
    }

    @Test
    void losesThePeerAtAnOffset() throws Exception {
        try (Opened s = open(l -> l.toClient().resetAfter(12_345))) {
            s.server.outputStream().write(new byte[50_000]);
            assertThat(s.client.inputStream().readNBytes(12_345)).hasSize(12_345);
            assertThat(reasonOf(() -> s.client.inputStream().read())).isEqualTo(Reason.RESET);
            assertThat(reasonOf(() -> s.server.inputStream().read())).isEqualTo(Reason.RESET);
        }
    }

    @Test
    void endsADirectionAtAnOffset() throws Exception {
        try (Opened s = open(l -> l.toClient().endAfter(10))) {
            s.server.outputStream().write(new byte[50_000]);
            s.server.outputStream().flush();
            assertThat(s.client.inputStream().readAllBytes()).hasSize(10);
            s.client.outputStream().write(5);
            assertThat(s.server.inputStream().read()).isEqualTo(5);
        }
    }

    @Test
    void delaysAndLimitsSpeed() throws Exception {
        long start = System.nanoTime();
        try (Opened s = open(l -> l.toServer().delay(Duration.ofMillis(300)))) {
            s.client.outputStream().write(1);
            assertThat(s.server.inputStream().read()).isEqualTo(1);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
            s.link.toServer().delay(Duration.ZERO);
            s.link.toServer().bandwidth(200_000);
            long slow = System.nanoTime();
            s.client.outputStream().write(new byte[100_000]);
            s.server.inputStream().readNBytes(100_000);
            assertThat(Duration.ofNanos(System.nanoTime() - slow))
                    .isBetween(Duration.ofMillis(350), Duration.ofSeconds(10));
        }
    }

    @Test
    void stallsAndResumes() throws Exception {
        try (Opened s = open(l -> l.toServer().stall())) {
            s.client.outputStream().write(1);
            s.server.outputStream().write(2);
            assertThat(s.client.inputStream().read()).isEqualTo(2);
            s.server.readTimeout(SHORT);
            assertThatThrownBy(() -> s.server.inputStream().read()).isInstanceOf(SocketTimeoutException.class);
            s.link.toServer().resume();
            s.server.readTimeout(LONG);
            assertThat(s.server.inputStream().read()).isEqualTo(1);
        }
    }

    @Test
    void cutsWithoutAWord() throws Exception {
        try (Opened s = open(l -> {})) {
            s.link.cut();
            s.client.outputStream().write(1);
            s.client.shutdownOutput();
            s.server.readTimeout(SHORT);
            assertThatThrownBy(() -> s.server.inputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void resetsBothEnds() throws Exception {
        try (Opened s = open(l -> {})) {
            s.link.reset();
            assertThat(reasonOf(() -> s.client.inputStream().read())).isEqualTo(Reason.RESET);
            assertThat(reasonOf(() -> s.server.inputStream().read())).isEqualTo(Reason.RESET);
        }
    }

    @Test
    void refusesAndIgnores() throws Exception {
        try (Opened s = open(l -> {})) {
            assertThat(s.client.isOpen()).isTrue();
            try (Faults.Undo refused = network.faults().refuse(HOST)) {
                assertThat(reasonOf(() -> network.machine(Cid.of(16)).connect(HOST, LONG)))
                        .isEqualTo(Reason.NOBODY_LISTENS);
            }
            try (Faults.Undo ignored = network.faults().ignore(HOST)) {
                assertThat(reasonOf(() -> network.machine(Cid.of(16)).connect(HOST, SHORT)))
                        .isEqualTo(Reason.TIMEOUT);
            }
            network.machine(Cid.of(16)).connect(HOST, LONG).close();
        }
    }

    @Test
    void killsAMachine() throws Exception {
        try (Opened s = open(l -> {})) {
            var enclave = network.machine(Cid.of(16));
            network.faults().kill(Cid.of(16));
            assertThat(reasonOf(() -> s.server.inputStream().read())).isEqualTo(Reason.RESET);
            assertThat(reasonOf(() -> enclave.connect(HOST, LONG))).isEqualTo(Reason.TRANSPORT_MISSING);
            assertThat(network.machine(Cid.of(16))).isNotSameAs(enclave);
            network.machine(Cid.of(16)).connect(HOST, LONG).close();
            network.faults().kill(Cid.HOST);
            assertThat(reasonOf(() -> network.machine(Cid.of(16)).connect(HOST, LONG)))
                    .isEqualTo(Reason.NO_SUCH_CID);
        }
    }

    @Test
    void hostHasTwoNumbersUnlessSomebodyElseHasTheSecond() throws Exception {
        try (Opened s = open(l -> {})) {
            try (VsockStream alias =
                    network.machine(Cid.of(16)).connect(new VsockAddress(Cid.NITRO_PARENT, 5000), LONG)) {
                assertThat(alias.remoteAddress()).isEqualTo(new VsockAddress(Cid.NITRO_PARENT, 5000));
                assertThat(s.listener.accept(LONG).remoteAddress().cid()).isEqualTo(Cid.of(16));
            }
            network.machine(Cid.NITRO_PARENT);
            assertThat(reasonOf(
                            () -> network.machine(Cid.of(16)).connect(new VsockAddress(Cid.NITRO_PARENT, 5000), LONG)))
                    .isEqualTo(Reason.NOBODY_LISTENS);
        }
    }

    @Test
    void withoutHalfCloseTheWholeStreamEnds() throws Exception {
        try (LoopbackNetwork whole = LoopbackNetwork.withoutHalfClose();
                Opened s = new Opened(whole, l -> {})) {
            assertThat(whole.host().capabilities()).doesNotContain(Capability.HALF_CLOSE);
            s.client.shutdownOutput();
            assertThat(s.server.inputStream().read()).isEqualTo(-1);
            assertThat(s.client.inputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void saysWhatIsLeft() throws Exception {
        Opened s = open(l -> {});
        assertThat(network.leftovers())
                .anySatisfy(l -> assertThat(l).startsWith("stream"))
                .anySatisfy(l -> assertThat(l).startsWith("listener"));
        s.close();
    }

    @Test
    void clockJumps() {
        TestClock clock = new TestClock(Instant.EPOCH);
        assertThat(clock.advance(Duration.ofHours(1))).isEqualTo(Instant.ofEpochSecond(3600));
        clock.advance(Duration.ofHours(-2));
        assertThat(clock.instant()).isBefore(Instant.EPOCH);
        clock.set(Instant.MAX);
        assertThat(clock.instant()).isEqualTo(Instant.MAX);
        assertThat(clock).hasToString("TestClock[" + Instant.MAX + "]");
    }
}
