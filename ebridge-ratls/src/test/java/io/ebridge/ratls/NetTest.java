package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.ebridge.ratls.net.EgressCaBundle;
import io.ebridge.ratls.net.EgressClient;
import io.ebridge.ratls.net.LoopbackForwarder;
import io.ebridge.testkit.attest.FakeNitro;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Map;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NetTest {

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static TlsProvider provider() {
        return Rig.providers().findFirst().orElseThrow();
    }

    private HttpsServer server(SSLContext context) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(rig.threads);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            byte[] answer =
                    (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + new String(body)).getBytes();
            boolean chunked = exchange.getRequestURI().getPath().equals("/chunked");
            exchange.sendResponseHeaders(200, chunked ? 0 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        rig.keep(() -> server.stop(0));
        return server;
    }

    @Test
    void egressTrustsItsBundleOnly() throws Exception {
        Authority ca = Authority.make("good");
        EgressCaBundle bundle = EgressCaBundle.of(("# comment\n" + Authority.pem(ca.certificate())).getBytes());
        HttpsServer good = server(PlainTls.context(ca.leaf("localhost"), new PlainTls.Gullible()));
        HttpsServer stranger =
                server(PlainTls.context(Authority.make("bad").leaf("localhost"), new PlainTls.Gullible()));
        HttpsServer otherName = server(PlainTls.context(ca.leaf("other.example"), new PlainTls.Gullible()));
        EgressClient egress = EgressClient.builder(bundle).build();

        EgressClient.Response response =
                egress.send("POST", uri(good, "/a?b=c"), Map.of("X-A", "1"), "body".getBytes());
        assertThat(new String(response.body())).isEqualTo("POST /a?b=c body");
        assertThat(new String(egress.send("GET", uri(good, "/chunked"), Map.of(), new byte[0])
                        .body()))
                .isEqualTo("GET /chunked ");
        assertThatThrownBy(() -> egress.send("GET", uri(stranger, "/"), Map.of(), new byte[0]))
                .isInstanceOf(javax.net.ssl.SSLException.class);
        assertThatThrownBy(() -> egress.send("GET", uri(otherName, "/"), Map.of(), new byte[0]))
                .isInstanceOf(javax.net.ssl.SSLException.class);
        assertThatThrownBy(() -> EgressClient.builder(bundle)
                        .maxBody(3)
                        .build()
                        .send("GET", uri(good, "/"), Map.of(), new byte[0]))
                .hasMessageContaining("more than 3");
        assertThatThrownBy(() -> egress.send("GET", uri(good, "/"), Map.of("X\r\nY", "1"), new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void egressDemandsAttestation() throws Exception {
        EgressCaBundle bundle = EgressCaBundle.of(
                Authority.pem(Authority.make("unused").certificate()).getBytes());
        HttpsServer good = server(AttestedTls.server(rig.identity("localhost"))
                .provider(provider())
                .sslContext());
        HttpsServer bad = server(AttestedTls.server(rig.identity(
                        "localhost", FakeQuotingEnclave.of(FakeNitro.standard().image("other"))))
                .provider(provider())
                .sslContext());
        EgressClient egress = EgressClient.builder(bundle)
                .attested("localhost", Rig.client(provider()).sslContext())
                .build();

        EgressClient.Response response = egress.send("GET", uri(good, "/"), Map.of(), new byte[0]);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.peer()).isPresent();
        assertThatThrownBy(() -> egress.send("GET", uri(bad, "/"), Map.of(), new byte[0]))
                .isInstanceOf(AttestedTlsException.class);
    }

    /** A host that must attest must do so however it is spelt: its own CA's certificate alone does not do. */
    @Test
    void anotherSpellingOfAHostIsNoWayAroundItsAttestation() throws Exception {
        Authority ca = Authority.make("good");
        EgressCaBundle bundle =
                EgressCaBundle.of(Authority.pem(ca.certificate()).getBytes());
        HttpsServer plain = server(PlainTls.context(ca.leaf("localhost"), new PlainTls.Gullible()));
        EgressClient egress = EgressClient.builder(bundle)
                .socketFactory(new LeadingHere())
                .attested(
                        "LocalHost.",
                        Rig.client(provider()).timeout(Duration.ofSeconds(1)).sslContext())
                .build();
        for (String host : new String[] {"localhost", "LOCALHOST", "localhost."}) {
            URI uri = URI.create("https://" + host + ":" + plain.getAddress().getPort() + "/");
            assertThatThrownBy(() -> egress.send("GET", uri, Map.of(), new byte[0]))
                    .as(host)
                    .isInstanceOf(AttestedTlsException.class);
        }
    }

    /** Whatever the name, it leads to the loopback. */
    private static final class LeadingHere extends SocketFactory {
        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return new Socket(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return createSocket("", port);
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
            return createSocket("", port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
            return createSocket("", port);
        }
    }

    @Test
    void aHostThatDoesNotAcceptCostsNoMoreThanTheTime() throws Exception {
        EgressCaBundle bundle = EgressCaBundle.of(
                Authority.pem(Authority.make("unused").certificate()).getBytes());
        EgressClient egress =
                EgressClient.builder(bundle).timeout(Duration.ofMillis(400)).build();
        // A listener whose backlog is full: the next connection is not made.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 4; i++) {
                Socket filler = new Socket();
                rig.keep(filler);
                try {
                    filler.connect(full.getLocalSocketAddress(), 200);
                } catch (java.net.SocketTimeoutException e) {
                    break;
                }
            }
            long began = System.nanoTime();
            assertThatThrownBy(() -> egress.send(
                            "GET", URI.create("https://localhost:" + full.getLocalPort() + "/"), Map.of(), new byte[0]))
                    .isInstanceOf(java.net.SocketTimeoutException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void bundleWithAMemberThatIsNoneIsRefused() throws Exception {
        String good = Authority.pem(Authority.make("good").certificate());
        assertThatThrownBy(() -> EgressCaBundle.of((good + good.replace("MII", "AII")).getBytes()))
                .isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> EgressCaBundle.of("nothing".getBytes())).isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> EgressCaBundle.of(
                        Authority.pem(PlainTls.leaf("localhost").chain().get(0)).getBytes()))
                .isInstanceOf(CertificateException.class);
    }

    private static URI uri(HttpsServer server, String path) {
        return URI.create("https://localhost:" + server.getAddress().getPort() + path);
    }

    @Test
    void forwarderLeadsToTheAttestedServiceOnly() throws Exception {
        int good = rig.echo(AttestedTls.server(rig.identity("localhost"))
                .provider(provider())
                .sslContext());
        int bad = rig.echo(AttestedTls.server(rig.identity(
                        "localhost", FakeQuotingEnclave.of(FakeNitro.standard().image("other"))))
                .provider(provider())
                .sslContext());
        SSLContext context = Rig.client(provider()).sslContext();
        LoopbackForwarder forwarder =
                rig.keep(LoopbackForwarder.builder(context, "localhost", good).start());
        try (Socket plain = new Socket()) {
            plain.connect(forwarder.address());
            plain.setSoTimeout(15_000);
            plain.getOutputStream().write("hello".getBytes());
            plain.shutdownOutput();
            assertThat(new String(plain.getInputStream().readAllBytes()))
                    .as("%s %s", forwarder.lastFailure(), rig.outcomes)
                    .isEqualTo("HELLO");
        }
        LoopbackForwarder refused =
                rig.keep(LoopbackForwarder.builder(context, "localhost", bad).start());
        try (Socket plain = new Socket()) {
            plain.connect(refused.address());
            plain.setSoTimeout(15_000);
            assertThat(plain.getInputStream().readAllBytes()).isEmpty();
        }
        assertThat(refused.lastFailure()).isInstanceOf(AttestedTlsException.class);
    }
}
