package io.ebridge.samples.notes;

import io.ebridge.samples.support.BothSides;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An etcd on a free loopback port, with a CA of its own and client certificates. Stands for a cluster that others run. */
final class EtcdProcess implements AutoCloseable {
    private static final long START_SECONDS = 30;

    private final Path directory;
    private final int port = freePort();
    private final Process process;

    private EtcdProcess(Path directory, Path etcd, Path openssl) throws IOException, InterruptedException {
        this.directory = directory;
        Files.createDirectories(directory);
        if (!Files.exists(directory.resolve("client.p12"))) {
            certificates(openssl);
        }
        String url = "https://127.0.0.1:" + port;
        String peer = "http://127.0.0.1:" + freePort();
        process = new ProcessBuilder(
                        etcd.toString(),
                        "--name=notes",
                        "--data-dir=" + directory.resolve("data"),
                        "--listen-client-urls=" + url,
                        "--advertise-client-urls=" + url,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=notes=" + peer,
                        "--cert-file=" + directory.resolve("server.crt"),
                        "--key-file=" + directory.resolve("server.key"),
                        "--client-cert-auth",
                        "--trusted-ca-file=" + directory.resolve("ca.crt"),
                        "--enable-grpc-gateway=true")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        boolean listening = false;
        try {
            awaitListening();
            listening = true;
        } finally {
            if (!listening) {
                process.destroyForcibly();
            }
        }
    }

    /**
     * Starts one, if etcd and openssl are installed.
     *
     * @param directory where it keeps its certificates and data
     */
    static Optional<EtcdProcess> start(Path directory) throws IOException, InterruptedException {
        Optional<Path> etcd = program("etcd");
        Optional<Path> openssl = program("openssl");
        return etcd.isEmpty() || openssl.isEmpty()
                ? Optional.empty()
                : Optional.of(new EtcdProcess(directory.toAbsolutePath(), etcd.get(), openssl.get()));
    }

    private static Optional<Path> program(String name) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        return Stream.of(path.split(File.pathSeparator))
                .filter(each -> !each.isEmpty())
                .map(each -> Path.of(each, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private void certificates(Path openssl) throws IOException, InterruptedException {
        String key = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        run(openssl, "req -x509 -keyout ca.key -out ca.crt -days 30 -subj /CN=notes-ca" + key);
        for (String name : List.of("server", "client")) {
            Files.writeString(
                    directory.resolve(name + ".ext"),
                    "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n");
            run(openssl, "req -keyout " + name + ".key -out " + name + ".csr -subj /CN=" + name + key);
            run(
                    openssl,
                    "x509 -req -in " + name + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -out " + name
                            + ".crt -days 30 -extfile " + name + ".ext");
        }
        run(
                openssl,
                "pkcs12 -export -in client.crt -inkey client.key -out client.p12 -passout pass:"
                        + new String(Anchor.Etcd.PASSWORD));
    }

    private void run(Path program, String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments.split(" ")));
        Path log = directory.resolve("openssl.log");
        Process started = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!started.waitFor(30, TimeUnit.SECONDS)) {
            started.destroyForcibly();
            throw new IOException(program + " does not end");
        }
        if (started.exitValue() != 0) {
            throw new IOException(program + " failed: " + Files.readString(log));
        }
    }

    private void awaitListening() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            try {
                connect().close();
                return;
            } catch (ConnectException e) {
                if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() - deadline > 0) {
                    throw new IOException("etcd does not start: " + Files.readString(directory.resolve("log")), e);
                }
            }
        }
    }

    /** A connection to it. */
    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** How an enclave reaches it. */
    Anchor.Etcd anchor() {
        return new Anchor.Etcd(URI.create("https://127.0.0.1:" + port), directory);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Deletes its data and keys too. */
    void forget() throws IOException {
        close();
        BothSides.deleteAll(directory);
    }
}
