package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.ratls.tls.Leaf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
    private final ByteArrayOutputStream recording = new ByteArrayOutputStream();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private int recordingProxy(int target) throws Exception {
        ServerSocket listener = rig.keep(new ServerSocket(0, 5, InetAddress.getLoopbackAddress()));
        rig.threads.execute(() -> {
            try {
                Socket client = rig.keep(listener.accept());
                Socket server = rig.keep(new Socket(InetAddress.getLoopbackAddress(), target));
                rig.threads.execute(() -> copy(client, server));
                copy(server, client);
            } catch (IOException e) {
                rig.outcomes.add(e);
            }
        });
        return listener.getLocalPort();
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try {
            for (int n = from.getInputStream().read(buffer);
                    n >= 0;
                    n = from.getInputStream().read(buffer)) {
                synchronized (recording) {
                    recording.write(buffer, 0, n);
                }
                to.getOutputStream().write(buffer, 0, n);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            rig.outcomes.add(e);
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void theHostSeesNeitherPlaintextNorKeys(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int port = recordingProxy(
                rig.echo(AttestedTls.server(identity).provider(provider).sslContext()));
        SSLSocket socket =
                (SSLSocket) Rig.client(provider).sslContext().getSocketFactory().createSocket("localhost", port);
        for (int i = 0; i < 20; i++) {
            assertThat(Rig.call(socket, CANARY)).isEqualTo(CANARY.toUpperCase(java.util.Locale.ROOT));
        }
        AttestedPeer peer = AttestedPeer.of(socket.getSession()).orElseThrow();
        socket.close();
        assertThat(rig.outcome()).isEqualTo("closed");

        byte[] seen;
        synchronized (recording) {
            seen = recording.toByteArray();
        }
        assertThat(seen.length).isGreaterThan(40 * CANARY.length());
        Leaf leaf = identity.core(true).leaf();
        byte[] scalar = ((ECPrivateKey) leaf.key()).getS().toByteArray();
        assertThat(contains(seen, CANARY.getBytes(StandardCharsets.US_ASCII))).isFalse();
        assertThat(contains(seen, CANARY.toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.US_ASCII)))
                .isFalse();
        assertThat(contains(seen, java.util.Arrays.copyOfRange(scalar, scalar.length - 16, scalar.length)))
                .isFalse();
        assertThat(contains(seen, leaf.key().getEncoded())).isFalse();
        // Not even the evidence, nor the public key: TLS 1.3 hides the certificate.
        assertThat(contains(seen, peer.evidence().bytes().slice(0, 64).toByteArray()))
                .isFalse();
        assertThat(contains(seen, leaf.chain().get(0).getPublicKey().getEncoded()))
                .isFalse();
        // The search itself finds what is there: the name that SNI sends in clear.
        assertThat(contains(seen, "localhost".getBytes(StandardCharsets.US_ASCII)))
                .isTrue();
    }

    private static boolean contains(byte[] in, byte[] what) {
        return new String(in, StandardCharsets.ISO_8859_1).contains(new String(what, StandardCharsets.ISO_8859_1));
    }
}
