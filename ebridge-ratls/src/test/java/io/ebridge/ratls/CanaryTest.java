package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.ratls.tls.Leaf;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPrivateKey;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the host carries, byte by byte, during a whole session. */
class CanaryTest {

    private static final String CANARY = "canary-4f1d8a2c-of-the-client";

    private final Rig rig = new Rig();
    private final Recorder recorder = new Recorder(rig);

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void theHostSeesNeitherPlaintextNorKeys(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int port = recorder.before(
                rig.echo(AttestedTls.server(identity).provider(provider).sslContext()));
        SSLSocket socket =
                (SSLSocket) Rig.client(provider).sslContext().getSocketFactory().createSocket("localhost", port);
        for (int i = 0; i < 20; i++) {
            assertThat(Rig.call(socket, CANARY)).isEqualTo(CANARY.toUpperCase(java.util.Locale.ROOT));
        }
        AttestedPeer peer = AttestedPeer.of(socket.getSession()).orElseThrow();
        socket.close();
        assertThat(rig.outcome()).isEqualTo("closed");

        byte[] seen = recorder.bytes();
        assertThat(seen.length).isGreaterThan(40 * CANARY.length());
        Leaf leaf = identity.core(true).leaf();
        byte[] scalar = ((ECPrivateKey) leaf.key()).getS().toByteArray();
        assertThat(Recorder.contains(seen, CANARY.getBytes(StandardCharsets.US_ASCII)))
                .isFalse();
        assertThat(Recorder.contains(
                        seen, CANARY.toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.US_ASCII)))
                .isFalse();
        assertThat(Recorder.contains(seen, java.util.Arrays.copyOfRange(scalar, scalar.length - 16, scalar.length)))
                .isFalse();
        assertThat(Recorder.contains(seen, leaf.key().getEncoded())).isFalse();
        // Not even the evidence, nor the public key: TLS 1.3 hides the certificate.
        assertThat(Recorder.contains(seen, peer.evidence().bytes().slice(0, 64).toByteArray()))
                .isFalse();
        assertThat(Recorder.contains(seen, leaf.chain().get(0).getPublicKey().getEncoded()))
                .isFalse();
        // The search itself finds what is there: the name that SNI sends in clear.
        assertThat(Recorder.contains(seen, "localhost".getBytes(StandardCharsets.US_ASCII)))
                .isTrue();
    }
}
