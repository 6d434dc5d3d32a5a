package io.ebridge.testkit.tunnel;

import static io.ebridge.testkit.tunnel.TunnelRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.protocol.EnvironmentFilter;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeException;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.BridgedEnclave;
import io.ebridge.tunnel.EgressPolicy;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.LocalProxy;
import io.ebridge.vsock.VsockStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole bridge, both sides ours, doing each of its jobs once. */
@Timeout(60)
class BridgeEndToEndTest {
    private TunnelRig rig;

    TunnelRig newRig() throws Exception {
        return new TunnelRig();
    }

    @BeforeEach
    void open() throws Exception {
        rig = newRig();
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void clientsReachTheServerInTheEnclave() throws Exception {
        HostBridge host = rig.host(b -> b);
        EnclaveBridge enclave = rig.enclave(c -> c.serve(5001, 8080));
        TcpServer echo = rig.closing(TcpServer.echo());
        enclave.expose(5001, echo.address());
        BridgedEnclave bridged = host.awaitEnclave(PATIENCE);
        assertThat(bridged.appName()).isEqualTo("rig");

        try (Socket client = connect(TunnelRig.listening(bridged))) {
            client.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("ping");
        }
        BridgeEvent.Closed closed = rig.awaitEvent(rig.hostEvents, BridgeEvent.Closed.class, e -> true);
        assertThat(closed.cut()).isNull();
        assertThat(closed.inward()).isEqualTo(4);
        assertThat(closed.outward()).isEqualTo(4);
    }

    @Test
    void theServerInTheEnclaveLearnsTheClientsAddressByProxyProtocol() throws Exception {
        HostBridge host = rig.host(b -> b);
        EnclaveBridge enclave = rig.enclave(c -> c.serve(io.ebridge.protocol.ServerTunnel.builder(5001, 8080)
                .proxyProtocol(true)
                .build()));
        TcpServer echo = rig.closing(TcpServer.echo());
        enclave.expose(5001, echo.address());
        try (Socket client = connect(TunnelRig.listening(host.awaitEnclave(PATIENCE)))) {
            client.getOutputStream().write(1);
            client.shutdownOutput();
            byte[] seen = client.getInputStream().readAllBytes();
            String ports = String.format("%04x%04x", client.getLocalPort(), client.getPort());
            assertThat(java.util.HexFormat.of().formatHex(seen))
                    .isEqualTo("0d0a0d0a000d0a515549540a" + "2111000c" + "7f0000017f000001" + ports + "01");
        }
    }

    @Test
    void closingDrainsToADeadlineAndThenCuts() throws Exception {
        HostBridge host = rig.host(b -> b);
        EnclaveBridge enclave = rig.enclave(c -> c.serve(5001, 8080));
        TcpServer echo = rig.closing(TcpServer.echo());
        enclave.expose(5001, echo.address());
        InetSocketAddress address = TunnelRig.listening(host.awaitEnclave(PATIENCE));
        try (Socket ends = connect(address);
                Socket stays = connect(address)) {
            for (Socket socket : new Socket[] {ends, stays}) {
                socket.getOutputStream().write(1);
                assertThat(socket.getInputStream().read()).isEqualTo(1);
            }
            long began = System.nanoTime();
            Thread closing = new Thread(() -> host.close(Duration.ofSeconds(2)));
            closing.start();
            TunnelRig.await("no more accepting", () -> {
                try (Socket late = connect(address)) {
                    // One that was accepted just before would wait for its echo until the deadline.
                    late.setSoTimeout(50);
                    return late.getInputStream().read() < 0;
                } catch (java.net.SocketTimeoutException e) {
                    return false;
                } catch (java.io.IOException e) {
                    return true;
                }
            });
            ends.getOutputStream().write(2);
            assertThat(ends.getInputStream().read()).as("still relayed").isEqualTo(2);
            ends.shutdownOutput();
            assertThat(ends.getInputStream().read()).as("ends in good order").isNegative();
            closing.join(PATIENCE.toMillis());
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofMillis(1900), Duration.ofSeconds(6));
            assertThatThrownBy(() -> {
                        if (stays.getInputStream().read() < 0) {
                            throw new AssertionError("cut, not ended");
                        }
                    })
                    .isInstanceOf(java.io.IOException.class);
        }
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Closed.class, e -> e.cut() == BridgeReason.CLOSING);
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Closed.class, e -> e.cut() == null);
    }

    @Test
    void theEnclaveReachesAllowedTargetsOnly() throws Exception {
        TcpServer echo = rig.closing(TcpServer.echo());
        rig.host(b -> b.egress(EgressPolicy.allow("127.0.0.1:" + echo.port(), "localhost:" + echo.port())));
        EnclaveBridge enclave = rig.enclave(c -> c.outbound(5002));

        for (String name : new String[] {"127.0.0.1", "localhost"}) {
            try (Socket socket = enclave.socketFactory().createSocket(name, echo.port())) {
                socket.getOutputStream().write(1);
                socket.shutdownOutput();
                assertThat(socket.getInputStream().readAllBytes()).containsExactly(1);
            }
        }
        assertThatThrownBy(() -> enclave.socketFactory().createSocket("127.0.0.1", 22))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.reason()).isEqualTo(BridgeReason.CONNECT_REFUSED));
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Refused.class, e -> e.reason() == BridgeReason.TARGET_NOT_ALLOWED);
    }

    @Test
    void httpClientsGoThroughTheLocalProxy() throws Exception {
        com.sun.net.httpserver.HttpServer web = com.sun.net.httpserver.HttpServer.create(
                new InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            byte[] body = ("you asked for " + exchange.getRequestURI()).getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        web.start();
        rig.closing(() -> web.stop(0));
        int port = web.getAddress().getPort();
        rig.host(b -> b.egress(EgressPolicy.allow("127.0.0.1:" + port)));
        EnclaveBridge enclave = rig.enclave(c -> c.outbound(5002));
        LocalProxy proxy = enclave.proxy();

        HttpClient http = HttpClient.newBuilder().proxy(proxy.selector()).build();
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/a?b=" + i))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.body()).isEqualTo("you asked for /a?b=" + i);
        }
        HttpResponse<String> refused = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:1/")).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(502);

        try (Socket tunnelled = new Socket(new Proxy(Proxy.Type.HTTP, proxy.address()));
                Socket socks = new Socket(proxy.socksProxy())) {
            for (Socket socket : new Socket[] {tunnelled, socks}) {
                socket.connect(InetSocketAddress.createUnresolved("127.0.0.1", port), 5000);
                socket.getOutputStream().write("GET /x HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .endsWith("you asked for /x");
            }
        }
    }

    @Test
    void theEnvironmentIsFilteredAndReachesTheApplication() throws Exception {
        rig.host(b -> b.environment(EnvironmentFilter.NOTHING.with("APP_GREETING", "hello")));
        String[] seen = new String[1];
        EnclaveBridge enclave = rig.closing(rig.enclaveBuilder().connect(env -> {
            seen[0] = env.get("APP_GREETING").orElse("nothing") + " "
                    + env.names().size();
            return BridgeConfig.builder("env").build();
        }));
        assertThat(seen[0]).isEqualTo("hello 1");
        assertThat(enclave.environment().get("PATH")).isEmpty();
    }

    @Test
    void logsArriveWholeAttributedAndEscaped() throws Exception {
        rig.host(b -> b);
        EnclaveBridge enclave = rig.enclave(c -> c.logLevel("info"));
        OutputStream out = enclave.logStream();
        out.write("WARN first\u001b[31m line\nDEBUG not wanted\nsecond ".getBytes(StandardCharsets.UTF_8));
        out.write("half\n".getBytes(StandardCharsets.UTF_8));
        enclave.logHandler().publish(new LogRecord(Level.SEVERE, "from the logger"));

        TunnelRig.await("log lines", () -> rig.log.stream()
                .anyMatch(l -> l.line().text().contains("from the logger")));
        assertThat(rig.log.get(0).line().text()).isEqualTo("WARN first\\x1b[31m line");
        assertThat(rig.log.get(0).level()).isEqualTo(System.Logger.Level.WARNING);
        assertThat(rig.log.get(0).cid()).isEqualTo(TunnelRig.CID);
        assertThat(rig.log.get(1).line().text()).isEqualTo("second half");
        assertThat(rig.log).anyMatch(l -> l.line().text().contains("from the logger"));
        assertThat(rig.log).noneMatch(l -> l.line().text().contains("not wanted"));
        assertThat(enclave.droppedLogRecords()).isZero();
    }

    @Test
    void servicesOfTheHostServeBridgedEnclaves() throws Exception {
        HostBridge host = rig.host(b -> b);
        host.service(6000, (stream, from) -> {
            stream.outputStream().write((byte) from.cid().value());
            stream.inputStream().transferTo(stream.outputStream());
            stream.shutdownOutput();
        });
        EnclaveBridge enclave = rig.enclave(c -> {});
        try (VsockStream stream = enclave.open(6000)) {
            stream.outputStream().write(new byte[] {1, 2, 3});
            stream.shutdownOutput();
            assertThat(stream.inputStream().readAllBytes()).containsExactly(16, 1, 2, 3);
        }
        assertThatThrownBy(() -> host.service(6000, (stream, from) -> {}))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.reason()).isEqualTo(BridgeReason.PORT_TAKEN));
    }

    @Test
    void anEnclaveThatRestartsIsBridgedAgain() throws Exception {
        HostBridge host = rig.host(b -> b);
        EnclaveBridge first = rig.enclave(c -> c.serve(5001, 8080).outbound(5002));
        BridgedEnclave before = host.awaitEnclave(PATIENCE);
        first.close(Duration.ZERO);
        EnclaveBridge second = rig.enclave(c -> c.serve(5001, 8080).outbound(5002));
        TcpServer echo = rig.closing(TcpServer.echo());
        second.expose(5001, echo.address());
        BridgedEnclave after = host.awaitEnclave(PATIENCE);
        assertThat(after.enclaveId()).isNotEqualTo(before.enclaveId());
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Lost.class, e -> e.reason() == BridgeReason.RESTARTED);
        try (Socket client = connect(TunnelRig.listening(after))) {
            client.getOutputStream().write(7);
            assertThat(client.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void aHostThatRestartsIsFoundAgain() throws Exception {
        HostBridge first = rig.host(b -> b);
        EnclaveBridge enclave =
                rig.enclave(c -> c.heartbeat(Duration.ofSeconds(2)).serve(5001, 8080));
        TcpServer echo = rig.closing(TcpServer.echo());
        enclave.expose(5001, echo.address());
        first.close(Duration.ZERO);
        HostBridge second = rig.host(b -> b);
        BridgedEnclave again = second.awaitEnclave(PATIENCE);
        rig.awaitEvent(rig.enclaveEvents, BridgeEvent.Lost.class, e -> true);
        try (Socket client = connect(TunnelRig.listening(again))) {
            client.getOutputStream().write(7);
            assertThat(client.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void aSilentEnclaveIsLostAfterAnInterval() throws Exception {
        HostBridge host = rig.host(b -> b);
        EnclaveBridge enclave = rig.enclave(c -> c.heartbeat(Duration.ofMillis(400)));
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Heartbeat.class, e -> true);
        rig.awaitEvent(rig.enclaveEvents, BridgeEvent.Heartbeat.class, e -> true);
        enclave.close(Duration.ZERO);
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Lost.class, e -> e.reason() == BridgeReason.HEARTBEAT_TIMEOUT);
        assertThat(host.enclaves()).isEmpty();
    }

    static Socket connect(InetSocketAddress address) throws Exception {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }
}
