package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.testkit.attest.FakeNitro;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StrictSocketTest {

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private SSLSocket connect(AttestedClient client, int port) throws Exception {
        return rig.keep((SSLSocket) client.sslContext().getSocketFactory().createSocket("localhost", port));
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void goodPeersTalk(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int port = rig.echo(AttestedTls.server(identity).provider(provider).sslContext());

        SSLSocket socket = connect(Rig.client(provider), port);

        assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
        AttestedPeer peer = AttestedPeer.of(socket.getSession()).orElseThrow();
        assertThat(peer.mode()).isEqualTo(AttestedPeer.Mode.STRICT);
        assertThat(peer.service()).isEqualTo("localhost");
        assertThat(peer.configurationRoot()).contains(identity.configuration().root());
        assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
        socket.close();
        assertThat(rig.outcome()).isEqualTo("closed");
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void megabytesPassBothWaysAtOnce(TlsProvider provider) throws Exception {
        int port = rig.echo(
                AttestedTls.server(rig.identity("localhost")).provider(provider).sslContext());
        SSLSocket socket = connect(Rig.client(provider), port);
        byte[] data = new byte[3_000_000];
        new Random(1).nextBytes(data);
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) ('A' + (data[i] & 0xF));
        }

        CompletableFuture<Void> writer = CompletableFuture.runAsync(
                () -> {
                    try {
                        socket.getOutputStream().write(data);
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                rig.threads);
        assertThat(socket.getInputStream().readNBytes(data.length)).isEqualTo(data);
        writer.get(10, java.util.concurrent.TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void otherCodeIsRefusedByBothSides(TlsProvider provider) throws Exception {
        FakeQuotingEnclave other = FakeQuotingEnclave.of(FakeNitro.standard().image("another image"));
        int port = rig.echo(AttestedTls.server(rig.identity("localhost", other))
                .provider(provider)
                .sslContext());

        SSLSocket socket = connect(Rig.client(provider), port);

        assertThatThrownBy(socket::startHandshake).isInstanceOfSatisfying(AttestedTlsException.class, e -> {
            assertThat(e.reason()).isEqualTo(AttestedTlsException.Reason.EVIDENCE_REJECTED);
            assertThat(((EvidenceRejectedException) e.getCause()).reason())
                    .isEqualTo(RejectionReason.MEASUREMENT_MISMATCH);
        });
        assertThat(rig.outcome()).isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                .isEqualTo(AttestedTlsException.Reason.PEER_REFUSED));
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void anotherServiceIsRefused(TlsProvider provider) throws Exception {
        int port = rig.echo(
                AttestedTls.server(rig.identity("billing")).provider(provider).sslContext());

        SSLSocket socket = connect(Rig.client(provider).service("orders"), port);

        assertThatThrownBy(socket::startHandshake).satisfies(e -> assertThat(
                        AttestedTlsException.in(e).orElseThrow().reason())
                .isEqualTo(AttestedTlsException.Reason.SERVICE_IDENTITY));
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void everyImplementationTalksToEveryOther(TlsProvider provider) throws Exception {
        int port = rig.echo(AttestedTls.server(rig.identity("localhost"))
                .provider(provider)
                .requireClient(Rig.ENCLAVE.policy(), "worker")
                .verifier(Rig.ENCLAVE.verifier())
                .sslContext());
        for (TlsProvider other : Rig.providers().toList()) {
            SSLSocket socket = connect(Rig.client(other).identity(rig.identity("worker")), port);
            assertThat(Rig.call(socket, "to " + provider)).isEqualTo("TO " + provider);
            assertThat(AttestedPeer.of(socket.getSession())).isPresent();
            socket.close();
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void mutual(TlsProvider provider) throws Exception {
        ServiceIdentity server = rig.identity("localhost");
        ServiceIdentity worker = rig.identity("worker");
        int port = rig.echo(AttestedTls.server(server)
                .provider(provider)
                .requireClient(Rig.ENCLAVE.policy(), "worker")
                .verifier(Rig.ENCLAVE.verifier())
                .sslContext());

        SSLSocket socket = connect(Rig.client(provider).identity(worker), port);
        assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
        assertThat(rig.outcome()).isInstanceOfSatisfying(AttestedPeer.class, p -> assertThat(p.service())
                .isEqualTo("worker"));

        SSLSocket stranger = connect(Rig.client(provider).identity(rig.identity("stranger")), port);
        assertThatThrownBy(() -> Rig.call(stranger, "hello")).isInstanceOf(java.io.IOException.class);
        assertThat(rig.outcome()).isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                .isEqualTo(AttestedTlsException.Reason.SERVICE_IDENTITY));
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void changedConfigurationIsAttestedAnewBeforeTheNextByte(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int port = rig.echo(AttestedTls.server(identity).provider(provider).sslContext());
        SSLSocket socket = connect(Rig.client(provider), port);
        assertThat(Rig.call(socket, "one")).isEqualTo("ONE");
        AttestedPeer before = AttestedPeer.of(socket.getSession()).orElseThrow();

        identity.updateConfiguration(
                tree -> tree.toBuilder().put("app.config", "two".getBytes()).build());
        assertThat(Rig.call(socket, "two")).isEqualTo("TWO");

        AttestedPeer after = AttestedPeer.of(socket.getSession()).orElseThrow();
        assertThat(after.configurationRoot()).contains(identity.configuration().root());
        assertThat(after.configurationRoot()).isNotEqualTo(before.configurationRoot());
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void changedConfigurationThatIsNotAllowedEndsTheSession(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int port = rig.echo(AttestedTls.server(identity).provider(provider).sslContext());
        SSLSocket socket = connect(
                Rig.client(provider).configurationRoot(identity.configuration().root()), port);
        assertThat(Rig.call(socket, "one")).isEqualTo("ONE");

        identity.updateConfiguration(
                tree -> tree.toBuilder().put("app.config", "two".getBytes()).build());

        assertThatThrownBy(() -> Rig.call(socket, "two"))
                .isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                        .isEqualTo(AttestedTlsException.Reason.CONFIGURATION_ROOT));
    }
}
