package io.ebridge.testkit.tunnel;

import static io.ebridge.testkit.tunnel.TunnelRig.CID;
import static io.ebridge.testkit.tunnel.TunnelRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.protocol.Limits;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.EgressPolicy;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.TunnelLimits;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An enclave that does what it must not, byte by byte; the host must refuse, cut, and go on serving. */
@Timeout(90)
class HostileEnclaveTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private TunnelRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = new TunnelRig();
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private VsockStream dial(long port) throws IOException {
        VsockStream stream = rig.enclaveTransport().connect(new VsockAddress(Cid.NITRO_PARENT, port), SOON);
        stream.readTimeout(PATIENCE);
        return rig.closing(stream);
    }

    private static void say(VsockStream stream, String text) throws IOException {
        stream.outputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        stream.outputStream().flush();
    }

    private static String line(VsockStream stream) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = stream.inputStream().read();
                b >= 0 && b != '\n';
                b = stream.inputStream().read()) {
            line.append((char) b);
        }
        return line.toString();
    }

    /** Whether the host ended the stream, one way or the other. */
    private static boolean ended(VsockStream stream) {
        try {
            return stream.inputStream().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private void refusedFor(BridgeReason reason) {
        rig.awaitEvent(rig.hostEvents, BridgeEvent.HandshakeFailed.class, e -> e.reason() == reason);
    }

    /** The host still takes a decent enclave. */
    private void stillServes(HostBridge host) throws Exception {
        EnclaveBridge decent = rig.enclave(c -> c.serve(5001, 8080));
        TcpServer echo = rig.closing(TcpServer.echo());
        decent.expose(5001, echo.address());
        try (Socket client = BridgeEndToEndTest.connect(TunnelRig.listening(host.awaitEnclave(PATIENCE)))) {
            client.getOutputStream().write(9);
            assertThat(client.getInputStream().read()).isEqualTo(9);
        }
    }

    private static String settings(String servers) {
        return "{\"appName\":\"x\",\"watchdog\":{\"enclaveId\":\""
                + UUID.fromString("3f0c1111-2222-4333-8444-555566667777")
                + "\",\"interval\":30000000000},\"logger\":{\"level\":\"\"},\"servers\":[" + servers
                + "],\"clients\":null}\n";
    }

    @Test
    void failedHandshakesDoNotFloodTheLog() throws Exception {
        try (LogCapture log = new LogCapture("io.ebridge.tunnel")) {
            HostBridge host = rig.host(b -> b);
            for (int i = 0; i < 200; i++) {
                try (VsockStream stream = dial(5000)) {
                    say(stream, "nonsense\n");
                    assertThat(ended(stream)).isTrue();
                }
            }
            TunnelRig.await(
                    "all events",
                    () -> rig.hostEvents.stream()
                                    .filter(BridgeEvent.HandshakeFailed.class::isInstance)
                                    .count()
                            == 200);
            assertThat(log.messages).hasSize(10).allMatch(m -> m.startsWith("WARNING Handshake with CID 16 failed"));
            host.close(Duration.ZERO);
            assertThat(log.messages).last().isEqualTo("WARNING 190 more messages about CID 16 were not logged");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "16, 22, PORT_NOT_ALLOWED",
        "16, 0, PORT_NOT_ALLOWED",
        "17, 8081, FOREIGN_CID",
        "2, 8081, FOREIGN_CID",
        "0, 8081, FOREIGN_CID"
    })
    void settingsThatClaimTooMuchAreRefusedAsAWhole(long cid, int tcpPort, BridgeReason reason) throws Exception {
        HostBridge host = rig.host(b -> b);
        VsockStream stream = dial(5000);
        say(stream, "\u0006\n");
        assertThat(line(stream)).isEqualTo("{}");
        say(
                stream,
                settings("{\"enclaveCid\":16,\"enclaveListenPort\":5001,\"bridgeTcpPort\":8080},{\"enclaveCid\":" + cid
                        + ",\"enclaveListenPort\":5003,\"bridgeTcpPort\":" + tcpPort + "}"));
        assertThat(ended(stream)).isTrue();
        refusedFor(reason);
        assertThat(host.enclaves()).isEmpty();
    }

    @Test
    void portsInUseAreRefusedWithAReason() throws Exception {
        TcpServer squatter = rig.closing(TcpServer.echo());
        HostBridge host = rig.host(b -> b.ingress(io.ebridge.tunnel.IngressPolicy.builder()
                .map(8080, squatter.address())
                .build()));
        host.service(6000, (stream, from) -> {});
        VsockStream stream = dial(5000);
        say(stream, "\u0006\n");
        line(stream);
        say(stream, settings("{\"enclaveCid\":16,\"enclaveListenPort\":5001,\"bridgeTcpPort\":8080}"));
        assertThat(ended(stream)).isTrue();
        refusedFor(BridgeReason.PORT_TAKEN);

        rig.hostEvents.clear();
        VsockStream other = dial(5000);
        say(other, "\u0006\n");
        line(other);
        say(other, settings("").replace("null", "[{\"enclaveDialPort\":6000,\"requestTimeout\":0}]"));
        assertThat(ended(other)).isTrue();
        refusedFor(BridgeReason.PORT_TAKEN);
    }

    @Test
    void tooManyTunnelsAreRefused() throws Exception {
        rig.host(b -> b.limits(TunnelLimits.builder().maxClientTunnels(2).build()));
        VsockStream stream = dial(5000);
        say(stream, "\u0006\n");
        line(stream);
        say(
                stream,
                settings("")
                        .replace(
                                "null",
                                "[{\"enclaveDialPort\":1001,\"requestTimeout\":0},"
                                        + "{\"enclaveDialPort\":1002,\"requestTimeout\":0},{\"enclaveDialPort\":1003,\"requestTimeout\":0}]"));
        assertThat(ended(stream)).isTrue();
        refusedFor(BridgeReason.TOO_MANY_TUNNELS);
    }

    @Test
    void aCidThatIsNotAcceptedGetsNothing() throws Exception {
        HostBridge picky = rig.closing(HostBridge.builder()
                .transport(rig.hostTransport())
                .acceptFrom(Cid.of(99))
                .listener(rig.hostEvents::add)
                .start());
        VsockStream stream = dial(5000);
        assertThat(ended(stream)).isTrue();
        refusedFor(BridgeReason.CID_NOT_ALLOWED);
        assertThat(picky.enclaves()).isEmpty();
    }

    @Test
    void slowHandshakesAreCutAfterTheStepAndHoldNobodyUp() throws Exception {
        HostBridge host = rig.host(b -> b.protocolLimits(
                        Limits.builder().handshakeStep(Duration.ofMillis(400)).build())
                .limits(TunnelLimits.builder().maxControlConnections(4).build()));
        List<VsockStream> slow = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            slow.add(dial(5000));
        }
        assertThat(ended(dial(5000))).as("the fifth at once").isTrue();
        refusedFor(BridgeReason.LIMIT_REACHED);
        say(slow.get(0), "\u0006");
        for (VsockStream stream : slow) {
            assertThat(ended(stream)).isTrue();
        }
        refusedFor(BridgeReason.STEP_TIMEOUT);
        VsockStream dripping = dial(5000);
        say(dripping, "\u0006\n");
        line(dripping);
        long began = System.nanoTime();
        try {
            for (int i = 0; i < 100; i++) {
                say(dripping, "{");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        } catch (IOException e) {
            assertThat(e).isNotNull();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
        stillServes(host);
    }

    @Test
    void garbageAndEndlessSettingsCostTheirConnectionOnly() throws Exception {
        HostBridge host = rig.host(b -> b);
        for (String garbage :
                new String[] {"GET / HTTP/1.1\r\n\r\n", "\u0006\u0006\n", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"}) {
            VsockStream stream = dial(5000);
            say(stream, garbage);
            assertThat(ended(stream)).isTrue();
        }
        VsockStream endless = dial(5000);
        say(endless, "\u0006\n");
        line(endless);
        byte[] block = new byte[64 * 1024];
        java.util.Arrays.fill(block, (byte) ' ');
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1000; i++) {
                        endless.outputStream().write(block);
                        endless.outputStream().flush();
                    }
                })
                .isInstanceOf(IOException.class);
        refusedFor(BridgeReason.PROTOCOL_ERROR);
        stillServes(host);
    }

    @Test
    void tunnelsServicesAndLogsAreClosedToThoseWithoutABridge() throws Exception {
        HostBridge host = rig.host(b -> b);
        host.service(6000, (stream, from) -> stream.outputStream().write(1));
        for (long port : new long[] {4999, 6000}) {
            VsockStream stream = dial(port);
            assertThat(ended(stream)).as("port " + port).isTrue();
            rig.awaitEvent(
                    rig.hostEvents,
                    BridgeEvent.Refused.class,
                    e -> e.reason() == BridgeReason.NOT_BRIDGED && e.tunnel().port() == port);
        }
        VsockStream heartbeat = dial(5000);
        say(heartbeat, "0123456789abcdef\n");
        assertThat(ended(heartbeat)).isTrue();
        refusedFor(BridgeReason.NOT_BRIDGED);
    }

    @Test
    void aHeartbeatWithAnotherIdEndsTheBridge() throws Exception {
        HostBridge host = rig.host(b -> b);
        rig.closing(rig.enclaveBuilder().reconnect(false).connect(env -> io.ebridge.protocol.BridgeConfig.builder("x")
                .build()));
        host.awaitEnclave(PATIENCE);
        VsockStream heartbeat = dial(5000);
        say(heartbeat, "0123456789abcdef\n");
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Lost.class, e -> e.reason() == BridgeReason.HEARTBEAT_MISMATCH);
        assertThat(host.enclaves()).isEmpty();
    }

    private static final Map<String, String> NAMES = Map.of(
            "metadata.example.com", "169.254.169.254",
            "loop.example.com", "127.0.0.1",
            "mapped.example.com", "::ffff:127.0.0.1",
            "any.example.com", "0.0.0.0");

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:22, TARGET_NOT_ALLOWED",
        "169.254.169.254:80, TARGET_NOT_ALLOWED",
        "[::1]:22, TARGET_NOT_ALLOWED",
        "[::ffff:169.254.169.254]:80, TARGET_NOT_ALLOWED",
        "localhost:22, TARGET_NOT_ALLOWED",
        "metadata.example.com:80, ADDRESS_NOT_ALLOWED",
        "loop.example.com:22, ADDRESS_NOT_ALLOWED",
        "mapped.example.com:22, ADDRESS_NOT_ALLOWED",
        "any.example.com:22, ADDRESS_NOT_ALLOWED",
        "nowhere.example.com:80, NAME_NOT_RESOLVED",
        "127.1:22, TARGET_MALFORMED",
        "2130706433:22, TARGET_MALFORMED",
        "0x7f000001:22, TARGET_MALFORMED",
        "example.com, TARGET_MALFORMED",
        "example.com:99999, TARGET_MALFORMED",
        "a b:80, TARGET_MALFORMED"
    })
    void targetsThatAreForbiddenOrMisleadingAreRefused(String target, BridgeReason reason) throws Exception {
        rig.host(b -> b.egress(EgressPolicy.allow("*.example.com:*", "0.0.0.0/0:*", "[::/0]:*"))
                .resolver(name -> {
                    if (!NAMES.containsKey(name)) {
                        throw new java.net.UnknownHostException(name);
                    }
                    return List.of(InetAddress.getByName(NAMES.get(name)));
                }));
        rig.enclave(c -> c.outbound(5002));
        VsockStream stream = dial(5002);
        say(stream, target + "\n");
        assertThat(ended(stream)).as("no acknowledgement").isTrue();
        BridgeEvent.Refused refused = rig.awaitEvent(rig.hostEvents, BridgeEvent.Refused.class, e -> true);
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused.tunnel().peer()).isEqualTo(CID);
    }

    @Test
    void theAddressesOfTheHostItselfStayClosedUnlessNamed() throws Exception {
        InetAddress own = java.net.NetworkInterface.networkInterfaces()
                .flatMap(java.net.NetworkInterface::inetAddresses)
                .filter(a -> a instanceof java.net.Inet4Address && !a.isLoopbackAddress())
                .findFirst()
                .orElse(null);
        org.junit.jupiter.api.Assumptions.assumeTrue(own != null, "this machine has no address but loopback");
        rig.host(b -> b.egress(EgressPolicy.allow("own.example.com:22")).resolver(name -> List.of(own)));
        rig.enclave(c -> c.outbound(5002));
        VsockStream stream = dial(5002);
        say(stream, "own.example.com:22\n");
        assertThat(ended(stream)).isTrue();
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Refused.class, e -> e.reason() == BridgeReason.ADDRESS_NOT_ALLOWED);
    }

    @Test
    void ofSeveralAddressesThePermittedOnesAreAllTried() throws Exception {
        TcpServer echo = rig.closing(TcpServer.echo());
        rig.host(b -> b.egress(EgressPolicy.allow("multi.example.com:" + echo.port(), "127.0.0.0/8:" + echo.port()))
                .resolver(name -> List.of(
                        InetAddress.getByName("169.254.169.254"),
                        InetAddress.getByName("127.0.0.2"),
                        InetAddress.getByName("127.0.0.1"))));
        EnclaveBridge enclave = rig.enclave(c -> c.outbound(5002));
        try (Socket socket = enclave.socketFactory().createSocket("multi.example.com", echo.port())) {
            socket.getOutputStream().write(5);
            assertThat(socket.getInputStream().read()).isEqualTo(5);
        }
    }

    @Test
    void aSlowResolverHoldsNobodyElseUp() throws Exception {
        TcpServer echo = rig.closing(TcpServer.echo());
        rig.host(b -> b.egress(EgressPolicy.allow("*.example.com:1", "127.0.0.1:" + echo.port()))
                .limits(TunnelLimits.builder()
                        .connectTimeout(Duration.ofSeconds(1))
                        .build())
                .resolver(name -> {
                    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
                    throw new java.net.UnknownHostException(name);
                }));
        EnclaveBridge enclave = rig.enclave(c -> c.outbound(5002));
        for (int i = 0; i < 20; i++) {
            say(dial(5002), "slow" + i + ".example.com:1\n");
        }
        try (Socket socket = enclave.socketFactory().createSocket("127.0.0.1", echo.port())) {
            socket.getOutputStream().write(5);
            assertThat(socket.getInputStream().read()).isEqualTo(5);
        }
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Refused.class, e -> e.reason() == BridgeReason.CONNECT_TIMEOUT);
    }

    @Test
    void slowAndEndlessTargetLinesAreCut() throws Exception {
        rig.host(b -> b.protocolLimits(
                Limits.builder().targetLineTime(Duration.ofMillis(300)).build()));
        rig.enclave(c -> c.outbound(5002));
        VsockStream silent = dial(5002);
        VsockStream begun = dial(5002);
        say(begun, "example.c");
        assertThat(ended(silent)).isTrue();
        assertThat(ended(begun)).isTrue();
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Refused.class, e -> e.reason() == BridgeReason.STEP_TIMEOUT);
        VsockStream endless = dial(5002);
        say(endless, "a".repeat(600));
        assertThat(ended(endless)).isTrue();
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Refused.class, e -> e.reason() == BridgeReason.PROTOCOL_ERROR);
    }

    @Test
    void bytesBehindTheTargetLineBelongToTheStream() throws Exception {
        TcpServer echo = rig.closing(TcpServer.echo());
        rig.host(b -> b.egress(EgressPolicy.allow("127.0.0.1:" + echo.port())));
        rig.enclave(c -> c.outbound(5002));
        VsockStream stream = dial(5002);
        say(stream, "127.0.0.1:" + echo.port() + "\npipelined");
        stream.shutdownOutput();
        assertThat(new String(stream.inputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                .isEqualTo("\u0006\npipelined");
    }

    @Test
    void logLinesWithoutEndAndFloodsAreBounded() throws Exception {
        rig.host(b -> b.limits(TunnelLimits.builder()
                        .logLinesPerSecond(50)
                        .logBytesPerSecond(64 * 1024)
                        .maxLogConnections(2)
                        .build())
                .protocolLimits(Limits.builder().logLineBytes(1024).build()));
        rig.enclave(c -> {});
        VsockStream endless = dial(4999);
        byte[] block = new byte[32 * 1024];
        java.util.Arrays.fill(block, (byte) 0x1b);
        for (int i = 0; i < 32; i++) {
            endless.outputStream().write(block);
        }
        VsockStream flood = dial(4999);
        say(flood, "spam\n".repeat(20_000));
        assertThat(ended(dial(4999))).as("the third log connection").isTrue();
        rig.awaitEvent(rig.hostEvents, BridgeEvent.LogLines.class, e -> e.dropped() > 1000);
        assertThat(rig.log).hasSizeLessThan(1000);
        assertThat(rig.log)
                .allMatch(l -> l.line().text().length() <= 4096
                        && l.line().text().chars().noneMatch(Character::isISOControl));
    }

    @Test
    void connectionLimitsHoldAndAreReported() throws Exception {
        TcpServer echo = rig.closing(TcpServer.echo());
        HostBridge host = rig.host(b -> b.limits(TunnelLimits.builder()
                        .maxConnectionsPerTunnel(3)
                        .maxConnections(4)
                        .build())
                .egress(EgressPolicy.allow("127.0.0.1:" + echo.port())));
        EnclaveBridge enclave = rig.enclave(c -> c.serve(5001, 8080).outbound(5002));
        enclave.expose(5001, echo.address());
        var address = TunnelRig.listening(host.awaitEnclave(PATIENCE));
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Socket socket = rig.closing(BridgeEndToEndTest.connect(address));
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            sockets.add(socket);
        }
        assertThatThrownBy(() -> {
                    try (Socket fourth = BridgeEndToEndTest.connect(address)) {
                        if (fourth.getInputStream().read() < 0) {
                            throw new IOException("ended");
                        }
                    }
                })
                .isInstanceOf(IOException.class);
        Socket out = rig.closing(enclave.socketFactory().createSocket("127.0.0.1", echo.port()));
        assertThat(out.isConnected()).isTrue();
        assertThatThrownBy(() -> enclave.socketFactory().createSocket("127.0.0.1", echo.port()))
                .isInstanceOf(IOException.class);
        assertThat(rig.hostEvents.stream()
                        .filter(e -> e instanceof BridgeEvent.Refused r && r.reason() == BridgeReason.LIMIT_REACHED))
                .hasSize(2);
        sockets.get(0).close();
        TunnelRig.await("a place", () -> {
            try (Socket again = BridgeEndToEndTest.connect(address)) {
                again.getOutputStream().write(1);
                return again.getInputStream().read() == 1;
            } catch (IOException e) {
                return false;
            }
        });
    }
}
