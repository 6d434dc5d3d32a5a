package io.ebridge.testkit.tunnel;

import static io.ebridge.testkit.tunnel.TunnelRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeException;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.BridgedEnclave;
import io.ebridge.tunnel.EgressPolicy;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.IngressPolicy;
import io.ebridge.tunnel.micrometer.BridgeMetrics;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockStream;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One host, several enclaves at once: each has what is its own, and nothing that one does concerns another. */
@Timeout(60)
class SeveralEnclavesTest {
    private static final Cid[] CIDS = {Cid.of(16), Cid.of(17), Cid.of(18)};

    private TunnelRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = TunnelRig.onLoopback();
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static int tcpPort(Cid cid) {
        return 8000 + (int) cid.value();
    }

    /** Lets each enclave claim a port of its own, wherever that leads on this machine. */
    private HostBridge host() throws IOException {
        IngressPolicy.Builder ingress = IngressPolicy.builder();
        for (Cid cid : CIDS) {
            ingress.map(tcpPort(cid), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }
        return rig.host(b -> b.acceptFrom(CIDS).ingress(ingress.build()));
    }

    /** An enclave whose server tells which enclave it is and then echoes. */
    private EnclaveBridge enclave(Cid cid) throws Exception {
        EnclaveBridge enclave =
                rig.enclave(cid, c -> c.serve(5001, tcpPort(cid)).outbound(5002).heartbeat(Duration.ofSeconds(2)));
        TcpServer server = rig.closing(new TcpServer(socket -> {
            socket.getOutputStream().write((int) cid.value());
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        }));
        enclave.expose(5001, server.address());
        return enclave;
    }

    private static Socket connect(BridgedEnclave enclave) throws Exception {
        return BridgeEndToEndTest.connect(enclave.listening().get(tcpPort(enclave.cid())));
    }

    private static void echoes(Socket socket, int b) throws IOException {
        socket.getOutputStream().write(b);
        assertThat(socket.getInputStream().read()).isEqualTo(b);
    }

    @Test
    void eachHasItsOwnHandshakeTunnelsAndLog() throws Exception {
        HostBridge host = host();
        for (Cid cid : CIDS) {
            EnclaveBridge enclave = enclave(cid);
            enclave.logStream().write(("I am " + cid.value() + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(host.enclaves()).extracting(BridgedEnclave::cid).containsExactlyInAnyOrder(CIDS);
        assertThat(host.enclaves()).extracting(BridgedEnclave::enclaveId).doesNotHaveDuplicates();
        for (Cid cid : CIDS) {
            BridgedEnclave bridged = host.awaitEnclave(cid, PATIENCE);
            assertThat(bridged.listening()).containsOnlyKeys(tcpPort(cid));
            try (Socket socket = connect(bridged)) {
                assertThat(socket.getInputStream().read()).isEqualTo((int) cid.value());
                echoes(socket, 1);
            }
            TunnelRig.await("the log of " + cid, () -> rig.log.stream()
                    .anyMatch(l -> l.cid().equals(cid) && l.line().text().equals("I am " + cid.value())));
            rig.awaitEvent(
                    rig.hostEvents, BridgeEvent.Heartbeat.class, e -> e.peer().equals(cid));
        }
    }

    @Test
    void oneRestartsWhileTheOthersGoOn() throws Exception {
        HostBridge host = host();
        EnclaveBridge restarting = enclave(CIDS[0]);
        enclave(CIDS[1]);
        BridgedEnclave before = host.awaitEnclave(CIDS[0], PATIENCE);
        BridgedEnclave other = host.awaitEnclave(CIDS[1], PATIENCE);
        try (Socket itsOwn = connect(before);
                Socket ofTheOther = connect(other)) {
            assertThat(itsOwn.getInputStream().read()).isEqualTo(16);
            assertThat(ofTheOther.getInputStream().read()).isEqualTo(17);

            restarting.close(Duration.ZERO);
            enclave(CIDS[0]);
            BridgedEnclave after = TunnelRig.await("the new run", () -> host.enclaves().stream()
                    .filter(e -> e.cid().equals(CIDS[0]) && !e.enclaveId().equals(before.enclaveId()))
                    .findFirst()
                    .orElse(null));
            assertThatThrownBy(() -> {
                        if (itsOwn.getInputStream().read() < 0) {
                            throw new IOException("ended");
                        }
                    })
                    .isInstanceOf(IOException.class);
            try (Socket fresh = connect(after)) {
                assertThat(fresh.getInputStream().read()).isEqualTo(16);
                echoes(fresh, 2);
            }
            echoes(ofTheOther, 3);
        }
        UUID others = other.enclaveId();
        assertThat(host.awaitEnclave(CIDS[1], PATIENCE).enclaveId())
                .as("the other one's bridge")
                .isEqualTo(others);
        assertThat(rig.hostEvents)
                .noneMatch(
                        e -> e instanceof BridgeEvent.Lost lost && lost.peer().equals(CIDS[1]));
    }

    @Test
    void oneThatIsLostTakesNothingOfTheOthersWithIt() throws Exception {
        HostBridge host = host();
        EnclaveBridge dying = enclave(CIDS[0]);
        enclave(CIDS[1]);
        BridgedEnclave other = host.awaitEnclave(CIDS[1], PATIENCE);
        try (Socket ofTheOther = connect(other)) {
            assertThat(ofTheOther.getInputStream().read()).isEqualTo(17);
            dying.close(Duration.ZERO);
            rig.awaitEvent(
                    rig.hostEvents,
                    BridgeEvent.Lost.class,
                    e -> e.peer().equals(CIDS[0]) && e.reason() == BridgeReason.HEARTBEAT_TIMEOUT);
            echoes(ofTheOther, 4);
        }
        assertThat(host.enclaves()).extracting(BridgedEnclave::cid).containsExactly(CIDS[1]);
    }

    @Test
    void aPortThatAnotherEnclaveHoldsIsRefusedWithAReason() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        HostBridge host = rig.host(b -> b.acceptFrom(CIDS)
                .ingress(IngressPolicy.builder()
                        .map(8080, new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                        .build()));
        rig.enclave(CIDS[0], c -> c.serve(5001, 8080));
        host.awaitEnclave(CIDS[0], PATIENCE);

        assertThatThrownBy(() -> rig.enclaveBuilder(CIDS[1])
                        .connectTimeout(Duration.ofSeconds(2))
                        .connect(env -> io.ebridge.protocol.BridgeConfig.builder("second")
                                .serve(5001, 8080)
                                .build()))
                .isInstanceOf(BridgeException.class);
        BridgeEvent.HandshakeFailed refused = rig.awaitEvent(
                rig.hostEvents, BridgeEvent.HandshakeFailed.class, e -> e.peer().equals(CIDS[1]));
        assertThat(refused.reason()).isEqualTo(BridgeReason.PORT_TAKEN);
        assertThat(refused.detail()).contains(Integer.toString(port));
        assertThat(host.enclaves()).extracting(BridgedEnclave::cid).containsExactly(CIDS[0]);
    }

    @Test
    void aPolicyOfOneEnclaveIsNotThatOfAnother() throws Exception {
        TcpServer echo = rig.closing(TcpServer.echo());
        rig.host(b -> b.acceptFrom(CIDS).egress(CIDS[0], EgressPolicy.allow("127.0.0.1:" + echo.port())));
        EnclaveBridge granted = rig.enclave(CIDS[0], c -> c.outbound(5002));
        EnclaveBridge denied = rig.enclave(CIDS[1], c -> c.outbound(5002));
        try (Socket socket = granted.socketFactory().createSocket("127.0.0.1", echo.port())) {
            echoes(socket, 5);
        }
        assertThatThrownBy(() -> denied.socketFactory().createSocket("127.0.0.1", echo.port()))
                .isInstanceOf(BridgeException.class);
        BridgeEvent.Refused refused = rig.awaitEvent(rig.hostEvents, BridgeEvent.Refused.class, e -> true);
        assertThat(refused.reason()).isEqualTo(BridgeReason.TARGET_NOT_ALLOWED);
        assertThat(refused.tunnel().peer()).isEqualTo(CIDS[1]);
    }

    /** Names that one enclave may ask for and that take for ever leave the others what they need, and itself what it had before. */
    @Test
    void slowNamesOfOneLeaveTheOthersTheirs() throws Exception {
        TcpServer echo = rig.closing(TcpServer.echo());
        CountDownLatch slow = new CountDownLatch(1);
        Set<String> inWork = ConcurrentHashMap.newKeySet();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        rig.host(b -> b.acceptFrom(CIDS)
                .egress(EgressPolicy.allow("*.test:" + echo.port(), "127.0.0.1:" + echo.port()))
                .listener(new BridgeMetrics(meters))
                .resolver(name -> {
                    if (name.endsWith(".slow.test")) {
                        inWork.add(name);
                        try {
                            assertThat(slow.await(30, TimeUnit.SECONDS)).isTrue();
                        } catch (InterruptedException e) {
                            throw new InterruptedIOException(name);
                        }
                    }
                    return List.of(InetAddress.getLoopbackAddress());
                }));
        EnclaveBridge greedy = rig.enclave(CIDS[0], c -> c.outbound(5002));
        EnclaveBridge second = rig.enclave(CIDS[1], c -> c.outbound(5002));
        EnclaveBridge third = rig.enclave(CIDS[2], c -> c.outbound(5002));

        asks(CIDS[0], "a", 40, echo.port());
        TunnelRig.await("24 refusals", () -> tooMany(meters) == 24);
        assertThat(inWork).hasSize(16);
        reaches(second, "quick.test", echo.port());
        reaches(greedy, "127.0.0.1", echo.port());
        reaches(greedy, "quick.test", echo.port());

        // The next may hold what is left free by both: 8 of 16.
        asks(CIDS[1], "b", 40, echo.port());
        TunnelRig.await("32 refusals more", () -> tooMany(meters) == 24 + 32);
        assertThat(inWork).hasSize(24);
        reaches(third, "other.test", echo.port());
        assertThat(rig.hostEvents)
                .noneMatch(e -> e instanceof BridgeEvent.Refused refused
                        && refused.tunnel().peer().equals(CIDS[2]));

        slow.countDown();
        reaches(greedy, "b1.slow.test", echo.port());
        TunnelRig.await("the slots again", () -> {
            try {
                reaches(greedy, "new.test", echo.port());
                return true;
            } catch (BridgeException e) {
                return false;
            }
        });
    }

    private void asks(Cid cid, String prefix, int names, int port) throws IOException {
        for (int i = 1; i <= names; i++) {
            VsockStream stream =
                    rig.closing(rig.enclaveTransport(cid).connect(new VsockAddress(Cid.HOST, 5002), PATIENCE));
            stream.outputStream().write((prefix + i + ".slow.test:" + port + "\n").getBytes(StandardCharsets.US_ASCII));
            stream.outputStream().flush();
        }
    }

    private static void reaches(EnclaveBridge enclave, String host, int port) throws IOException {
        try (Socket socket = enclave.socketFactory().createSocket(host, port)) {
            echoes(socket, 6);
        }
    }

    private static double tooMany(SimpleMeterRegistry meters) {
        return meters.find("ebridge.connections.refused").tags("reason", "too_many_names").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    @Test
    void whoIsAcceptedButNotBridgedGetsNothingOfAnothers() throws Exception {
        TcpServer echo = rig.closing(TcpServer.echo());
        HostBridge host = rig.host(b -> b.acceptFrom(CIDS).egress(EgressPolicy.allow("127.0.0.1:" + echo.port())));
        host.service(6000, (stream, from) -> stream.outputStream().write(1));
        rig.enclave(CIDS[0], c -> c.outbound(5002));
        for (long port : new long[] {5002, 4999, 6000}) {
            try (VsockStream stream =
                    rig.enclaveTransport(CIDS[1]).connect(new VsockAddress(Cid.HOST, port), PATIENCE)) {
                stream.readTimeout(PATIENCE);
                assertThatThrownBy(() -> {
                            if (stream.inputStream().read() < 0) {
                                throw new IOException("ended");
                            }
                        })
                        .isInstanceOf(IOException.class);
            }
            rig.awaitEvent(
                    rig.hostEvents,
                    BridgeEvent.Refused.class,
                    e -> e.reason() == BridgeReason.NOT_BRIDGED
                            && e.tunnel().port() == port
                            && e.tunnel().peer().equals(CIDS[1]));
        }
    }
}
