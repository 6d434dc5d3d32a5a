package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.strict.Answer;
import io.ebridge.ratls.strict.Appraiser;
import io.ebridge.ratls.strict.Attester;
import io.ebridge.ratls.strict.BatchQuoter;
import io.ebridge.ratls.strict.Binding;
import io.ebridge.ratls.strict.Frame;
import io.ebridge.ratls.strict.Role;
import io.ebridge.ratls.strict.StrictSession;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two state machines, no sockets, and a clock of the test's. */
class RenewalTest implements Attester {

    private static final Binding.Channel CLIENT = new Binding.Channel(
            Bytes.of(new byte[32]),
            Bytes.of("server".getBytes()).sha256(),
            Bytes.of("ekm".getBytes()).sha256());
    private static final StrictSession.Timing TIMING =
            new StrictSession.Timing(Duration.ofSeconds(10), Duration.ofMinutes(10));

    private final BatchQuoter quoter = new BatchQuoter(Rig.ENCLAVE, 16, 16);
    private final AtomicInteger verdicts = new AtomicInteger();
    private volatile Bytes root = Bytes.of(new byte[32]);
    private final long start = System.nanoTime();
    private final StrictSession client = new StrictSession(
            Role.CLIENT,
            CLIENT,
            Appraiser.of(List.of(Rig.ENCLAVE.policy()), Rig.ENCLAVE.verifier(), Set.of(), Bytes.of(new byte[32])),
            "service",
            null,
            TIMING,
            new SecureRandom(),
            (result, answer) -> verdicts.incrementAndGet(),
            start);
    private final StrictSession server = new StrictSession(
            Role.SERVER, CLIENT.flipped(), null, "", this, TIMING, new SecureRandom(), (r, a) -> {}, start);

    @AfterEach
    void close() {
        quoter.close();
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.NITRO;
    }

    @Override
    public String service() {
        return "service";
    }

    @Override
    public Bytes configurationRoot() {
        return root;
    }

    @Override
    public CompletableFuture<Answer.Quote> quote(byte[] binding) {
        return quoter.quote(binding);
    }

    /** Carries frames until neither side has any left. */
    private void exchange(long now) throws AttestedTlsException {
        boolean moved = true;
        while (moved) {
            moved = carry(client, server, now) | carry(server, client, now);
        }
    }

    private static boolean carry(StrictSession from, StrictSession to, long now) throws AttestedTlsException {
        boolean moved = false;
        for (Runnable task = from.nextTask(); task != null; task = from.nextTask()) {
            task.run();
        }
        for (ByteBuffer frame = from.pending(); frame != null; frame = from.pending()) {
            // In two pieces, to be sure that frames may be cut anywhere.
            ByteBuffer first = frame.slice();
            first.limit(Math.min(first.limit(), 3));
            frame.position(frame.position() + first.limit());
            to.receive(first, data -> {}, now);
            to.receive(frame, data -> {}, now);
            moved = true;
        }
        return moved;
    }

    private static byte[] data(String text) {
        ByteBuffer frame = Frame.DATA.encode(text.getBytes());
        return frame.array();
    }

    @Test
    void afterTheIntervalTheServiceIsChallengedAgainWithoutAPause() throws Exception {
        exchange(start);
        assertThat(client.open()).isTrue();
        assertThat(server.open()).isTrue();
        client.tick(start + Duration.ofMinutes(9).toNanos());
        assertThat(client.pending()).isNull();
        long later = System.nanoTime() + Duration.ofMinutes(11).toNanos();
        client.tick(later);
        assertThat(client.pending()).isNotNull();
        assertThat(client.open()).isTrue();
        exchange(later);
        assertThat(verdicts).hasValue(2);
        assertThat(client.open()).isTrue();
    }

    @Test
    void aServiceThatDoesNotAnswerTheRenewalIsCutOff() throws Exception {
        exchange(start);
        long later = System.nanoTime() + Duration.ofMinutes(11).toNanos();
        client.tick(later);
        client.tick(later + Duration.ofSeconds(9).toNanos());
        assertThatThrownBy(() -> client.tick(later + Duration.ofSeconds(11).toNanos()))
                .isInstanceOfSatisfying(
                        AttestedTlsException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT));
        assertThat(client.open()).isFalse();
    }

    @Test
    void aChangedConfigurationShutsTheServerUntilTheNewVerdict() throws Exception {
        exchange(start);
        root = Bytes.of("changed".getBytes()).sha256();
        long later = start + Duration.ofSeconds(5).toNanos();
        server.tick(later);
        assertThat(server.open()).isFalse();
        // What the client has sent before it knew still arrives.
        ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        server.receive(
                ByteBuffer.wrap(data("in flight")),
                part -> {
                    byte[] bytes = new byte[part.remaining()];
                    part.get(bytes);
                    arrived.writeBytes(bytes);
                },
                later);
        assertThat(arrived.toString()).isEqualTo("in flight");
        exchange(later);
        assertThat(server.open()).isTrue();
        assertThat(verdicts).hasValue(2);
    }

    @Test
    void dataBetweenRenewAndVerdictIsRefused() throws Exception {
        exchange(start);
        client.receive(Frame.RENEW.encode(new byte[] {1}), part -> {}, start);
        assertThat(client.open()).isFalse();
        assertThatThrownBy(() -> client.receive(ByteBuffer.wrap(data("stale")), part -> {}, start))
                .isInstanceOfSatisfying(
                        AttestedTlsException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EARLY_DATA));
    }

    @Test
    void anAnswerThatComesTwiceIsOutOfTurn() throws Exception {
        exchange(start);
        Answer.Quote quote = quoter.quote(new byte[64]).get(10, java.util.concurrent.TimeUnit.SECONDS);
        byte[] answer = new Answer(Role.SERVER, false, root, "service", quote).encode(false);
        assertThatThrownBy(() -> client.receive(Frame.ANSWER.encode(answer), part -> {}, start))
                .isInstanceOfSatisfying(
                        AttestedTlsException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OUT_OF_TURN));
    }
}
