package io.ebridge.testkit.attest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Hands on what a service answers, but for one document, which it spoils. */
final class FaultyProxy implements AutoCloseable {

    /** A way to spoil an answer. */
    enum Fault {
        NO_SUCH_DOCUMENT,
        TOO_MANY_REQUESTS,
        FORBIDDEN,
        NO_ANSWER,
        TOO_LONG,
        NO_ISSUER_CHAIN,
        SPOILT_ISSUER_CHAIN,
        OTHER_ISSUER_CHAIN
    }

    private static final String CHAIN_SUFFIX = "-Issuer-Chain";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI service;
    private final String path;
    private final Fault fault;
    private final String otherChain;

    /**
     * Starts a proxy.
     *
     * @param service what is behind it
     * @param path part of the path of the document that is spoilt
     * @param otherChain a chain in PEM, percent-encoded, for {@link Fault#OTHER_ISSUER_CHAIN}
     */
    FaultyProxy(URI service, String path, Fault fault, String otherChain) throws IOException {
        this.service = service;
        this.path = path;
        this.fault = fault;
        this.otherChain = otherChain;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI base() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + service.getPath());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean spoilt = exchange.getRequestURI().getPath().contains(path);
            if (spoilt && fault == Fault.NO_SUCH_DOCUMENT) {
                exchange.sendResponseHeaders(404, -1);
            } else if (spoilt && fault == Fault.TOO_MANY_REQUESTS) {
                exchange.getResponseHeaders().set("Retry-After", "3600");
                exchange.sendResponseHeaders(429, -1);
            } else if (spoilt && fault == Fault.FORBIDDEN) {
                exchange.sendResponseHeaders(403, -1);
            } else if (spoilt && fault == Fault.TOO_LONG) {
                byte[] body = new byte[200_000];
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } else if (spoilt && fault == Fault.NO_ANSWER) {
                closed.await(30, TimeUnit.SECONDS);
            } else {
                handOn(exchange, spoilt);
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException("closed");
        }
    }

    private void handOn(HttpExchange exchange, boolean spoilt) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = client.send(
                HttpRequest.newBuilder(service.resolve(exchange.getRequestURI()))
                        .timeout(Duration.ofSeconds(5))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        Optional<String> header = answer.headers().map().keySet().stream()
                .filter(name -> name.toLowerCase(java.util.Locale.ROOT)
                        .endsWith(CHAIN_SUFFIX.toLowerCase(java.util.Locale.ROOT)))
                .findFirst();
        if (header.isPresent() && !(spoilt && fault == Fault.NO_ISSUER_CHAIN)) {
            String chain = answer.headers().firstValue(header.get()).orElseThrow();
            if (spoilt && fault == Fault.SPOILT_ISSUER_CHAIN) {
                chain = "no%20chain";
            } else if (spoilt && fault == Fault.OTHER_ISSUER_CHAIN) {
                chain = otherChain;
            }
            exchange.getResponseHeaders().set(header.get(), chain);
        }
        exchange.sendResponseHeaders(answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
        exchange.getResponseBody().write(answer.body());
    }

    @Override
    public void close() throws InterruptedException {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
        threads.awaitTermination(5, TimeUnit.SECONDS);
    }
}
