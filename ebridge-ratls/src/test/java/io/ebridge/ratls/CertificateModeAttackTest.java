package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.certificate.CertificateProfile;
import io.ebridge.ratls.tls.Leaf;
import io.ebridge.ratls.tls.LeafCertificates;
import io.ebridge.testkit.TestClock;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import io.ebridge.testkit.attest.FakeSgx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The attacks of AttackTest on CERTIFICATE mode. Those whose names begin with {@code succeeds} are its documented weaknesses: the client is deceived, and
 * STRICT is there because of them. There is no exchange after the handshake, so that reflection and paths of batches have nothing to attack.
 */
class CertificateModeAttackTest {

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private SSLSocket dial(AttestedClient client, int port) throws Exception {
        return rig.keep((SSLSocket)
                client.insecureCertificateMode().sslContext().getSocketFactory().createSocket("localhost", port));
    }

    private int serve(TlsProvider provider, ServiceIdentity identity) throws Exception {
        return rig.echo(AttestedTls.server(identity)
                .provider(provider)
                .insecureCertificateMode()
                .sslContext());
    }

    /** Ends TLS with this leaf and answers by itself. */
    private int impostor(Leaf leaf) throws Exception {
        SSLServerSocket listener = rig.keep(PlainTls.listen(leaf));
        rig.threads.execute(() -> {
            while (!listener.isClosed()) {
                try (SSLSocket victim = (SSLSocket) listener.accept()) {
                    byte[] read = new byte[100];
                    int n = victim.getInputStream().read(read);
                    rig.outcomes.add(n < 0 ? "" : new String(read, 0, n));
                    victim.getOutputStream().write("FORGED".getBytes());
                    victim.getInputStream().readAllBytes();
                } catch (Exception e) {
                    rig.outcomes.add(e);
                }
            }
        });
        return listener.getLocalPort();
    }

    private static Reason refusal(Throwable thrown) {
        return AttestedTlsException.in(thrown)
                .orElseThrow(() -> new AssertionError("not refused for a reason of ours", thrown))
                .reason();
    }

    /** Relay, key reuse: whoever has the key is the service. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void succeedsRelayWithTheKey(TlsProvider provider) throws Exception {
        Leaf stolen = rig.identity("localhost").core(false).leaf();
        assertThat(Rig.call(dial(Rig.client(provider), impostor(stolen)), "secret"))
                .isEqualTo("FORGED");
        assertThat(rig.outcome()).isEqualTo("secret");
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void relayWithoutTheKeyIsRefusedBeforeAByteIsSent(TlsProvider provider) throws Exception {
        int port = impostor(PlainTls.leaf("localhost"));
        assertThat(refusal(catchThrowable(() -> Rig.call(dial(Rig.client(provider), port), "secret"))))
                .isEqualTo(Reason.PROFILE);
        assertThat(rig.outcome()).isNotEqualTo("secret");
    }

    /** Replay: the evidence is no answer to anything, so that it is good until it is too old, whatever became of the enclave. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void succeedsReplayUntilTheEvidenceIsTooOld(TlsProvider provider) throws Exception {
        TestClock clock = new TestClock(Instant.parse("2026-11-01T12:00:00Z"));
        FakeQuotingEnclave enclave = FakeQuotingEnclave.nitro().clock(clock);
        ServiceIdentity identity =
                ServiceIdentity.builder("localhost", enclave).clock(clock).build();
        Leaf old = identity.core(false).leaf();
        identity.close();
        int port = impostor(old);
        AttestedClient client = AttestedTls.client(enclave.policy())
                .verifier(EvidenceVerifier.builder()
                        .trustAnchors(enclave.trustAnchors())
                        .clock(clock)
                        .build())
                .clock(clock)
                .provider(provider);
        clock.advance(Duration.ofMinutes(4));
        try (SSLSocket deceived = dial(client, port)) {
            assertThat(Rig.call(deceived, "secret")).isEqualTo("FORGED");
        }
        clock.advance(Duration.ofMinutes(2));
        Throwable refused = catchThrowable(() -> Rig.call(dial(client, port), "secret"));
        assertThat(refusal(refused)).isEqualTo(Reason.EVIDENCE_REJECTED);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void diversionToAnotherServiceIsRefused(TlsProvider provider) throws Exception {
        int billing = serve(
                provider,
                rig.keep(ServiceIdentity.builder("billing", Rig.ENCLAVE).build()));
        assertThat(refusal(catchThrowable(() -> Rig.call(dial(Rig.client(provider), billing), "secret"))))
                .isEqualTo(Reason.SERVICE_IDENTITY);
        assertThat(refusal(catchThrowable(
                        () -> Rig.call(dial(Rig.client(provider).service("orders"), billing), "secret"))))
                .isEqualTo(Reason.SERVICE_IDENTITY);
        assertThat(Rig.call(dial(Rig.client(provider).service("billing"), billing), "hello"))
                .isEqualTo("HELLO");
    }

    /** Diversion: a certificate that names nobody is good for everybody, if the client wants it so. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void succeedsDiversionWhereNamesAreNotChecked(TlsProvider provider) throws Exception {
        FakeQuotingEnclave sgx = FakeQuotingEnclave.sgx();
        int other = serve(
                provider,
                rig.keep(ServiceIdentity.builder("other", sgx)
                        .certificateProfile(CertificateProfile.interoperable())
                        .build()));
        assertThat(refusal(catchThrowable(
                        () -> Rig.call(dial(Rig.client(provider, sgx).service("orders"), other), "secret"))))
                .isEqualTo(Reason.SERVICE_IDENTITY);
        assertThat(Rig.call(dial(Rig.client(provider, sgx).insecureAnyService(), other), "hello"))
                .isEqualTo("HELLO");
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void downgradeToOlderTlsIsRefused(TlsProvider provider) throws Exception {
        SSLServerSocket listener =
                rig.keep(PlainTls.listen(rig.identity("localhost").core(false).leaf()));
        listener.setEnabledProtocols(new String[] {"TLSv1.2"});
        rig.threads.execute(() -> {
            try (SSLSocket socket = (SSLSocket) listener.accept()) {
                socket.startHandshake();
                rig.outcomes.add("accepted");
            } catch (Exception e) {
                rig.outcomes.add(e);
            }
        });
        assertThat(catchThrowable(() -> Rig.call(dial(Rig.client(provider), listener.getLocalPort()), "secret")))
                .isInstanceOf(java.io.IOException.class);
        assertThat(rig.outcome()).isInstanceOf(java.io.IOException.class);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void resumptionByAClientThatTries(TlsProvider provider) throws Exception {
        int port = serve(provider, rig.identity("localhost"));
        PlainTls.Gullible trust = new PlainTls.Gullible();
        SSLContext eager = PlainTls.context(null, trust);
        for (int i = 1; i <= 3; i++) {
            try (SSLSocket socket = (SSLSocket) eager.getSocketFactory().createSocket("localhost", port)) {
                socket.setEnabledProtocols(new String[] {"TLSv1.3"});
                assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
                assertThat(trust.asked).hasValue(i);
            }
        }
    }

    /** Changed configuration: an open connection stays as it was judged. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void succeedsChangingTheConfigurationBehindAnOpenConnection(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int port = serve(provider, identity);
        SSLSocket socket = dial(
                Rig.client(provider).configurationRoot(identity.configuration().root()), port);
        assertThat(Rig.call(socket, "one")).isEqualTo("ONE");
        identity.updateConfiguration(
                tree -> tree.toBuilder().put("app.config", "two".getBytes()).build());
        assertThat(Rig.call(socket, "two")).isEqualTo("TWO");
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void anotherConfigurationRootIsRefusedAtTheStart(TlsProvider provider) throws Exception {
        int port = serve(provider, rig.identity("localhost"));
        AttestedClient client = Rig.client(provider)
                .configurationRoot(
                        io.ebridge.attest.Bytes.of("other".getBytes()).sha256());
        assertThat(refusal(catchThrowable(() -> Rig.call(dial(client, port), "secret"))))
                .isEqualTo(Reason.CONFIGURATION_ROOT);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void staleTcbIsRefused(TlsProvider provider) throws Exception {
        FakeQuotingEnclave stale = FakeQuotingEnclave.of(FakeSgx.standard().tcb(TcbStatus.OUT_OF_DATE));
        int port = serve(provider, rig.identity("localhost", stale));
        Throwable thrown = catchThrowable(() -> Rig.call(dial(Rig.client(provider, stale), port), "secret"));
        assertThat(refusal(thrown)).isEqualTo(Reason.EVIDENCE_REJECTED);
        assertThat(AttestedTlsException.in(thrown).orElseThrow().getCause())
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.TCB_OUT_OF_DATE));
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void silentServersAreCutOff(TlsProvider provider) throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            AttestedClient client = Rig.client(provider).timeout(Duration.ofMillis(700));
            assertThat(refusal(catchThrowable(() -> Rig.call(dial(client, mute.getLocalPort()), "secret"))))
                    .isEqualTo(Reason.TIMEOUT);
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void wrongSniIsRefused(TlsProvider provider) throws Exception {
        int port = serve(provider, rig.identity("localhost"));
        SSLSocket socket = rig.keep((SSLSocket) Rig.client(provider)
                .insecureCertificateMode()
                .sslContext()
                .getSocketFactory()
                .createSocket(new Socket("localhost", port), "orders.example.com", port, true));
        assertThat(refusal(catchThrowable(() -> Rig.call(socket, "secret")))).isEqualTo(Reason.SERVICE_IDENTITY);
    }

    /** A leaf whose evidence is of this size, in the form of ours. */
    private static Leaf bloated(int evidence) throws Exception {
        byte[] tagged = new byte[2 + evidence];
        tagged[0] = 1;
        tagged[1] = 1;
        return PlainTls.leaf(
                "localhost",
                "localhost",
                Map.of(
                        CertificateProfile.DEFAULT_ARC + ".1",
                        new DEROctetString(tagged).getEncoded(),
                        CertificateProfile.DEFAULT_ARC + ".2",
                        new DEROctetString(new byte[32]).getEncoded(),
                        CertificateProfile.DEFAULT_ARC + ".3",
                        new DEROctetString("localhost".getBytes()).getEncoded()));
    }

    /** Longer than evidence of its format can be; the JDK's TLS does not even take a certificate that long. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void oversizedEvidenceIsRefused(TlsProvider provider) throws Exception {
        int size = EvidenceFormat.NITRO.maxBytes() + 1;
        int port = impostor(bloated(size));
        Throwable thrown = catchThrowable(() -> Rig.call(dial(Rig.client(provider), port), "secret"));
        assertThat(thrown).isInstanceOf(java.io.IOException.class);
        if (provider != TlsProvider.JSSE) {
            assertThat(refusal(thrown)).isEqualTo(Reason.TOO_LARGE);
        }
        assertThat(rig.outcome()).isNotEqualTo("secret");
    }

    /** A certificate that the TLS implementation itself will not have: the connection ends, and nothing else does. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void oversizedCertificatesEndTheConnection(TlsProvider provider) throws Exception {
        int port = impostor(bloated(1 << 20));
        AttestedClient client = Rig.client(provider);
        assertThat(catchThrowable(() -> Rig.call(dial(client, port), "secret")))
                .isInstanceOf(java.io.IOException.class);
        assertThat(rig.outcome()).isNotEqualTo("secret");
        assertThat(Rig.call(dial(client, serve(provider, rig.identity("localhost"))), "hello"))
                .isEqualTo("HELLO");
    }

    private void accepted(SSLContext client, Leaf genuine) throws Exception {
        int honest = impostor(genuine);
        try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket("localhost", honest)) {
            assertThat(Rig.call(socket, "secret")).isEqualTo("FORGED");
        }
        assertThat(rig.outcome()).isEqualTo("secret");
    }

    /** A verdict is of one certificate: evidence that was judged a moment ago does not vouch for another key that carries it. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void evidenceThatWasJustAcceptedDoesNotVouchForAnotherKey(TlsProvider provider) throws Exception {
        Leaf genuine = rig.identity("localhost").core(false).leaf();
        SSLContext client = Rig.client(provider).insecureCertificateMode().sslContext();
        accepted(client, genuine);
        Map<String, byte[]> extensions = new LinkedHashMap<>();
        for (String part : List.of(".1", ".2", ".3")) {
            extensions.put(
                    CertificateProfile.DEFAULT_ARC + part,
                    ASN1OctetString.getInstance(
                                    genuine.chain().get(0).getExtensionValue(CertificateProfile.DEFAULT_ARC + part))
                            .getOctets());
        }
        int thief = impostor(PlainTls.leaf("localhost", "localhost", extensions));
        SSLSocket socket = rig.keep((SSLSocket) client.getSocketFactory().createSocket("localhost", thief));
        assertThat(refusal(catchThrowable(() -> Rig.call(socket, "secret")))).isEqualTo(Reason.EVIDENCE_REJECTED);
        assertThat(rig.outcome()).isNotEqualTo("secret");
    }

    /** The certificate is public: whoever shows it without its key fails CertificateVerify, whatever was judged a moment ago. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void aCertificateThatWasJustAcceptedIsNothingWithoutItsKey(TlsProvider provider) throws Exception {
        Leaf genuine = rig.identity("localhost").core(false).leaf();
        SSLContext client = Rig.client(provider).insecureCertificateMode().sslContext();
        accepted(client, genuine);
        int thief =
                impostor(new Leaf(LeafCertificates.newKeys(new SecureRandom()).getPrivate(), genuine.chain()));
        SSLSocket socket = rig.keep((SSLSocket) client.getSocketFactory().createSocket("localhost", thief));
        assertThat(catchThrowable(() -> Rig.call(socket, "secret"))).isInstanceOf(java.io.IOException.class);
        assertThat(rig.outcome()).isNotEqualTo("secret");
    }
}
