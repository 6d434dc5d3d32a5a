package io.ebridge.samples.hello;

import static io.ebridge.samples.support.Checklist.expect;

import com.sun.net.httpserver.HttpServer;
import io.ebridge.samples.support.BothSides;
import io.ebridge.samples.support.Checklist;
import io.ebridge.samples.support.Checklist.StepFailedException;
import io.ebridge.samples.support.ChildJvm;
import io.ebridge.samples.support.Meeting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Does what a user would do with the sample, over loopback and on free ports, and looks at what comes of it. */
final class HelloCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final Meeting meeting;
    private final int port;
    private final HttpServer origin;
    private final List<String> allowed;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    private HelloCheck(Options options) throws IOException {
        this.directory = Files.createTempDirectory("hello");
        this.meeting = options.meeting().at(directory.resolve("vsock"));
        this.port = freePort();
        this.origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        this.allowed = List.of("127.0.0.1:" + origin.getAddress().getPort());
    }

    /** Returns the exit code. */
    static int run(Options options) throws IOException {
        HelloCheck check = new HelloCheck(options);
        Checklist list = new Checklist();
        try {
            check.steps(list);
            System.out.println("all " + list.seen() + " steps seen");
            return 0;
        } catch (StepFailedException e) {
            System.out.println("failed: " + e.getMessage());
            return 1;
        } finally {
            check.origin.stop(0);
            BothSides.deleteAll(check.directory);
        }
    }

    private void steps(Checklist list) throws IOException, StepFailedException {
        origin.createContext("/", exchange -> {
            byte[] body = "from outside\n".getBytes(StandardCharsets.UTF_8);
            try (exchange) {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        origin.start();
        String outside = "http://127.0.0.1:" + origin.getAddress().getPort() + "/";
        try (ChildJvm host = start("host   ", "host");
                ChildJvm first = start("enclave", "enclave")) {
            list.see("the enclave is bridged", () -> host.awaitLine("bridged", "bridged: hello"::equals, PATIENCE));
            list.see("GET / answers from the enclave", () -> expect(eventually("/"), "Hello from the enclave!\n"));
            list.see(
                    "GET /env shows the variables allowed, and no other",
                    () -> expect(get("/env").body(), "HELLO_GREETING=good day\n"));
            list.see(
                    "GET /fetch goes out through a client tunnel",
                    () -> expect(get("/fetch?url=" + outside).body(), "from outside\n"));
            list.see("a target that is not allowed is refused", () -> {
                int closed = freePort();
                expect(get("/fetch?url=http://127.0.0.1:" + closed + "/").statusCode() >= 500, "it was fetched");
                host.awaitLine("the refusal", line -> line.startsWith("refused: "), PATIENCE);
            });
            list.see(
                    "the enclave's log arrives at the host",
                    () -> host.awaitLine(
                            "the log",
                            line -> line.contains("log of hello: ") && line.contains("asked for /"),
                            PATIENCE));
            list.see("killing the enclave is noticed", () -> {
                first.kill();
                first.awaitExit(PATIENCE);
                host.awaitLine("the loss", line -> line.startsWith("lost the enclave"), PATIENCE);
            });
            try (ChildJvm second = start("enclave", "enclave")) {
                list.see("a new enclave is served at the same port", () -> {
                    second.awaitLine("serving", "serving"::equals, PATIENCE);
                    expect(eventually("/"), "Hello from the enclave!\n");
                });
                list.see("SIGTERM drains the enclave and ends it with 0", () -> {
                    second.terminate();
                    expect(second.awaitExit(PATIENCE), 0);
                });
            }
            list.see("SIGTERM drains the host and ends it with 0", () -> {
                host.terminate();
                expect(host.awaitExit(PATIENCE), 0);
            });
        }
    }

    private ChildJvm start(String name, String role) throws IOException {
        return Hello.start(name, role, meeting, port, allowed);
    }

    /** The port opens a moment after the handshake, so the first tries may find nobody. */
    private String eventually(String path) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                HttpResponse<String> response = get(path);
                if (response.statusCode() == 200 || System.nanoTime() > deadline) {
                    return response.body();
                }
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
            Thread.sleep(50);
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(PATIENCE)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
