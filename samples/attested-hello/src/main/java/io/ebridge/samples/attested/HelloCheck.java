package io.ebridge.samples.attested;

import static io.ebridge.samples.support.Checklist.expect;

import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.ratls.AttestedPeer;
import io.ebridge.ratls.AttestedTls;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.configuration.ConfigurationTree;
import io.ebridge.samples.support.Checklist;
import io.ebridge.samples.support.Checklist.StepFailedException;
import io.ebridge.samples.support.ChildJvm;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A client against the good service, against services that are not quite it, and against attackers in between. */
final class HelloCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final int[] ports;
    private final SSLContext context;

    private HelloCheck() throws IOException {
        directory = Files.createTempDirectory("attested-hello");
        ports = freePorts(Variant.values().length);
        FakeQuotingEnclave enclave = Variant.GOOD.enclave();
        // The client's whole set-up. With real hardware the verifier keeps its built-in anchors.
        context = AttestedTls.client(enclave.policy())
                .verifier(EvidenceVerifier.builder()
                        .trustAnchors(enclave.trustAnchors())
                        .build())
                .service(Variant.SERVICE)
                .configurationRoot(ConfigurationTree.builder()
                        .put("hello.config", HelloEnclave.CONFIGURATION)
                        .build()
                        .root())
                .sslContext();
    }

    /** Returns the exit code. */
    static int run() throws IOException {
        HelloCheck check = new HelloCheck();
        Checklist list = new Checklist();
        try {
            check.steps(list);
            System.out.println("all " + list.seen() + " steps seen");
            return 0;
        } catch (StepFailedException e) {
            System.out.println("failed: " + e.getMessage());
            return 1;
        } finally {
            try (var files = Files.list(check.directory)) {
                for (Path file : files.toList()) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(check.directory);
        }
    }

    private void steps(Checklist list) throws IOException, StepFailedException {
        String socket = directory.resolve("vsock").toString();
        List<String> hostArguments = new ArrayList<>(List.of("host", socket));
        for (int port : ports) {
            hostArguments.add(Integer.toString(port));
        }
        try (ChildJvm host = ChildJvm.start("host   ", AttestedHello.class, hostArguments, Map.of());
                ChildJvm enclave =
                        ChildJvm.start("enclave", AttestedHello.class, List.of("enclave", socket), Map.of())) {
            list.see("the enclave serves through the host's tunnel", () -> {
                host.awaitLine("bridged", "bridged: attested-hello"::equals, PATIENCE);
                enclave.awaitLine("serving", "serving"::equals, PATIENCE);
            });
            list.see("a good client is accepted, and sees whom it talks to", this::good);
            list.see(
                    "refused: wrong measurement",
                    () -> refused(port(Variant.WRONG_MEASUREMENT), RejectionReason.MEASUREMENT_MISMATCH));
            list.see("refused: debug enclave", () -> refused(port(Variant.DEBUG), RejectionReason.DEBUG));
            list.see("refused: expired evidence", () -> {
                RejectionReason reason = rejection(failure(port(Variant.EXPIRED)));
                expect(
                        reason == RejectionReason.CERTIFICATE_EXPIRED
                                || reason == RejectionReason.NITRO_TIMESTAMP_STALE,
                        "refused for " + reason);
            });
            list.see(
                    "refused: wrong service identity",
                    () -> expect(failure(port(Variant.WRONG_SERVICE)).reason(), Reason.SERVICE_IDENTITY));
            ByteArrayOutputStream recording = new ByteArrayOutputStream();
            list.see("refused: a relay that forwards evidence of the genuine enclave", () -> {
                try (Attacker relay = Attacker.relay(port(Variant.GOOD), recording)) {
                    refused(relay.port(), RejectionReason.REPORT_DATA_MISMATCH);
                }
                expect(recording.size() > 1000, "the relay forwarded no evidence");
            });
            list.see("refused: a plain TLS server", () -> {
                try (Attacker plain = Attacker.plain()) {
                    expect(failure(plain.port()).reason(), Reason.NOT_ATTESTED);
                }
            });
            list.see("refused: a replay of the genuine enclave's evidence", () -> {
                try (Attacker replay = Attacker.replay(recording.toByteArray())) {
                    refused(replay.port(), RejectionReason.REPORT_DATA_MISMATCH);
                }
            });
            list.see("refused: a resumed session, though the client offers one", this::resumption);
            list.see("and the good client is still accepted", this::good);
            list.see("SIGTERM ends the enclave with 0", () -> {
                enclave.terminate();
                expect(enclave.awaitExit(PATIENCE), 0);
            });
            list.see("SIGTERM ends the host with 0", () -> {
                host.terminate();
                expect(host.awaitExit(PATIENCE), 0);
            });
        }
    }

    private int port(Variant variant) {
        return ports[variant.ordinal()];
    }

    private void good() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                HttpResponse<String> response = get(port(Variant.GOOD));
                expect(response.body(), "Hello from the attested enclave!\n");
                AttestedPeer peer =
                        AttestedPeer.of(response.sslSession().orElseThrow()).orElseThrow();
                expect(peer.service(), Variant.SERVICE);
                expect(peer.mode(), AttestedPeer.Mode.STRICT);
                return;
            } catch (java.net.ConnectException e) {
                // The port opens a moment after the handshake.
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    private HttpResponse<String> get(int port) throws IOException, InterruptedException {
        HttpClient http = HttpClient.newBuilder().sslContext(context).build();
        return http.send(
                HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/"))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private AttestedTlsException failure(int port) throws IOException, InterruptedException {
        try {
            get(port);
        } catch (IOException e) {
            return AttestedTlsException.in(e)
                    .orElseThrow(() -> new IllegalStateException("it failed for another reason: " + e, e));
        }
        throw new IllegalStateException("it was accepted");
    }

    private static RejectionReason rejection(AttestedTlsException failure) {
        if (failure.getCause() instanceof EvidenceRejectedException rejected) {
            return rejected.reason();
        }
        throw new IllegalStateException("it failed for another reason: " + failure, failure);
    }

    private void refused(int port, RejectionReason reason) throws IOException, InterruptedException {
        expect(rejection(failure(port)), reason);
    }

    private void resumption() throws IOException {
        AtomicInteger shown = new AtomicInteger();
        SSLContext eager = Attacker.gullible(shown);
        for (int i = 1; i <= 3; i++) {
            try (SSLSocket socket = Attacker.connect(eager, port(Variant.GOOD))) {
                socket.startHandshake();
            }
            expect(shown.get(), i);
        }
    }

    private static int[] freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            int[] ports = new int[count];
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                ports[i] = socket.getLocalPort();
            }
            return ports;
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
