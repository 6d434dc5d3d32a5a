package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ebridge.ratls.certificate.CertificateProfile;
import io.ebridge.ratls.tls.Leaf;
import io.ebridge.testkit.attest.FakeNitro;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Evidence in certificates: what it gives, and what it does not. */
class CertificateModeTest {

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

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void evidenceInTheCertificateIsVerified(TlsProvider provider) throws Exception {
        int port = serve(provider, rig.identity("localhost"));
        SSLSocket socket = dial(Rig.client(provider), port);
        assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
        assertThat(AttestedPeer.of(socket.getSession()).orElseThrow().mode()).isEqualTo(AttestedPeer.Mode.CERTIFICATE);

        int other = serve(
                provider,
                rig.identity(
                        "localhost", FakeQuotingEnclave.of(FakeNitro.standard().image("other"))));
        Throwable thrown = catchThrowable(() -> Rig.call(dial(Rig.client(provider), other), "hello"));
        assertThat(AttestedTlsException.in(thrown).orElseThrow().reason())
                .isEqualTo(AttestedTlsException.Reason.EVIDENCE_REJECTED);
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void interoperableCertificates(TlsProvider provider) throws Exception {
        FakeQuotingEnclave sgx = FakeQuotingEnclave.sgx();
        ServiceIdentity identity = rig.keep(ServiceIdentity.builder("localhost", sgx)
                .certificateProfile(CertificateProfile.interoperable())
                .build());
        assertThat(Rig.call(dial(Rig.client(provider, sgx), serve(provider, identity)), "hello"))
                .isEqualTo("HELLO");
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void certificatesBelowAnotherArc(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.keep(ServiceIdentity.builder("localhost", Rig.ENCLAVE)
                .certificateProfile(CertificateProfile.ebridge("1.3.6.1.4.1.99999.7"))
                .build());
        int port = serve(provider, identity);
        SSLSocket socket = dial(Rig.client(provider).certificateArc("1.3.6.1.4.1.99999.7"), port);
        assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
        AttestedPeer peer = AttestedPeer.of(socket.getSession()).orElseThrow();
        assertThat(peer.service()).isEqualTo("localhost");
        assertThat(peer.configurationRoot()).contains(identity.configuration().root());
        Throwable thrown = catchThrowable(() -> Rig.call(dial(Rig.client(provider), port), "hello"));
        assertThat(AttestedTlsException.in(thrown).orElseThrow().reason())
                .isEqualTo(AttestedTlsException.Reason.PROFILE);
        assertThatThrownBy(() -> Rig.client(provider).certificateArc("1.3.six"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** The weakness of this mode: whoever holds the key relays at will, and the client notices nothing. STRICT does, see AttackTest. */
    @Test
    void relayWithTheKeyIsNotNoticed() throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int target = serve(TlsProvider.JSSE, identity);
        Leaf stolen = identity.core(false).leaf();
        SSLServerSocket listener = rig.keep(PlainTls.listen(stolen));
        rig.threads.execute(() -> {
            try (SSLSocket victim = (SSLSocket) listener.accept();
                    SSLSocket enclave = PlainTls.connect(target)) {
                byte[] read = new byte[100];
                int n = victim.getInputStream().read(read);
                rig.outcomes.add(new String(read, 0, n));
                enclave.getOutputStream().write(read, 0, n);
                victim.getOutputStream().write(enclave.getInputStream().readNBytes(n));
                victim.getInputStream().readAllBytes();
            } catch (Exception e) {
                rig.outcomes.add(e);
            }
        });
        assertThat(Rig.call(dial(Rig.client(TlsProvider.JSSE), listener.getLocalPort()), "secret"))
                .isEqualTo("SECRET");
        assertThat(rig.outcome()).isEqualTo("secret");
    }

    /** Without the key, the same relay fails: the evidence is not of its key. */
    @Test
    void relayWithoutTheKeyFails() throws Exception {
        SSLServerSocket listener = rig.keep(PlainTls.listen(PlainTls.leaf("localhost")));
        rig.threads.execute(() -> {
            try (SSLSocket victim = (SSLSocket) listener.accept()) {
                victim.startHandshake();
            } catch (IOException e) {
                rig.outcomes.add(e);
            }
        });
        Throwable thrown =
                catchThrowable(() -> Rig.call(dial(Rig.client(TlsProvider.JSSE), listener.getLocalPort()), "secret"));
        assertThat(AttestedTlsException.in(thrown).orElseThrow().reason())
                .isEqualTo(AttestedTlsException.Reason.PROFILE);
    }

    @Test
    void strictClientDoesNotTakeIt() throws Exception {
        TlsProvider provider = Rig.providers().findFirst().orElseThrow();
        int port = serve(provider, rig.identity("localhost"));
        SSLSocket socket = rig.keep((SSLSocket) Rig.client(provider)
                .timeout(Duration.ofSeconds(2))
                .sslContext()
                .getSocketFactory()
                .createSocket("localhost", port));
        assertThatThrownBy(() -> Rig.call(socket, "secret")).isInstanceOf(AttestedTlsException.class);
    }

    @Test
    void handshakesDoNotWaitForQuotes() throws Exception {
        AtomicInteger quotes = new AtomicInteger();
        ServiceIdentity identity = rig.identity("localhost", new Counting(quotes));
        int port = serve(TlsProvider.JSSE, identity);
        for (int i = 0; i < 5; i++) {
            assertThat(Rig.call(dial(Rig.client(TlsProvider.JSSE), port), "hello"))
                    .isEqualTo("HELLO");
        }
        assertThat(quotes).hasValue(1);
    }

    private record Counting(AtomicInteger quotes) implements io.ebridge.attest.EvidenceProvider {
        @Override
        public io.ebridge.attest.EvidenceFormat format() {
            return Rig.ENCLAVE.format();
        }

        @Override
        public io.ebridge.attest.Availability available() {
            return Rig.ENCLAVE.available();
        }

        @Override
        public io.ebridge.attest.Evidence quote(io.ebridge.attest.EvidenceRequest request)
                throws io.ebridge.attest.EvidenceUnavailableException {
            quotes.incrementAndGet();
            return Rig.ENCLAVE.quote(request);
        }
    }

    @Test
    void trustManagerRefusesInAllSixMethods() throws Exception {
        X509ExtendedTrustManager trust = AttestedTls.refusingTrustManager();
        X509Certificate[] chain = PlainTls.leaf("localhost").chain().toArray(X509Certificate[]::new);
        SSLEngine engine = javax.net.ssl.SSLContext.getDefault().createSSLEngine();
        java.net.Socket socket = new java.net.Socket();
        for (org.assertj.core.api.ThrowableAssert.ThrowingCallable each :
                java.util.List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                        () -> trust.checkServerTrusted(chain, "UNKNOWN"),
                        () -> trust.checkClientTrusted(chain, "UNKNOWN"),
                        () -> trust.checkServerTrusted(chain, "UNKNOWN", socket),
                        () -> trust.checkClientTrusted(chain, "UNKNOWN", socket),
                        () -> trust.checkServerTrusted(chain, "UNKNOWN", engine),
                        () -> trust.checkClientTrusted(chain, "UNKNOWN", engine))) {
            assertThatThrownBy(each).isInstanceOf(CertificateException.class);
        }
        assertThat(trust.getAcceptedIssuers()).isEmpty();
    }

    @Test
    void strictRefusesToStartWhereThereIsNoExporter() throws Exception {
        if (Runtime.version().feature() >= 25) {
            assertThat(Rig.client(TlsProvider.JSSE).sslContext()).isNotNull();
            return;
        }
        assertThatThrownBy(() -> Rig.client(TlsProvider.JSSE).sslContext())
                .isInstanceOfSatisfying(AttestedTlsException.class, e -> {
                    assertThat(e.reason()).isEqualTo(AttestedTlsException.Reason.EXPORTER_UNAVAILABLE);
                    assertThat(e).hasMessageContaining("Java 25");
                });
        assertThatThrownBy(() -> AttestedTls.server(rig.identity("localhost"))
                        .provider(TlsProvider.JSSE)
                        .sslContext())
                .isInstanceOf(AttestedTlsException.class);
    }
}
