package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.certificate.RatlsOid;
import io.ebridge.ratls.configuration.ConfigurationTree;
import io.ebridge.ratls.net.EgressCaBundle;
import io.ebridge.testkit.TestClock;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which leaf certificates connections get, and when evidence in them is renewed. */
class LeavesTest {

    private final Rig rig = new Rig();
    private final TestClock clock = new TestClock(Instant.parse("2026-11-01T12:00:00Z"));
    private final FakeQuotingEnclave enclave = FakeQuotingEnclave.nitro().clock(clock);
    private final ScriptedProvider provider = new ScriptedProvider(enclave);

    @AfterEach
    void close() throws Exception {
        provider.gate.countDown();
        rig.close();
    }

    private X509Certificate shown(SSLContext client, int port) throws Exception {
        try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket("localhost", port)) {
            assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
            return AttestedPeer.of(socket.getSession()).orElseThrow().certificate();
        }
    }

    private static <T> T await(Callable<T> attempt, java.util.function.Predicate<T> wanted) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (true) {
            T found = attempt.call();
            if (wanted.test(found)) {
                return found;
            }
            assertThat(System.nanoTime()).as("still %s", found).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void evidenceInCertificatesIsRenewedAheadAndNoHandshakeWaits(TlsProvider tls) throws Exception {
        ServiceIdentity identity = rig.keep(ServiceIdentity.builder("localhost", provider)
                .leafLifetime(Duration.ofMinutes(4))
                .evidenceRefresh(Duration.ofMinutes(1))
                .clock(clock)
                .build());
        int port = rig.echo(AttestedTls.server(identity)
                .provider(tls)
                .insecureCertificateMode()
                .sslContext());
        SSLContext client = AttestedTls.client(enclave.policy())
                .verifier(EvidenceVerifier.builder()
                        .trustAnchors(enclave.trustAnchors())
                        .clock(clock)
                        .build())
                .clock(clock)
                .provider(tls)
                .insecureCertificateMode()
                .sslContext();
        X509Certificate first = shown(client, port);
        assertThat(provider.threads).hasSize(1);

        // Due: handshakes go on with the old one while the new one is being made, once, by a thread of its own.
        clock.advance(Duration.ofMinutes(2));
        CountDownLatch gate = new CountDownLatch(1);
        provider.gate = gate;
        for (int i = 0; i < 3; i++) {
            assertThat(shown(client, port)).isEqualTo(first);
        }
        await(provider.threads::size, calls -> calls == 2);
        assertThat(provider.threads.get(1)).isEqualTo("ebridge-ratls-refresh");
        gate.countDown();
        X509Certificate second = await(() -> shown(client, port), leaf -> !leaf.equals(first));
        assertThat(second.getPublicKey()).isNotEqualTo(first.getPublicKey());

        // Due again, and broken: the old one serves until it ends, and not a moment longer.
        provider.broken = true;
        clock.advance(Duration.ofMinutes(2));
        assertThat(shown(client, port)).isEqualTo(second);
        await(provider.threads::size, calls -> calls == 3);
        assertThat(shown(client, port)).isEqualTo(second);
        clock.set(second.getNotAfter().toInstant().plusMillis(1));
        rig.outcomes.clear();
        assertThatThrownBy(() -> shown(client, port)).isInstanceOf(java.io.IOException.class);
        assertThat(rig.failure().reason()).isEqualTo(AttestedTlsException.Reason.EVIDENCE_UNAVAILABLE);

        // Mended: a refusal after the pause brings a new one.
        provider.broken = false;
        X509Certificate third = await(
                () -> {
                    try {
                        return shown(client, port);
                    } catch (java.io.IOException e) {
                        // An attempt that began before may have failed since, and begun a pause.
                        clock.advance(Duration.ofSeconds(5));
                        return second;
                    }
                },
                leaf -> !leaf.equals(second));
        assertThat(third.getNotAfter()).isAfter(second.getNotAfter());
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#certificateProviders")
    void aChangedConfigurationIsInTheNextCertificate(TlsProvider tls) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int port = rig.echo(AttestedTls.server(identity)
                .provider(tls)
                .insecureCertificateMode()
                .sslContext());
        SSLContext client = Rig.client(tls).insecureCertificateMode().sslContext();
        X509Certificate first = shown(client, port);
        identity.updateConfiguration(
                tree -> tree.toBuilder().put("app.config", "two".getBytes()).build());
        await(() -> shown(client, port), leaf -> !leaf.equals(first));
        try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket("localhost", port)) {
            assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
            assertThat(AttestedPeer.of(socket.getSession()).orElseThrow().configurationRoot())
                    .contains(identity.configuration().root());
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void anotherBundleOfAuthoritiesIsInTheNextCertificates(TlsProvider tls) throws Exception {
        EgressCaBundle first = bundle("one");
        EgressCaBundle second = bundle("two");
        String oid = RatlsOid.EGRESS_CA_BUNDLE.oid();
        ServiceIdentity identity = rig.keep(
                ServiceIdentity.builder("localhost", Rig.ENCLAVE).module(first).build());
        int strict = rig.echo(AttestedTls.server(identity).provider(tls).sslContext());
        int certificate = rig.echo(AttestedTls.server(identity)
                .provider(tls)
                .insecureCertificateMode()
                .sslContext());
        SSLContext client = Rig.client(tls).sslContext();
        SSLContext reader = Rig.client(tls).insecureCertificateMode().sslContext();
        byte[] before = shown(reader, certificate).getExtensionValue(oid);
        assertThat(before).endsWith(first.certificateExtensions().get(oid));
        assertThat(shown(client, strict).getExtensionValue(oid)).isEqualTo(before);

        assertThat(identity.replaceModule(second))
                .isEqualTo(ConfigurationTree.builder()
                        .put(EgressCaBundle.LEAF, second.configurationLeaves().get(EgressCaBundle.LEAF))
                        .build());
        X509Certificate next =
                await(() -> shown(reader, certificate), leaf -> !Arrays.equals(leaf.getExtensionValue(oid), before));
        assertThat(next.getExtensionValue(oid))
                .endsWith(second.certificateExtensions().get(oid));
        assertThat(shown(client, strict).getExtensionValue(oid)).isEqualTo(next.getExtensionValue(oid));
    }

    private static EgressCaBundle bundle(String name) throws Exception {
        return EgressCaBundle.of(
                ("# " + name + "\n" + Authority.pem(Authority.make(name).certificate())).getBytes());
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void oneLeafForManyConnectionsOrOneForEach(TlsProvider tls) throws Exception {
        SSLContext client = Rig.client(tls).sslContext();
        int shared = rig.echo(
                AttestedTls.server(rig.identity("localhost")).provider(tls).sslContext());
        assertThat(keys(client, shared)).hasSize(1);
        ServiceIdentity each = rig.keep(ServiceIdentity.builder("localhost", Rig.ENCLAVE)
                .leafPerConnection()
                .build());
        int own = rig.echo(AttestedTls.server(each).provider(tls).sslContext());
        assertThat(keys(client, own)).hasSize(4);
    }

    private Set<PublicKey> keys(SSLContext client, int port) throws Exception {
        Set<PublicKey> keys = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            keys.add(shown(client, port).getPublicKey());
        }
        return keys;
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void aStrictLeafIsReplacedAtHalfItsLife(TlsProvider tls) throws Exception {
        ServiceIdentity identity = rig.keep(ServiceIdentity.builder("localhost", enclave)
                .leafLifetime(Duration.ofMinutes(4))
                .clock(clock)
                .build());
        int port = rig.echo(AttestedTls.server(identity).provider(tls).sslContext());
        SSLContext client = AttestedTls.client(enclave.policy())
                .verifier(EvidenceVerifier.builder()
                        .trustAnchors(enclave.trustAnchors())
                        .clock(clock)
                        .build())
                .clock(clock)
                .provider(tls)
                .sslContext();
        X509Certificate first = shown(client, port);
        clock.advance(Duration.ofMinutes(2));
        assertThat(shown(client, port)).isEqualTo(first);
        clock.advance(Duration.ofMillis(1));
        assertThat(shown(client, port).getPublicKey()).isNotEqualTo(first.getPublicKey());
    }
}
