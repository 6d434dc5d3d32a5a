package io.ebridge.samples.hello;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ebridge.protocol.BridgeConfig;
import io.ebridge.protocol.Environment;
import io.ebridge.samples.support.Termination;
import io.ebridge.tunnel.EnclaveBridge;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Logger;

/** The service in the enclave: an ordinary HTTP server on its own loopback, and the bridge that connects it to the world. */
final class HelloEnclave {
    private static final Logger LOG = Logger.getLogger(HelloEnclave.class.getName());
    private static final int MAX_FETCH = 1 << 20;

    private final EnclaveBridge bridge;
    private final HttpClient client;

    private HelloEnclave(EnclaveBridge bridge) throws IOException {
        this.bridge = bridge;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .proxy(bridge.proxy().selector())
                .build();
    }

    static void run(Options options) throws Exception {
        Termination termination = new Termination();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        ExecutorService workers = Executors.newFixedThreadPool(8);
        server.setExecutor(workers);
        try (EnclaveBridge bridge = EnclaveBridge.builder()
                .transport(options.meeting().enclaveTransport())
                .ownCid(options.meeting().cid())
                .connect(env -> BridgeConfig.builder("hello")
                        .heartbeat(Duration.ofSeconds(5))
                        .serve(5001, 8080)
                        .outbound(5002)
                        .build())) {
            LOG.addHandler(bridge.logHandler());
            HelloEnclave enclave = new HelloEnclave(bridge);
            server.createContext("/", enclave::hello);
            server.createContext("/env", enclave::environment);
            server.createContext("/fetch", enclave::fetch);
            server.start();
            bridge.expose(5001, server.getAddress());
            LOG.info("serving");
            System.out.println("serving");
            termination.await();
            LOG.info("ending");
            server.stop(1);
            bridge.close(Duration.ofSeconds(10));
        }
        workers.shutdownNow();
        System.out.println("drained");
        termination.finished();
    }

    private void hello(HttpExchange exchange) throws IOException {
        LOG.info("asked for " + exchange.getRequestURI());
        boolean root = exchange.getRequestURI().getPath().equals("/");
        answer(exchange, root ? 200 : 404, root ? "Hello from the enclave!\n" : "no such page\n");
    }

    private void environment(HttpExchange exchange) throws IOException {
        Environment environment = bridge.environment();
        StringBuilder text = new StringBuilder();
        environment
                .asMap()
                .forEach((name, value) ->
                        text.append(name).append('=').append(value).append('\n'));
        answer(exchange, 200, text.toString());
    }

    private void fetch(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getRawQuery();
        if (query == null || !query.startsWith("url=")) {
            answer(exchange, 400, "say /fetch?url=http://…\n");
            return;
        }
        try {
            URI uri = URI.create(URLDecoder.decode(query.substring(4), StandardCharsets.UTF_8));
            HttpResponse<java.io.InputStream> response = client.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (var body = response.body()) {
                answer(exchange, response.statusCode(), new String(body.readNBytes(MAX_FETCH), StandardCharsets.UTF_8));
            }
        } catch (IOException | IllegalArgumentException e) {
            answer(exchange, 502, "could not fetch: " + e.getMessage() + "\n");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer(exchange, 503, "ending\n");
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
