package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.ratls.tls.Leaf;
import io.ebridge.testkit.EbridgeFixture;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.EgressPolicy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole sessions through a bridge, in both directions: what its host side carries, byte by byte, and everything else that it gets to know. The recorder
 * stands at the host's network side; the tunnel's own counts show that it misses nothing.
 */
class BridgeCanaryTest {

    private static final String CANARY = "canary-77c0de-through-the-bridge";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Rig rig = new Rig();
    private final Recorder recorder = new Recorder(rig);

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void aServiceInTheEnclave(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int service = rig.echo(AttestedTls.server(identity).provider(provider).sslContext());
        try (EbridgeFixture fixture = EbridgeFixture.builder().start()) {
            fixture.enclave()
                    .expose(
                            EbridgeFixture.SERVICE_PORT,
                            new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), service));
            int port = recorder.before(fixture.hostAddress().getPort());
            try (SSLSocket socket = rig.keep((SSLSocket)
                    Rig.client(provider).sslContext().getSocketFactory().createSocket("localhost", port))) {
                converse(socket);
            }
            assertThat(rig.outcome()).isEqualTo("closed");
            assertNothingSeen(fixture, identity);
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void aClientInTheEnclave(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int outside = recorder.before(
                rig.echo(AttestedTls.server(identity).provider(provider).sslContext()));
        try (EbridgeFixture fixture = EbridgeFixture.builder()
                .host(host -> host.egress(EgressPolicy.allow("localhost:" + outside)))
                .start()) {
            SSLContext context = Rig.client(provider).sslContext();
            Socket raw = rig.keep(fixture.enclave().socketFactory().createSocket("localhost", outside));
            try (SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(raw, "localhost", outside, true)) {
                converse(socket);
            }
            assertThat(rig.outcome()).isEqualTo("closed");
            assertNothingSeen(fixture, identity);
        }
    }

    private static void converse(SSLSocket socket) throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(Rig.call(socket, CANARY)).isEqualTo(CANARY.toUpperCase(Locale.ROOT));
        }
        assertThat(AttestedPeer.of(socket.getSession())).isPresent();
    }

    private void assertNothingSeen(EbridgeFixture fixture, ServiceIdentity identity) throws Exception {
        BridgeEvent.Closed closed = fixture.hostRecord()
                .awaitEvent(BridgeEvent.Closed.class, event -> event.inward() > 1000, PATIENCE)
                .orElseThrow();
        long end = System.nanoTime() + PATIENCE.toNanos();
        // The tunnel may count the line that names the target, which ends at the host.
        long most = closed.inward() + closed.outward();
        while (recorder.bytes().length < most - 64 && System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        byte[] seen = recorder.bytes();
        assertThat((long) seen.length).isBetween(most - 64, most);

        Leaf leaf = identity.core(true).leaf();
        byte[] scalar = ((ECPrivateKey) leaf.key()).getS().toByteArray();
        for (byte[] secret : new byte[][] {
            CANARY.getBytes(StandardCharsets.US_ASCII),
            CANARY.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOfRange(scalar, scalar.length - 16, scalar.length),
            leaf.key().getEncoded(),
            leaf.chain().get(0).getPublicKey().getEncoded()
        }) {
            assertThat(Recorder.contains(seen, secret)).isFalse();
        }
        assertThat(Recorder.contains(seen, "localhost".getBytes(StandardCharsets.US_ASCII)))
                .as("the search finds what is there: the name that SNI sends in clear")
                .isTrue();
        String told = fixture.hostRecord().events() + " " + fixture.hostRecord().lines();
        assertThat(told.toLowerCase(Locale.ROOT)).doesNotContain(CANARY);
    }
}
