package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.PlainTls.RawFrame;
import io.ebridge.ratls.strict.Challenge;
import io.ebridge.ratls.strict.Role;
import io.ebridge.ratls.tls.Leaf;
import io.ebridge.testkit.attest.FakeNitro;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An ordinary server that talks to attested clients only, and those clients; with attackers that even have certificates of the right CA. */
class VerifyingServerTest {

    private static final int CHALLENGE = 1;
    private static final int ANSWER = 2;
    private static final int DATA = 5;

    private static Authority ca;
    private final Rig rig = new Rig();

    @BeforeAll
    static void authority() throws Exception {
        ca = Authority.make("everybody's CA");
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private AttestedServer server(TlsProvider provider) throws Exception {
        Leaf leaf = ca.leaf("localhost");
        return AttestedTls.verifyingServer(leaf.key(), leaf.chain())
                .requireClient(Rig.ENCLAVE.policy(), "worker")
                .verifier(Rig.ENCLAVE.verifier())
                .provider(provider);
    }

    private AttestedClient worker(TlsProvider provider) {
        return worker(provider, rig.identity("worker"));
    }

    private static AttestedClient worker(TlsProvider provider, ServiceIdentity identity) {
        return AttestedTls.attestingClient(identity, List.of(ca.certificate())).provider(provider);
    }

    private SSLSocket dial(AttestedClient client, int port) throws Exception {
        return rig.keep((SSLSocket) client.sslContext().getSocketFactory().createSocket("localhost", port));
    }

    private static Reason reason(Object thrown) {
        assertThat(thrown).isInstanceOf(Throwable.class);
        return AttestedTlsException.in((Throwable) thrown)
                .orElseThrow(() -> new AssertionError("not ours", (Throwable) thrown))
                .reason();
    }

    private static void assertUnbound(Object thrown) {
        assertThat(reason(thrown)).isEqualTo(Reason.EVIDENCE_REJECTED);
        assertThat(((Throwable) thrown).getCause())
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.REPORT_DATA_MISMATCH));
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void anAttestedClientIsServed(TlsProvider provider) throws Exception {
        int port = rig.echo(server(provider).sslContext());
        SSLSocket socket = dial(worker(provider), port);
        assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
        // The server has seen evidence, the client has not.
        assertThat(AttestedPeer.of(socket.getSession())).isEmpty();
        assertThat(rig.outcome()).isInstanceOfSatisfying(AttestedPeer.class, peer -> {
            assertThat(peer.service()).isEqualTo("worker");
            assertThat(peer.mode()).isEqualTo(AttestedPeer.Mode.STRICT);
        });
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void throughTheJdksHttpClientAndServer(TlsProvider provider) throws Exception {
        HttpsServer http = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(rig.threads);
        http.setHttpsConfigurator(new HttpsConfigurator(server(provider).sslContext()));
        http.createContext("/", exchange -> {
            rig.outcomes.add("request");
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        http.start();
        rig.keep(() -> http.stop(0));
        URI uri = URI.create("https://localhost:" + http.getAddress().getPort() + "/");
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build();
        HttpClient good = HttpClient.newBuilder()
                .sslContext(worker(provider).sslContext())
                .build();
        assertThat(good.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(204);
        FakeQuotingEnclave other = FakeQuotingEnclave.of(FakeNitro.standard().image("other"));
        HttpClient bad = HttpClient.newBuilder()
                .sslContext(worker(provider, rig.identity("worker", other)).sslContext())
                .build();
        assertThat(rig.outcomes).containsExactly("request");
        assertThatThrownBy(() -> bad.send(request, HttpResponse.BodyHandlers.discarding()))
                .isInstanceOf(java.io.IOException.class);
        assertThat(rig.outcomes).containsExactly("request");
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void otherCodeAndOtherServicesAreRefused(TlsProvider provider) throws Exception {
        int port = rig.echo(server(provider).sslContext());
        FakeQuotingEnclave other = FakeQuotingEnclave.of(FakeNitro.standard().image("other"));
        Throwable told =
                catchThrowable(() -> Rig.call(dial(worker(provider, rig.identity("worker", other)), port), "hello"));
        assertThat(reason(told)).isEqualTo(Reason.PEER_REFUSED);
        assertThat(reason(rig.outcome())).isEqualTo(Reason.EVIDENCE_REJECTED);
        assertThatThrownBy(() -> Rig.call(dial(worker(provider, rig.identity("stranger")), port), "hello"))
                .isInstanceOf(java.io.IOException.class);
        assertThat(reason(rig.outcome())).isEqualTo(Reason.SERVICE_IDENTITY);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void aClientThatShowsNothingIsRefused(TlsProvider provider) throws Exception {
        int port = rig.echo(server(provider).sslContext());
        try (SSLSocket socket = PlainTls.connect(port)) {
            assertThatThrownBy(() -> {
                        socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
                        RawFrame.read(socket.getInputStream());
                        RawFrame.read(socket.getInputStream());
                    })
                    .isInstanceOf(java.io.IOException.class);
        }
        assertThat(rig.outcome()).isInstanceOf(java.io.IOException.class);
        // With a certificate, but without evidence.
        try (SSLSocket socket = PlainTls.connect(port, PlainTls.leaf("worker"))) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
            assertThat(reason(rig.outcome())).isEqualTo(Reason.NOT_ATTESTED);
        }
        try (SSLSocket socket = PlainTls.connect(port, PlainTls.leaf("worker"))) {
            socket.getOutputStream().write(new RawFrame(DATA, "early".getBytes()).encode());
            assertThat(reason(rig.outcome())).isEqualTo(Reason.EARLY_DATA);
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void aClientThatDemandsEvidenceOfItIsRefused(TlsProvider provider) throws Exception {
        int port = rig.echo(server(provider).sslContext());
        SSLSocket socket = dial(Rig.client(provider).identity(rig.identity("worker")), port);
        assertThat(reason(catchThrowable(() -> Rig.call(socket, "hello")))).isEqualTo(Reason.PEER_REFUSED);
        assertThat(reason(rig.outcome())).isEqualTo(Reason.IDENTITY_REQUIRED);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void relayOfAClientsEvidence(TlsProvider provider) throws Exception {
        int target = rig.echo(server(provider).sslContext());
        ServiceIdentity identity = rig.identity("worker");
        // First with a key of its own, then even with the client's.
        for (Leaf own : List.of(PlainTls.leaf("worker"), identity.core(true).leaf())) {
            int port = Relay.start(rig, ca.leaf("localhost"), own, target, (way, frame) -> List.of(frame));
            Throwable told = catchThrowable(() -> Rig.call(dial(worker(provider, identity), port), "secret"));
            assertThat(reason(told)).isEqualTo(Reason.PEER_REFUSED);
            assertUnbound(rig.outcome());
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void replayOfAClientsAnswer(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("worker");
        CompletableFuture<RawFrame> recorded = new CompletableFuture<>();
        SSLServerSocket thief = rig.keep(PlainTls.listen(ca.leaf("localhost")));
        thief.setNeedClientAuth(true);
        rig.threads.execute(() -> {
            try (SSLSocket victim = (SSLSocket) thief.accept()) {
                victim.getOutputStream().write(new RawFrame(CHALLENGE, challenge()).encode());
                recorded.complete(RawFrame.read(victim.getInputStream()));
            } catch (Exception e) {
                recorded.completeExceptionally(e);
            }
        });
        assertThat(catchThrowable(() -> Rig.call(dial(worker(provider, identity), thief.getLocalPort()), "secret")))
                .isNotNull();
        RawFrame answer = recorded.get(15, TimeUnit.SECONDS);
        assertThat(answer.type()).isEqualTo(ANSWER);

        int port = rig.echo(server(provider).sslContext());
        try (SSLSocket socket = PlainTls.connect(port, identity.core(true).leaf())) {
            assertThat(RawFrame.read(socket.getInputStream()).type()).isEqualTo(CHALLENGE);
            socket.getOutputStream().write(answer.encode());
            assertUnbound(rig.outcome());
        }
    }

    private static byte[] challenge() {
        byte[] nonce = new byte[32];
        new SecureRandom().nextBytes(nonce);
        return new Challenge(
                        Role.SERVER,
                        Bytes.of(nonce),
                        Bytes.of(new byte[32]),
                        true,
                        Set.of(EvidenceFormat.NITRO),
                        "worker")
                .encode();
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void theClientTrustsItsCaAndTheNameOnly(TlsProvider provider) throws Exception {
        Leaf stranger = Authority.make("nobody's CA").leaf("localhost");
        int strange = rig.echo(AttestedTls.verifyingServer(stranger.key(), stranger.chain())
                .requireClient(Rig.ENCLAVE.policy(), "worker")
                .verifier(Rig.ENCLAVE.verifier())
                .provider(provider)
                .sslContext());
        assertThat(reason(catchThrowable(() -> Rig.call(dial(worker(provider), strange), "hello"))))
                .isEqualTo(Reason.CERTIFICATE);
        Leaf other = ca.leaf("other.example.com");
        int misnamed = rig.echo(AttestedTls.verifyingServer(other.key(), other.chain())
                .requireClient(Rig.ENCLAVE.policy(), "worker")
                .verifier(Rig.ENCLAVE.verifier())
                .provider(provider)
                .sslContext());
        assertThat(reason(catchThrowable(() -> Rig.call(dial(worker(provider), misnamed), "hello"))))
                .isEqualTo(Reason.SERVICE_IDENTITY);
        assertThat(Rig.call(dial(worker(provider).service("other.example.com"), misnamed), "hello"))
                .isEqualTo("HELLO");
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void aServerOfTheCaThatDemandsNothingGetsNothing(TlsProvider provider) throws Exception {
        SSLServerSocket plain = rig.keep(PlainTls.listen(ca.leaf("localhost")));
        rig.threads.execute(() -> {
            for (byte[] words : List.of("HTTP/1.1 200 OK\r\n\r\n".getBytes(), new byte[0])) {
                try (SSLSocket socket = (SSLSocket) plain.accept()) {
                    socket.startHandshake();
                    socket.getOutputStream().write(words);
                    rig.outcomes.add("read " + socket.getInputStream().readAllBytes().length);
                } catch (Exception e) {
                    rig.outcomes.add(e);
                }
            }
        });
        assertThat(reason(catchThrowable(() -> Rig.call(dial(worker(provider), plain.getLocalPort()), "secret"))))
                .isEqualTo(Reason.NOT_ATTESTED);
        assertThat(reason(catchThrowable(() -> Rig.call(
                        dial(worker(provider).timeout(Duration.ofSeconds(1)), plain.getLocalPort()), "secret"))))
                .isEqualTo(Reason.TIMEOUT);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void aClientsNewConfigurationIsJudgedAnew(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("worker");
        int port = rig.echo(server(provider)
                .clientConfigurationRoot(identity.configuration().root())
                .sslContext());
        SSLSocket socket = dial(worker(provider, identity), port);
        assertThat(Rig.call(socket, "one")).isEqualTo("ONE");
        assertThat(rig.outcome()).isInstanceOf(AttestedPeer.class);
        identity.updateConfiguration(
                tree -> tree.toBuilder().put("app.config", "two".getBytes()).build());
        assertThat(reason(catchThrowable(() -> Rig.call(socket, "two")))).isEqualTo(Reason.PEER_REFUSED);
        assertThat(reason(rig.outcome())).isEqualTo(Reason.CONFIGURATION_ROOT);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void inCertificateModeToo(TlsProvider provider) throws Exception {
        int port = rig.echo(server(provider).insecureCertificateMode().sslContext());
        SSLSocket socket = dial(worker(provider).insecureCertificateMode(), port);
        assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
        assertThat(rig.outcome()).isInstanceOfSatisfying(AttestedPeer.class, peer -> assertThat(peer.mode())
                .isEqualTo(AttestedPeer.Mode.CERTIFICATE));
        SSLSocket stranger = dial(worker(provider, rig.identity("stranger")).insecureCertificateMode(), port);
        assertThatThrownBy(() -> Rig.call(stranger, "hello")).isInstanceOf(java.io.IOException.class);
        assertThat(reason(rig.outcome())).isEqualTo(Reason.SERVICE_IDENTITY);
    }

    @Test
    void whatMakesNoSenseIsRefusedAtOnce() throws Exception {
        Leaf leaf = ca.leaf("localhost");
        AttestedServer undemanding = AttestedTls.verifyingServer(leaf.key(), leaf.chain());
        assertThatThrownBy(undemanding::sslContext).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> AttestedTls.verifyingServer(leaf.key(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        ServiceIdentity identity = rig.identity("worker");
        assertThatThrownBy(() -> AttestedTls.attestingClient(identity, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        AttestedClient client = AttestedTls.attestingClient(identity, List.of(ca.certificate()));
        assertThatThrownBy(() -> client.or(Rig.ENCLAVE.policy())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> client.configurationRoot(Bytes.of(new byte[32])))
                .isInstanceOf(IllegalStateException.class);
    }
}
