package io.ebridge.samples.notes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ebridge.kv.Ack;
import io.ebridge.kv.Entry;
import io.ebridge.kv.SealedNamespace;
import io.ebridge.kv.SealedStore;
import io.ebridge.kv.SealedStoreException;
import io.ebridge.kv.SealingKey;
import io.ebridge.kv.remote.HostStream;
import io.ebridge.kv.remote.RemoteHostStore;
import io.ebridge.kv.spi.MonotonicCounter;
import io.ebridge.protocol.BridgeConfig;
import io.ebridge.samples.support.Termination;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.vsock.VsockStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The service in the enclave: notes over HTTP, kept in a sealed store whose records lie with the host. */
final class NotesEnclave {
    private static final int MAX_NOTE = 1 << 20;

    private final SealedStore store;
    private final SealedNamespace notes;

    private NotesEnclave(SealedStore store) {
        this.store = store;
        this.notes = store.namespace("notes");
    }

    static void run(Options options) throws Exception {
        Termination termination = new Termination();
        Anchor anchor = Objects.requireNonNull(options.anchor());
        System.out.println("counter: " + anchor.description());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        ExecutorService workers = Executors.newFixedThreadPool(8);
        server.setExecutor(workers);
        try (EnclaveBridge bridge = EnclaveBridge.builder()
                        .transport(options.meeting().enclaveTransport())
                        .ownCid(options.meeting().cid())
                        .connect(env -> BridgeConfig.builder("notes")
                                .heartbeat(Duration.ofSeconds(2))
                                .serve(5001, 8080)
                                .build());
                RemoteHostStore host = RemoteHostStore.connect(timeout -> connect(bridge), "notes");
                SealingKey key = Notes.key();
                MonotonicCounter counter = anchor.open();
                SealedStore store = SealedStore.openOrCreate(host, key, Notes.options(counter))) {
            NotesEnclave enclave = new NotesEnclave(store);
            server.createContext("/", enclave::serve);
            server.start();
            bridge.expose(5001, server.getAddress());
            System.out.println("serving");
            termination.await();
            server.stop(1);
        } catch (SealedStoreException e) {
            System.out.println("refused to start: " + e.reason() + " " + e.getMessage());
            System.out.flush();
            // Not exit: there is nothing to drain.
            Runtime.getRuntime().halt(3);
        }
        workers.shutdownNow();
        System.out.println("drained");
        termination.finished();
    }

    private static HostStream connect(EnclaveBridge bridge) throws IOException {
        VsockStream stream = bridge.open(NotesHost.STORE_PORT);
        return HostStream.of(stream.inputStream(), stream.outputStream(), stream::close);
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        try (exchange) {
            try {
                if (path.equals("/notes") && method.equals("GET")) {
                    answer(exchange, 200, list());
                } else if (path.startsWith("/notes/") && path.length() > 7) {
                    note(exchange, method, path.substring(7).getBytes(StandardCharsets.UTF_8));
                } else if (path.equals("/verify") && method.equals("GET")) {
                    answer(exchange, 200, store.verify().orThrow().verified() + " records are good\n");
                } else if (path.equals("/readmit") && method.equals("POST")) {
                    store.readmit("notes");
                    answer(exchange, 200, "open again\n");
                } else {
                    answer(exchange, 404, "no such page\n");
                }
            } catch (SealedStoreException e) {
                System.out.println("caught " + e.reason() + ": " + e.getMessage());
                answer(exchange, 409, e.reason() + "\n");
            }
        }
    }

    private void note(HttpExchange exchange, String method, byte[] key) throws IOException {
        switch (method) {
            case "PUT" -> {
                byte[] text = exchange.getRequestBody().readNBytes(MAX_NOTE);
                Ack ack = notes.put(key, text);
                answer(exchange, 200, "stored, " + ack.durability() + "\n");
            }
            case "DELETE" -> {
                notes.delete(key);
                answer(exchange, 200, "gone\n");
            }
            case "GET" -> {
                byte[] text = notes.get(key);
                answer(exchange, text == null ? 404 : 200, text == null ? "no such note\n" : text(text));
            }
            default -> answer(exchange, 405, "PUT, GET or DELETE\n");
        }
    }

    private String list() {
        TreeMap<String, String> all = new TreeMap<>();
        for (Iterator<Entry> it = notes.entries(); it.hasNext(); ) {
            Entry entry = it.next();
            all.put(text(entry.key()), text(entry.value()));
        }
        StringBuilder text = new StringBuilder();
        all.forEach((name, note) -> text.append(name).append(": ").append(note).append('\n'));
        return text.toString();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }
}
