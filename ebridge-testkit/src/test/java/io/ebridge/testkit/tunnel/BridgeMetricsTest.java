package io.ebridge.testkit.tunnel;

import static io.ebridge.testkit.tunnel.TunnelRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeException;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.micrometer.BridgeMetrics;
import io.ebridge.vsock.VsockStream;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The meters say what the events said. */
@Timeout(60)
class BridgeMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private TunnelRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = TunnelRig.onLoopback();
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private double count(String meter, String... tags) {
        return registry.find(meter).tags(tags).counters().stream()
                .mapToDouble(c -> c.count())
                .sum();
    }

    private double gauge(String meter, String... tags) {
        return registry.get(meter).tags(tags).gauge().value();
    }

    private <E extends BridgeEvent> double events(Class<E> type, ToDoubleFunction<E> value) {
        return rig.hostEvents.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .mapToDouble(value)
                .sum();
    }

    @Test
    void countsMatchEvents() throws Exception {
        BridgeMetrics metrics = new BridgeMetrics(registry);
        HostBridge host = rig.host(b -> b.listener(metrics));
        host.service(6000, (stream, from) -> stream.outputStream()
                .write(stream.inputStream().read()));
        EnclaveBridge enclave =
                rig.enclave(c -> c.serve(5001, 8080).outbound(5002).heartbeat(Duration.ofMillis(600)));
        TcpServer echo = rig.closing(TcpServer.echo());
        enclave.expose(5001, echo.address());
        var address = TunnelRig.listening(host.awaitEnclave(PATIENCE));
        assertThat(gauge("ebridge.bridged")).isEqualTo(1);

        for (int i = 0; i < 3; i++) {
            try (Socket client = BridgeEndToEndTest.connect(address)) {
                client.getOutputStream().write(new byte[1000 + i]);
                assertThat(client.getInputStream().readNBytes(1000 + i)).hasSize(1000 + i);
                assertThat(gauge("ebridge.connections.open", "kind", "server_tunnel"))
                        .isPositive();
                client.shutdownOutput();
                assertThat(client.getInputStream().read()).isNegative();
            }
        }
        try (VsockStream stream = enclave.open(6000)) {
            stream.outputStream().write(1);
            assertThat(stream.inputStream().read()).isEqualTo(1);
        }
        assertThatThrownBy(() -> enclave.socketFactory().createSocket("127.0.0.1", 22))
                .isInstanceOf(BridgeException.class);
        enclave.logStream().write("a line\nanother\n".getBytes(StandardCharsets.US_ASCII));
        try (VsockStream nonsense = rig.enclaveTransport()
                .connect(new io.ebridge.vsock.VsockAddress(io.ebridge.vsock.Cid.HOST, 5000), PATIENCE)) {
            nonsense.outputStream().write("\u0006\nno settings\n".getBytes(StandardCharsets.US_ASCII));
            rig.awaitEvent(rig.hostEvents, BridgeEvent.HandshakeFailed.class, e -> true);
        }
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Heartbeat.class, e -> true);
        TunnelRig.await("log lines", () -> events(BridgeEvent.LogLines.class, e -> e.delivered()) == 2);
        TunnelRig.await("the ends", () -> events(BridgeEvent.Closed.class, e -> 1) == 4);
        enclave.close(Duration.ZERO);
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Lost.class, e -> true);
        host.close(Duration.ZERO);

        assertThat(gauge("ebridge.bridged")).isZero();
        assertThat(count("ebridge.lost", "reason", "heartbeat_timeout")).isEqualTo(1);
        assertThat(count("ebridge.handshakes.failed", "reason", "protocol_error"))
                .isEqualTo(events(BridgeEvent.HandshakeFailed.class, e -> 1))
                .isPositive();
        assertThat(count("ebridge.heartbeats"))
                .isEqualTo(events(BridgeEvent.Heartbeat.class, e -> 1))
                .isPositive();
        assertThat(gauge("ebridge.connections.open", "kind", "server_tunnel")).isZero();
        assertThat(gauge("ebridge.connections.open", "kind", "service")).isZero();
        assertThat(registry.get("ebridge.connections")
                        .tags("kind", "server_tunnel", "cut", "none")
                        .timer()
                        .count())
                .isEqualTo(3);
        assertThat(registry.get("ebridge.connections")
                        .tags("kind", "service", "cut", "none")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(count("ebridge.connections.refused", "kind", "client_tunnel", "reason", "target_not_allowed"))
                .isEqualTo(1);
        assertThat(count("ebridge.bytes", "kind", "server_tunnel", "direction", "in"))
                .isEqualTo(3003)
                .isEqualTo(events(BridgeEvent.Transferred.class, e -> e.inward()));
        assertThat(count("ebridge.bytes", "kind", "server_tunnel", "direction", "out"))
                .isEqualTo(3003)
                .isEqualTo(events(BridgeEvent.Transferred.class, e -> e.outward()));
        assertThat(count("ebridge.log.lines", "fate", "delivered")).isEqualTo(2);
        assertThat(count("ebridge.log.lines", "fate", "dropped")).isZero();
    }

    /** Events that no healthy run brings, and that nothing a peer chooses becomes a tag. */
    @Test
    void rareEventsCountToo() {
        BridgeMetrics metrics = new BridgeMetrics(registry);
        var tunnel = new BridgeEvent.Tunnel(BridgeEvent.Kind.LOG, io.ebridge.vsock.Cid.of(16), 4999);
        var reason = io.ebridge.tunnel.BridgeReason.DESCRIPTORS_EXHAUSTED;
        metrics.onEvent(new BridgeEvent.AcceptPaused(tunnel, reason, "x"));
        metrics.onEvent(new BridgeEvent.AcceptPaused(tunnel, reason, "y"));
        metrics.onEvent(new BridgeEvent.LogLines(io.ebridge.vsock.Cid.of(16), 0, 7));
        assertThat(count("ebridge.accept.paused", "kind", "log", "reason", "descriptors_exhausted"))
                .isEqualTo(2);
        assertThat(count("ebridge.log.lines", "fate", "dropped")).isEqualTo(7);
        assertThat(registry.getMeters().stream()
                        .map(Meter::getId)
                        .flatMap(id -> id.getTags().stream())
                        .map(tag -> tag.getKey()))
                .isSubsetOf(Arrays.asList("kind", "reason", "cut", "direction", "fate"));
    }
}
