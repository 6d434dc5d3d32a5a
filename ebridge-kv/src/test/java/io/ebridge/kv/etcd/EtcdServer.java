package io.ebridge.kv.etcd;

import io.ebridge.kv.Servers;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An etcd server of a test's own, with a CA of its own that demands client certificates. */
public final class EtcdServer implements AutoCloseable {

    private final Path directory;
    private final int port;
    private final int peerPort;
    private Process process;

    private EtcdServer(Path directory) throws IOException {
        this.directory = directory;
        this.port = Servers.freePort();
        this.peerPort = Servers.freePort();
    }

    /** Starts one, or skips the test if etcd or openssl is not installed. */
    public static EtcdServer start() throws Exception {
        Servers.program("/usr/bin/etcd");
        Servers.program("/usr/bin/openssl");
        EtcdServer server = new EtcdServer(Servers.openDirectory("etcd"));
        server.certificates();
        Servers.own("nobody", server.directory);
        server.launch();
        return server;
    }

    private void openssl(String command) throws Exception {
        List<String> all = new ArrayList<>(List.of("/usr/bin/openssl"));
        all.addAll(List.of(command.split(" ")));
        Servers.run(directory, all);
    }

    private void certificates() throws Exception {
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.crt -days 2"
                + " -subj /CN=ca");
        for (String name : List.of("server", "client")) {
            openssl("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout " + name + ".key -out " + name
                    + ".csr -subj /CN=" + name);
            Files.writeString(
                    directory.resolve(name + ".ext"),
                    "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n");
            openssl("x509 -req -in " + name + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -out " + name
                    + ".crt -days 2 -extfile " + name + ".ext");
            openssl("pkcs12 -export -in " + name + ".crt -inkey " + name + ".key -out " + name
                    + ".p12 -passout pass:test");
        }
    }

    public void launch() throws Exception {
        String url = "https://127.0.0.1:" + port;
        String peer = "http://127.0.0.1:" + peerPort;
        process = new ProcessBuilder(Servers.as(
                        "nobody",
                        "/usr/bin/etcd",
                        "--name=t",
                        "--data-dir=" + directory.resolve("data"),
                        "--listen-client-urls=" + url,
                        "--advertise-client-urls=" + url,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=t=" + peer,
                        "--cert-file=" + directory.resolve("server.crt"),
                        "--key-file=" + directory.resolve("server.key"),
                        "--client-cert-auth",
                        "--trusted-ca-file=" + directory.resolve("ca.crt"),
                        "--enable-grpc-gateway=true",
                        "--logger=zap"))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                new Gateway(List.of(uri()), client(), null, java.time.Duration.ofSeconds(2))
                        .call("/v3/kv/range", "{\"key\":\"AA==\"}");
                return;
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0 || !process.isAlive()) {
                    throw new IOException("etcd does not start: " + Files.readString(directory.resolve("log")), e);
                }
                new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
            }
        }
    }

    public int port() {
        return port;
    }

    public URI uri() {
        return URI.create("https://127.0.0.1:" + port);
    }

    public Socket connect() throws IOException {
        return new Socket("127.0.0.1", port);
    }

    /** The enclave's side: trusts this CA only, and has a certificate of it. */
    public SSLContext client() throws Exception {
        return context("client");
    }

    /** Trusts this CA, and shows nothing. */
    public SSLContext anonymous() throws Exception {
        return context(null);
    }

    /** A server certificate of this CA, for servers that pretend. */
    public SSLContext server() throws Exception {
        return context("server");
    }

    private SSLContext context(String name) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(directory.resolve("ca.crt"))) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyManager[] keys = null;
        if (name != null) {
            KeyStore own = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(directory.resolve(name + ".p12"))) {
                own.load(in, "test".toCharArray());
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
            factory.init(own, "test".toCharArray());
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }

    public void crash() throws Exception {
        process.destroyForcibly();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new IOException("etcd does not end");
        }
    }

    @Override
    public void close() throws Exception {
        crash();
        Servers.delete(directory);
    }
}
