package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.ratls.certificate.AttestedCertificate;
import io.ebridge.ratls.configuration.ConfigurationManifest;
import io.ebridge.ratls.configuration.ConfigurationTree;
import io.ebridge.ratls.net.EgressCaBundle;
import io.ebridge.ratls.net.EgressClient;
import io.ebridge.ratls.netty.AttestedSslHandlers;
import io.ebridge.ratls.tls.Leaf;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every example of the documentation, compiled and run, and a check that none is missing here. */
class ExamplesTest {

    private final Rig rig = new Rig();
    private final AppraisalPolicy policy = Rig.ENCLAVE.policy();
    private final EvidenceVerifier verifier = Rig.ENCLAVE.verifier();
    private final EvidenceProvider provider = Rig.ENCLAVE;

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private String talk(SSLContext client, SSLContext server, String host) throws Exception {
        int port = rig.echo(server);
        Socket raw = new Socket(InetAddress.getLoopbackAddress(), port);
        try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(raw, host, port, true)) {
            return Rig.call(socket, "hello");
        }
    }

    @Test
    void modulePage() throws Exception {
        byte[] configBytes = "a=b".getBytes();

        SSLContext tls = AttestedTls.client(policy).verifier(verifier).sslContext();
        HttpClient http = HttpClient.newBuilder().sslContext(tls).build();

        ServiceIdentity identity = ServiceIdentity.builder("orders.example.com", provider)
                .configuration("app.config", configBytes)
                .build();
        SSLContext server = AttestedTls.server(identity).sslContext();

        rig.keep(identity);
        assertThat(http.sslContext()).isSameAs(tls);
        assertThat(talk(tls, server, "orders.example.com")).isEqualTo("HELLO");
    }

    @Test
    void attestedTlsAndReadme() throws Exception {
        Bytes expected = Bytes.of("0123456789abcdef".repeat(3).getBytes());
        {
            SSLContext tls = AttestedTls.client(
                            NitroPolicy.builder().pcr0(expected).build())
                    .sslContext();
            HttpClient http = HttpClient.newBuilder().sslContext(tls).build();
            assertThat(http.sslContext()).isSameAs(tls);
        }
        {
            SSLContext tls = AttestedTls.client(policy).sslContext();
            HttpClient http = HttpClient.newBuilder().sslContext(tls).build();
            assertThat(http.sslContext()).isSameAs(tls);
        }
    }

    @Test
    void packagePage() throws Exception {
        ServiceIdentity orders = rig.identity("orders");
        ServiceIdentity worker = rig.identity("worker");
        AppraisalPolicy workerPolicy = policy;
        AppraisalPolicy ordersPolicy = policy;
        {
            SSLContext server = AttestedTls.server(orders)
                    .requireClient(workerPolicy, "worker")
                    .verifier(verifier)
                    .sslContext();
            SSLContext client = AttestedTls.client(ordersPolicy)
                    .identity(worker)
                    .verifier(verifier)
                    .sslContext();
            assertThat(talk(client, server, "orders")).isEqualTo("HELLO");
        }
        Authority authority = Authority.make("the CA");
        Leaf leaf = authority.leaf("orders");
        PrivateKey key = leaf.key();
        List<X509Certificate> chain = leaf.chain();
        X509Certificate ca = authority.certificate();
        {
            SSLContext server = AttestedTls.verifyingServer(key, chain)
                    .requireClient(workerPolicy, "worker")
                    .verifier(verifier)
                    .sslContext();
            SSLContext client = AttestedTls.attestingClient(worker, List.of(ca)).sslContext();
            assertThat(talk(client, server, "orders")).isEqualTo("HELLO");
        }
    }

    @Test
    void configurationPage() throws Exception {
        byte[] json = "{}".getBytes();
        ConfigurationTree tree =
                ConfigurationTree.builder().put("app.limits", json).build();
        byte[] bytesFromTheService = tree.manifest().encode();
        ServiceIdentity identity = rig.keep(ServiceIdentity.builder("localhost", provider)
                .configuration("app.limits", json)
                .build());
        int port = rig.echo(AttestedTls.server(identity).sslContext());
        SSLSocket socket = rig.keep((SSLSocket) AttestedTls.client(policy)
                .verifier(verifier)
                .sslContext()
                .getSocketFactory()
                .createSocket("localhost", port));
        AttestedPeer peer = AttestedPeer.of(socket.getSession()).orElseThrow();

        ConfigurationManifest manifest = ConfigurationManifest.decode(bytesFromTheService);
        manifest.requireRoot(peer.configurationRoot().orElseThrow());
        manifest.requireValue("app.limits", json);

        assertThat(manifest).isEqualTo(tree.manifest());
    }

    @Test
    void certificatePage() throws Exception {
        X509Certificate certificate =
                rig.identity("orders").core(false).leaf().chain().get(0);

        AttestedCertificate attested = AttestedCertificate.read(certificate);
        AttestationResult result = attested.verify(verifier, policy);

        assertThat(result.format()).isEqualTo(provider.format());
    }

    /** Stands for the bridge, with its sockets. */
    private record Bridge(int port) {
        SocketFactory socketFactory() {
            int to = port;
            return new SocketFactory() {
                @Override
                public Socket createSocket(String host, int ignored) throws IOException {
                    return new Socket(InetAddress.getLoopbackAddress(), to);
                }

                @Override
                public Socket createSocket(String host, int port, InetAddress from, int local) throws IOException {
                    return createSocket(host, port);
                }

                @Override
                public Socket createSocket(InetAddress host, int port) throws IOException {
                    return createSocket("", port);
                }

                @Override
                public Socket createSocket(InetAddress host, int port, InetAddress from, int local) throws IOException {
                    return createSocket("", port);
                }
            };
        }
    }

    @Test
    void netPage() throws Exception {
        Authority authority = Authority.make("the CA");
        byte[] pemBytes = Authority.pem(authority.certificate()).getBytes();
        HttpsServer api = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.setHttpsConfigurator(
                new HttpsConfigurator(PlainTls.context(authority.leaf("api.example.com"), new PlainTls.Gullible())));
        api.createContext("/rates", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("42".getBytes());
            exchange.close();
        });
        api.start();
        rig.keep(() -> api.stop(0));
        Bridge bridge = new Bridge(api.getAddress().getPort());

        EgressCaBundle cas = EgressCaBundle.of(pemBytes);
        ServiceIdentity identity = ServiceIdentity.builder("orders.example.com", provider)
                .module(cas)
                .build();
        EgressClient egress =
                EgressClient.builder(cas).socketFactory(bridge.socketFactory()).build();
        EgressClient.Response answer =
                egress.send("GET", URI.create("https://api.example.com/rates"), Map.of(), new byte[0]);

        rig.keep(identity);
        assertThat(new String(answer.body())).isEqualTo("42");
        assertThat(identity.configuration().prove("egress.ca_bundle")).isNotNull();
    }

    @Test
    void nettyPage() throws Exception {
        SSLContext context = AttestedTls.client(policy).verifier(verifier).sslContext();
        Executor tasks = rig.threads;
        ChannelPipeline pipeline = new EmbeddedChannel().pipeline();

        pipeline.addLast(AttestedSslHandlers.create(context, "orders.example.com", 443, tasks));

        assertThat(pipeline.get(SslHandler.class).engine().getPeerHost()).isEqualTo("orders.example.com");
    }

    /** Each statement of each example is, but for white space, in this file. */
    @Test
    void noExampleIsMissing() throws Exception {
        List<String> examples = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                Matcher blocks = Pattern.compile("<pre>\\{@code(.*?)\\}</pre>", Pattern.DOTALL)
                        .matcher(Files.readString(file));
                while (blocks.find()) {
                    examples.add(blocks.group(1).replaceAll("(?m)^\\s*\\*", ""));
                }
            }
        }
        assertThat(examples).hasSizeGreaterThanOrEqualTo(8);
        String readme = Files.readString(Path.of("../README.md"));
        String section = readme.substring(readme.indexOf("### Attested TLS"));
        int start = section.indexOf("```java") + 7;
        examples.add(section.substring(start, section.indexOf("```", start)));
        String here = squeezed(Files.readString(Path.of("src/test/java/io/ebridge/ratls/ExamplesTest.java")));
        for (String example : examples) {
            for (String statement :
                    example.replaceAll("(?m)//.*$", "").replace("@code", "").split(";")) {
                assertThat(here).contains(squeezed(statement));
            }
        }
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }
}
