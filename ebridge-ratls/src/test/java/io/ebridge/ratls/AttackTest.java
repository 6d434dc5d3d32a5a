package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.PlainTls.RawFrame;
import io.ebridge.ratls.strict.Answer;
import io.ebridge.ratls.strict.BatchQuoter;
import io.ebridge.ratls.strict.Challenge;
import io.ebridge.ratls.strict.Role;
import io.ebridge.ratls.tls.Leaf;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import io.ebridge.testkit.attest.FakeSgx;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One real attacker between the parties for each class of attack, on every TLS implementation. */
class AttackTest {

    private static final int CHALLENGE = 1;
    private static final int ANSWER = 2;
    private static final int VERDICT = 3;
    private static final int DATA = 5;
    /** Where the batch's size stands in an answer, the index four bytes on. */
    private static final int PLACE = 3 + 32 + 1 + "localhost".length();

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    /** What an evil server does with a connection. */
    private interface Evil {
        void serve(SSLSocket socket) throws Exception;
    }

    private int evilServer(Leaf leaf, Evil evil) throws Exception {
        SSLServerSocket listener = rig.keep(PlainTls.listen(leaf));
        rig.threads.execute(() -> {
            try (SSLSocket socket = (SSLSocket) listener.accept()) {
                evil.serve(socket);
                // Stays, so that the victim's own judgement ends the session.
                socket.getInputStream().readAllBytes();
            } catch (Exception e) {
                rig.outcomes.add(e);
            }
        });
        return listener.getLocalPort();
    }

    private int genuine(TlsProvider provider) throws Exception {
        return rig.echo(
                AttestedTls.server(rig.identity("localhost")).provider(provider).sslContext());
    }

    private SSLSocket dial(AttestedClient client, int port) throws Exception {
        return rig.keep((SSLSocket) client.sslContext().getSocketFactory().createSocket("localhost", port));
    }

    private static byte[] challenge(String service) {
        byte[] nonce = new byte[32];
        new SecureRandom().nextBytes(nonce);
        return new Challenge(
                        Role.CLIENT,
                        Bytes.of(nonce),
                        Bytes.of(new byte[32]),
                        true,
                        Set.of(EvidenceFormat.NITRO),
                        service)
                .encode();
    }

    private void assertRefused(SSLSocket socket, Reason reason) {
        Throwable thrown = catchThrowable(() -> Rig.call(socket, "secret"));
        assertThat(thrown).isNotNull();
        assertThat(AttestedTlsException.in(thrown)).as("%s", thrown).hasValueSatisfying(e -> assertThat(e.reason())
                .isEqualTo(reason));
    }

    private void assertUnbound(SSLSocket socket) {
        Throwable thrown = catchThrowable(() -> Rig.call(socket, "secret"));
        assertThat(thrown).isInstanceOf(AttestedTlsException.class);
        assertThat(thrown.getCause())
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.REPORT_DATA_MISMATCH));
    }

    // ---- relay and key reuse

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void relayOfGenuineEvidence(TlsProvider provider) throws Exception {
        int port = Relay.start(rig, PlainTls.leaf("localhost"), genuine(provider), (way, frame) -> List.of(frame));
        assertUnbound(dial(Rig.client(provider), port));
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void relayWithTheEnclavesOwnKey(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int target = rig.echo(AttestedTls.server(identity).provider(provider).sslContext());
        int port = Relay.start(rig, identity.core(true).leaf(), target, (way, frame) -> List.of(frame));
        assertUnbound(dial(Rig.client(provider), port));
    }

    // ---- replay

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void replayOfAnEarlierAnswer(TlsProvider provider) throws Exception {
        ServiceIdentity identity = rig.identity("localhost");
        int target = rig.echo(AttestedTls.server(identity).provider(provider).sslContext());
        RawFrame recorded;
        try (SSLSocket thief = PlainTls.connect(target)) {
            thief.getOutputStream().write(new RawFrame(CHALLENGE, challenge("localhost")).encode());
            recorded = RawFrame.read(thief.getInputStream());
        }
        assertThat(recorded.type()).isEqualTo(ANSWER);

        int port = evilServer(identity.core(true).leaf(), socket -> {
            RawFrame.read(socket.getInputStream());
            socket.getOutputStream().write(recorded.encode());
        });
        assertUnbound(dial(Rig.client(provider), port));
    }

    // ---- diversion and wrong SNI

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void diversionToAnotherServiceWithTheSameCode(TlsProvider provider) throws Exception {
        int billing = rig.echo(
                AttestedTls.server(rig.identity("billing")).provider(provider).sslContext());
        assertRefused(dial(Rig.client(provider), billing), Reason.SERVICE_IDENTITY);
        // The relay's certificate has the right name; the evidence has not.
        int port = Relay.start(rig, PlainTls.leaf("localhost"), billing, (way, frame) -> List.of(frame));
        assertRefused(dial(Rig.client(provider), port), Reason.SERVICE_IDENTITY);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void wrongSni(TlsProvider provider) throws Exception {
        int port = genuine(provider);
        SSLSocket socket = rig.keep((SSLSocket) Rig.client(provider)
                .sslContext()
                .getSocketFactory()
                .createSocket(new Socket("localhost", port), "orders.example.com", port, true));
        assertRefused(socket, Reason.SERVICE_IDENTITY);
    }

    // ---- reflection

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void reflectionOfTheClientsOwnMessages(TlsProvider provider) throws Exception {
        int mirror = evilServer(PlainTls.leaf("localhost"), socket -> {
            while (true) {
                socket.getOutputStream()
                        .write(RawFrame.read(socket.getInputStream()).encode());
            }
        });
        assertRefused(dial(Rig.client(provider).identity(rig.identity("localhost")), mirror), Reason.OUT_OF_TURN);
        // The roles changed in flight: the client quotes for the attacker, and then must not believe its own quote.
        int changing = evilServer(PlainTls.leaf("localhost"), socket -> {
            while (true) {
                RawFrame frame = RawFrame.read(socket.getInputStream());
                frame.payload()[1] = (byte) Role.SERVER.code();
                socket.getOutputStream().write(frame.encode());
            }
        });
        assertUnbound(dial(Rig.client(provider).identity(rig.identity("localhost")), changing));
    }

    // ---- downgrade

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void plainTlsServer(TlsProvider provider) throws Exception {
        int port = evilServer(PlainTls.leaf("localhost"), socket -> socket.getOutputStream()
                .write("HTTP/1.1 200 OK\r\n\r\n".getBytes()));
        assertRefused(dial(Rig.client(provider), port), Reason.NOT_ATTESTED);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void plainTlsClient(TlsProvider provider) throws Exception {
        try (SSLSocket socket = PlainTls.connect(genuine(provider))) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
            assertThat(rig.outcome()).isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                    .isEqualTo(Reason.NOT_ATTESTED));
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void olderTls(TlsProvider provider) throws Exception {
        SSLServerSocket listener = rig.keep(PlainTls.listen(PlainTls.leaf("localhost")));
        listener.setEnabledProtocols(new String[] {"TLSv1.2"});
        rig.threads.execute(() -> {
            try (SSLSocket socket = (SSLSocket) listener.accept()) {
                socket.startHandshake();
                rig.outcomes.add("accepted");
            } catch (IOException e) {
                rig.outcomes.add(e);
            }
        });
        SSLSocket socket = dial(Rig.client(provider), listener.getLocalPort());
        assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
        assertThat(rig.outcome()).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void verdictInPlaceOfAnAnswer(TlsProvider provider) throws Exception {
        int port = evilServer(PlainTls.leaf("localhost"), socket -> socket.getOutputStream()
                .write(new RawFrame(VERDICT, new byte[] {1, 0}).encode()));
        assertRefused(dial(Rig.client(provider), port), Reason.OUT_OF_TURN);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void challengeStrippedByARelay(TlsProvider provider) throws Exception {
        int port = Relay.start(
                rig,
                PlainTls.leaf("localhost"),
                genuine(provider),
                (way, frame) -> frame.type() == CHALLENGE ? List.of() : List.of(frame));
        assertRefused(dial(Rig.client(provider).timeout(Duration.ofSeconds(1)), port), Reason.TIMEOUT);
    }

    // ---- resumption

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void resumptionByAClientThatTries(TlsProvider provider) throws Exception {
        int port = genuine(provider);
        PlainTls.Gullible trust = new PlainTls.Gullible();
        SSLContext eager = PlainTls.context(null, trust);
        for (int i = 1; i <= 3; i++) {
            try (SSLSocket socket = (SSLSocket) eager.getSocketFactory().createSocket("localhost", port)) {
                socket.setEnabledProtocols(new String[] {"TLSv1.3"});
                socket.getOutputStream().write(new RawFrame(CHALLENGE, challenge("localhost")).encode());
                assertThat(RawFrame.read(socket.getInputStream()).type()).isEqualTo(ANSWER);
                assertThat(trust.asked).hasValue(i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void resumptionOfferedByAServer(TlsProvider provider) throws Exception {
        // A relay with one context for all connections offers tickets; the client's sessions must be new nevertheless.
        int port = Relay.start(rig, PlainTls.leaf("localhost"), genuine(provider), (way, frame) -> List.of(frame));
        SSLContext client = Rig.client(provider).sslContext();
        for (int i = 0; i < 3; i++) {
            SSLSocket socket = rig.keep((SSLSocket) client.getSocketFactory().createSocket("localhost", port));
            assertUnbound(socket);
        }
    }

    // ---- early application data

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void earlyDataFromTheServer(TlsProvider provider) throws Exception {
        int port = evilServer(PlainTls.leaf("localhost"), socket -> socket.getOutputStream()
                .write(new RawFrame(DATA, "early".getBytes()).encode()));
        assertRefused(dial(Rig.client(provider), port), Reason.EARLY_DATA);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void earlyDataFromTheClient(TlsProvider provider) throws Exception {
        try (SSLSocket socket = PlainTls.connect(genuine(provider))) {
            socket.getOutputStream().write(new RawFrame(DATA, "early".getBytes()).encode());
            assertThat(rig.outcome()).isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                    .isEqualTo(Reason.EARLY_DATA));
        }
    }

    // ---- configuration, TCB

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void anotherConfigurationRootThanTheOneThatWasQuoted(TlsProvider provider) throws Exception {
        int port = Relay.start(rig, PlainTls.leaf("localhost"), genuine(provider), (way, frame) -> {
            if (frame.type() == ANSWER) {
                frame.payload()[3] ^= 1;
            }
            return List.of(frame);
        });
        assertUnbound(dial(Rig.client(provider), port));
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void staleTcb(TlsProvider provider) throws Exception {
        FakeQuotingEnclave good = FakeQuotingEnclave.sgx();
        FakeQuotingEnclave stale = FakeQuotingEnclave.of(FakeSgx.standard().tcb(TcbStatus.OUT_OF_DATE))
                .attachingCollateral();
        int port = rig.echo(AttestedTls.server(rig.identity("localhost", stale))
                .provider(provider)
                .sslContext());
        Throwable thrown = catchThrowable(() -> Rig.call(dial(Rig.client(provider, stale), port), "secret"));
        assertThat(thrown).isInstanceOf(AttestedTlsException.class);
        assertThat(thrown.getCause())
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.TCB_OUT_OF_DATE));
        // And with a current one the same parties talk, the collateral sent along.
        int fine = rig.echo(AttestedTls.server(rig.identity("localhost", good.attachingCollateral()))
                .provider(provider)
                .sslContext());
        AttestedClient client = AttestedTls.client(good.policy())
                .provider(provider)
                .verifier(io.ebridge.attest.EvidenceVerifier.builder()
                        .trustAnchors(good.trustAnchors())
                        .build());
        assertThat(Rig.call(dial(client, fine), "hello")).isEqualTo("HELLO");
    }

    // ---- oversized and slow peers

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void oversizedMessages(TlsProvider provider) throws Exception {
        int announced = evilServer(PlainTls.leaf("localhost"), socket -> socket.getOutputStream()
                .write(new byte[] {ANSWER, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF}));
        assertRefused(dial(Rig.client(provider), announced), Reason.TOO_LARGE);
        int evidence = Relay.start(
                rig,
                PlainTls.leaf("localhost"),
                genuine(provider),
                (way, frame) -> frame.type() == ANSWER
                        ? List.of(new RawFrame(ANSWER, overlong(frame.payload())))
                        : List.of(frame));
        assertRefused(dial(Rig.client(provider), evidence), Reason.TOO_LARGE);
        try (SSLSocket socket = PlainTls.connect(genuine(provider))) {
            socket.getOutputStream().write(new RawFrame(CHALLENGE, new byte[513]).encode());
            assertThat(rig.outcome()).isInstanceOf(IOException.class);
        }
    }

    /** The answer with evidence of 64 KiB and one byte. */
    private static byte[] overlong(byte[] answer) {
        int length = 64 * 1024 + 1;
        int at = PLACE + 4 + 4 + 1 + 1;
        byte[] longer = java.util.Arrays.copyOf(answer, at + 3 + length + 1);
        longer[at] = (byte) (length >>> 16);
        longer[at + 1] = (byte) (length >>> 8);
        longer[at + 2] = (byte) length;
        return longer;
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void silentAndSlowServers(TlsProvider provider) throws Exception {
        int silent = evilServer(PlainTls.leaf("localhost"), socket -> socket.startHandshake());
        assertRefused(dial(Rig.client(provider).timeout(Duration.ofSeconds(1)), silent), Reason.TIMEOUT);
        CountDownLatch never = new CountDownLatch(1);
        int slow = evilServer(PlainTls.leaf("localhost"), socket -> {
            socket.getOutputStream().write(new byte[] {ANSWER, 0, 4, 0});
            while (!never.await(100, TimeUnit.MILLISECONDS)) {
                socket.getOutputStream().write(0);
            }
        });
        assertRefused(dial(Rig.client(provider).timeout(Duration.ofSeconds(1)), slow), Reason.TIMEOUT);
        // One that does not even speak TLS.
        try (ServerSocket mute = new ServerSocket(0)) {
            assertRefused(
                    dial(Rig.client(provider).timeout(Duration.ofSeconds(1)), mute.getLocalPort()), Reason.TIMEOUT);
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void silentClient(TlsProvider provider) throws Exception {
        int port = rig.echo(AttestedTls.server(rig.identity("localhost"))
                .provider(provider)
                .timeout(Duration.ofSeconds(1))
                .sslContext());
        try (SSLSocket socket = PlainTls.connect(port)) {
            socket.startHandshake();
            assertThat(rig.outcome()).isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                    .isEqualTo(Reason.TIMEOUT));
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void clientThatChallengesWithoutEnd(TlsProvider provider) throws Exception {
        try (SSLSocket socket = PlainTls.connect(genuine(provider))) {
            for (int i = 0; i < 2; i++) {
                socket.getOutputStream().write(new RawFrame(CHALLENGE, challenge("localhost")).encode());
                RawFrame answer = RawFrame.read(socket.getInputStream());
                if (answer.type() == ANSWER) {
                    socket.getOutputStream().write(new RawFrame(VERDICT, new byte[] {1, 0}).encode());
                }
            }
            assertThat(rig.outcome()).isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                    .isEqualTo(Reason.TOO_FREQUENT));
        }
    }

    // ---- batches

    @Test
    void anotherAnswersPathFitsNoBinding() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        io.ebridge.testkit.attest.FakeQuotingEnclave enclave = Rig.ENCLAVE;
        try (BatchQuoter quoter = new BatchQuoter(new Gated(enclave, gate), 100, 100)) {
            byte[][] bindings = new byte[8][64];
            List<java.util.concurrent.CompletableFuture<Answer.Quote>> quotes = new java.util.ArrayList<>();
            for (int i = 0; i < bindings.length; i++) {
                bindings[i][0] = (byte) i;
                quotes.add(quoter.quote(bindings[i]));
            }
            gate.countDown();
            Answer.Quote last = quotes.get(7).get(10, TimeUnit.SECONDS);
            assertThat(last.batch()).isGreaterThan(1);
            assertThat(enclave.verifier()
                            .verify(last.evidence(), enclave.policy().withReportData(last.reportData(bindings[7]))))
                    .isNotNull();
            for (int i = 0; i < 7; i++) {
                byte[] other = bindings[i];
                assertThatThrownBy(() -> enclave.verifier()
                                .verify(last.evidence(), enclave.policy().withReportData(last.reportData(other))))
                        .isInstanceOf(EvidenceRejectedException.class);
            }
        }
    }

    /** Two connections whose bindings are quoted together, and a relay that gives each the other's place. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void answersOfOneBatchSwappedByARelay(TlsProvider provider) throws Exception {
        for (int attempt = 1; ; attempt++) {
            if (swapped(provider) >= 2) {
                return;
            }
            assertThat(attempt).as("attempts at a batch").isLessThan(8);
        }
    }

    private int swapped(TlsProvider provider) throws Exception {
        ScriptedProvider enclave = new ScriptedProvider(Rig.ENCLAVE);
        CountDownLatch gate = new CountDownLatch(1);
        enclave.gate = gate;
        int target = rig.echo(AttestedTls.server(rig.identity("localhost", enclave))
                .provider(provider)
                .sslContext());
        // The first binding occupies the quoter alone; those after it wait together.
        SSLSocket first = rig.keep(PlainTls.connect(target));
        first.getOutputStream().write(new RawFrame(CHALLENGE, challenge("localhost")).encode());
        java.util.concurrent.Exchanger<byte[]> meeting = new java.util.concurrent.Exchanger<>();
        CountDownLatch asked = new CountDownLatch(2);
        java.util.concurrent.atomic.AtomicInteger batch = new java.util.concurrent.atomic.AtomicInteger();
        List<java.util.concurrent.Future<?>> victims = new java.util.ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int port = Relay.start(rig, PlainTls.leaf("localhost"), target, (way, frame) -> {
                if (frame.type() == CHALLENGE) {
                    asked.countDown();
                }
                if (frame.type() != ANSWER) {
                    return List.of(frame);
                }
                batch.set(frame.payload()[PLACE + 3]);
                try {
                    return List.of(new RawFrame(ANSWER, meeting.exchange(frame.payload(), 10, TimeUnit.SECONDS)));
                } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
                    throw new AssertionError(e);
                }
            });
            victims.add(rig.threads.submit(() -> {
                assertUnbound(dial(Rig.client(provider), port));
                return null;
            }));
        }
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        // What was sent on has to reach the quoter's queue, which nobody outside can see; if it does not in time, there
        // is another attempt.
        CountDownLatch never = new CountDownLatch(1);
        assertThat(never.await(200, TimeUnit.MILLISECONDS)).isFalse();
        gate.countDown();
        for (java.util.concurrent.Future<?> victim : victims) {
            victim.get(20, TimeUnit.SECONDS);
        }
        return batch.get();
    }

    /** Whoever carries the bytes can end them, but not in the peer's name. */
    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void connectionCutOffInTheMiddle(TlsProvider provider) throws Exception {
        int target = genuine(provider);
        ServerSocket listener = rig.keep(new ServerSocket(0, 5, java.net.InetAddress.getLoopbackAddress()));
        CountDownLatch cut = new CountDownLatch(1);
        rig.threads.execute(() -> {
            try (Socket victim = listener.accept();
                    Socket server = new Socket(java.net.InetAddress.getLoopbackAddress(), target)) {
                rig.threads.execute(() -> {
                    try {
                        victim.getInputStream().transferTo(server.getOutputStream());
                    } catch (IOException e) {
                        rig.outcomes.add(e);
                    }
                });
                rig.threads.execute(() -> {
                    try {
                        server.getInputStream().transferTo(victim.getOutputStream());
                    } catch (IOException e) {
                        rig.outcomes.add(e);
                    }
                });
                cut.await(20, TimeUnit.SECONDS);
                victim.shutdownOutput();
                server.shutdownOutput();
                cut.await(1, TimeUnit.SECONDS);
            } catch (IOException | InterruptedException e) {
                rig.outcomes.add(e);
            }
        });
        SSLSocket socket = dial(Rig.client(provider), listener.getLocalPort());
        assertThat(Rig.call(socket, "hello")).isEqualTo("HELLO");
        cut.countDown();
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(java.io.EOFException.class);
    }

    @Test
    void queueIsBounded() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (BatchQuoter quoter = new BatchQuoter(new Gated(Rig.ENCLAVE, gate), 4, 4)) {
            List<java.util.concurrent.CompletableFuture<Answer.Quote>> quotes = new java.util.ArrayList<>();
            for (int i = 0; i < 20; i++) {
                quotes.add(quoter.quote(new byte[64]));
            }
            // One batch is at the gate, at most, and one queue full of others waits behind it.
            var refused = quotes.stream()
                    .filter(java.util.concurrent.CompletableFuture::isCompletedExceptionally)
                    .toList();
            assertThat(refused).hasSizeBetween(12, 16);
            assertThat(refused).allSatisfy(quote -> assertThat(AttestedTlsException.in(catchThrowable(quote::join))
                            .orElseThrow()
                            .reason())
                    .isEqualTo(Reason.OVERLOADED));
            gate.countDown();
            assertThat(quotes.get(0).get(10, TimeUnit.SECONDS)).isNotNull();
        }
    }

    /** An enclave whose first quote waits for a gate. */
    private record Gated(FakeQuotingEnclave enclave, CountDownLatch gate)
            implements io.ebridge.attest.EvidenceProvider {
        @Override
        public EvidenceFormat format() {
            return enclave.format();
        }

        @Override
        public io.ebridge.attest.Availability available() {
            return enclave.available();
        }

        @Override
        public io.ebridge.attest.Evidence quote(io.ebridge.attest.EvidenceRequest request)
                throws io.ebridge.attest.EvidenceUnavailableException {
            try {
                if (!gate.await(10, TimeUnit.SECONDS)) {
                    throw new AssertionError("the gate stayed shut");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return enclave.quote(request);
        }
    }
}
