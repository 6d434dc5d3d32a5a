package io.ebridge.ratls.strict;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One side of the STRICT protocol over one TLS session (PROTOCOL.md). Bytes of the session's application data go in and frames come out; quoting and
 * verifying are tasks that the driver runs. Time is given in nanoseconds of {@code System.nanoTime()}.
 *
 * <p>Fails closed: after the first error every call throws it. Thread-safe.
 */
public final class StrictSession {

    /** Takes application data that may pass. */
    public interface Sink {
        void accept(ByteBuffer data);
    }

    /** Told of each verdict on the peer. */
    public interface Verdicts {
        void accepted(AttestationResult result, Answer answer);
    }

    /** Limits of time: for an exchange, and between a verdict and the next challenge of ours; zero for never. */
    public record Timing(Duration exchange, Duration renewal) {}

    /** Challenges that come faster than this, without our having asked for them, are an attack on the quoter. */
    private static final long LEAST_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

    private static final int ACCEPTED = 0;
    private static final int REFUSED = 1;

    private enum Verifying {
        NOT,
        AWAIT_ANSWER,
        JUDGING,
        DONE
    }

    private enum Attesting {
        NOT,
        AWAIT_CHALLENGE,
        QUOTING,
        AWAIT_VERDICT,
        DONE
    }

    private final Role role;
    private final Binding.Channel channel;
    private final @Nullable Appraiser appraiser;
    private final String expectedService;
    private final @Nullable Attester attester;
    private final Timing timing;
    private final SecureRandom random;
    private final Verdicts verdicts;

    private final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);
    private @Nullable Frame incoming;
    private byte[] payload = new byte[0];
    private int received;
    private int announced;

    private final ArrayDeque<ByteBuffer> out = new ArrayDeque<>();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private int tasksRunning;

    private Verifying verifying = Verifying.NOT;
    private Attesting attesting = Attesting.NOT;
    private boolean verifyGate;
    private boolean attestGate;
    private boolean renewAsked;
    private @Nullable Challenge challenge;
    private byte[] challengeBytes = new byte[0];
    private @Nullable Bytes answeredRoot;
    private long verifyDeadline;
    private long attestDeadline;
    private long verifiedAt;
    private long challengedAt;
    private @Nullable AttestedTlsException failure;

    public StrictSession(
            Role role,
            Binding.Channel channel,
            @Nullable Appraiser appraiser,
            String expectedService,
            @Nullable Attester attester,
            Timing timing,
            SecureRandom random,
            Verdicts verdicts,
            long now) {
        this.role = role;
        this.channel = channel;
        this.appraiser = appraiser;
        this.expectedService = expectedService;
        this.attester = attester;
        this.timing = timing;
        this.random = random;
        this.verdicts = verdicts;
        if (attester == null && appraiser == null) {
            throw new IllegalArgumentException("neither side would attest");
        }
        if (appraiser != null) {
            challenge(now);
            verifyGate = true;
        }
        if (attester != null && (role == Role.SERVER || appraiser == null)) {
            attesting = Attesting.AWAIT_CHALLENGE;
            attestGate = true;
            attestDeadline = now + timing.exchange.toNanos();
        }
    }

    /** Whether application data may pass in both directions. */
    public synchronized boolean open() {
        return failure == null && !verifyGate && !attestGate;
    }

    public synchronized @Nullable AttestedTlsException failure() {
        return failure;
    }

    /** The next frame to send, as far as it is not sent yet; null if there is none. */
    public synchronized @Nullable ByteBuffer pending() {
        while (!out.isEmpty() && !out.peek().hasRemaining()) {
            out.poll();
        }
        return out.peek();
    }

    /** Whether a task is to be run, or runs. */
    public synchronized boolean busy() {
        return !tasks.isEmpty() || tasksRunning > 0;
    }

    public synchronized @Nullable Runnable nextTask() {
        Runnable next = tasks.poll();
        if (next == null) {
            return null;
        }
        tasksRunning++;
        return () -> {
            try {
                next.run();
            } finally {
                synchronized (this) {
                    tasksRunning--;
                }
            }
        };
    }

    /** To be called before data is sent or received: starts what is due and finds what is late. */
    public synchronized void tick(long now) throws AttestedTlsException {
        check();
        boolean lateVerify =
                (verifying == Verifying.AWAIT_ANSWER || verifying == Verifying.JUDGING) && now - verifyDeadline > 0;
        boolean lateAttest = attestGate && now - attestDeadline > 0;
        if (lateVerify || lateAttest) {
            throw fail(new AttestedTlsException(
                    Reason.TIMEOUT, "no verdict within " + timing.exchange.toMillis() + " ms"));
        }
        if (verifying == Verifying.DONE && !timing.renewal.isZero() && now - verifiedAt >= timing.renewal.toNanos()) {
            challenge(now);
        }
        Attester own = attester;
        if (attesting == Attesting.DONE
                && own != null
                && !own.configurationRoot().equals(answeredRoot)) {
            out.add(Frame.RENEW.encode(new byte[] {Challenge.VERSION}));
            attesting = Attesting.AWAIT_CHALLENGE;
            attestGate = true;
            renewAsked = true;
            attestDeadline = now + timing.exchange.toNanos();
        }
    }

    /** Takes decrypted bytes. */
    public synchronized void receive(ByteBuffer in, Sink sink, long now) throws AttestedTlsException {
        check();
        try {
            while (in.hasRemaining()) {
                if (incoming == null) {
                    readHeader(in);
                } else if (incoming == Frame.DATA) {
                    ByteBuffer part = in.slice();
                    part.limit(Math.min(part.limit(), announced - received));
                    received += part.remaining();
                    in.position(in.position() + part.remaining());
                    sink.accept(part);
                } else {
                    int part = Math.min(in.remaining(), announced - received);
                    if (received + part > payload.length) {
                        // Grows with what has come, not with what was announced.
                        payload = java.util.Arrays.copyOf(
                                payload, Math.min(announced, Math.max(received + part, 2 * payload.length)));
                    }
                    in.get(payload, received, part);
                    received += part;
                }
                if (incoming != null && received == announced) {
                    Frame complete = incoming;
                    byte[] bytes = received == payload.length ? payload : java.util.Arrays.copyOf(payload, received);
                    incoming = null;
                    payload = new byte[0];
                    handle(complete, bytes, now);
                }
            }
        } catch (AttestedTlsException e) {
            throw fail(e);
        }
    }

    /** The peer ended the TLS session. */
    public synchronized void end() throws AttestedTlsException {
        if (failure == null && !open()) {
            throw fail(new AttestedTlsException(Reason.PEER_REFUSED, "the peer closed before the verdict"));
        }
    }

    public synchronized AttestedTlsException fail(AttestedTlsException reason) {
        if (failure == null) {
            failure = reason;
            out.clear();
            tasks.clear();
            if (reason.reason() != Reason.PEER_REFUSED) {
                out.add(Frame.VERDICT.encode(new byte[] {Challenge.VERSION, REFUSED}));
            }
        }
        return failure;
    }

    private void check() throws AttestedTlsException {
        if (failure != null) {
            throw failure;
        }
    }

    private void readHeader(ByteBuffer in) throws AttestedTlsException {
        while (in.hasRemaining() && header.hasRemaining()) {
            header.put(in.get());
        }
        Frame frame = Frame.of(header.get(0));
        if (frame == null) {
            throw new AttestedTlsException(
                    verifying == Verifying.DONE || attesting == Attesting.DONE ? Reason.MALFORMED : Reason.NOT_ATTESTED,
                    "the peer does not speak the attestation protocol");
        }
        if (header.hasRemaining()) {
            return;
        }
        announced = (header.get(1) & 0xFF) << 16 | (header.get(2) & 0xFF) << 8 | header.get(3) & 0xFF;
        header.clear();
        if (announced > frame.limit()) {
            throw new AttestedTlsException(Reason.TOO_LARGE, frame + " of " + announced + " bytes");
        }
        if (announced == 0) {
            throw new AttestedTlsException(Reason.MALFORMED, frame + " without content");
        }
        if (frame == Frame.DATA && !mayReceive()) {
            throw new AttestedTlsException(Reason.EARLY_DATA, "application data before the verdict");
        }
        incoming = frame;
        received = 0;
    }

    /** While this side asks to be challenged anew, data that the peer has sent before it knew of that still arrives. */
    private boolean mayReceive() {
        return failure == null && !verifyGate && (!attestGate || renewAsked);
    }

    private void handle(Frame frame, byte[] bytes, long now) throws AttestedTlsException {
        switch (frame) {
            case CHALLENGE -> challenged(bytes, now);
            case ANSWER -> answered(bytes, now);
            case VERDICT -> verdict(bytes);
            case RENEW -> renew(bytes, now);
            case DATA -> {}
        }
    }

    private void challenge(long now) {
        byte[] nonce = new byte[32];
        random.nextBytes(nonce);
        Appraiser by = java.util.Objects.requireNonNull(appraiser);
        challenge = new Challenge(
                role, Bytes.of(nonce), by.policyHash(), true, by.policies().keySet(), expectedService);
        challengeBytes = challenge.encode();
        out.add(Frame.CHALLENGE.encode(challengeBytes));
        verifying = Verifying.AWAIT_ANSWER;
        verifyDeadline = now + timing.exchange.toNanos();
    }

    private void challenged(byte[] bytes, long now) throws AttestedTlsException {
        Attester by = attester;
        if (by == null) {
            throw new AttestedTlsException(
                    Reason.IDENTITY_REQUIRED, "the peer demands evidence and this side has no identity");
        }
        if (attesting != Attesting.AWAIT_CHALLENGE
                && attesting != Attesting.DONE
                && !(attesting == Attesting.NOT && role == Role.CLIENT)) {
            throw new AttestedTlsException(Reason.OUT_OF_TURN, "a challenge while one is outstanding");
        }
        if (attesting == Attesting.DONE && now - challengedAt < LEAST_INTERVAL_NANOS) {
            throw new AttestedTlsException(Reason.TOO_FREQUENT, "challenged twice within a second");
        }
        Challenge asked = Challenge.decode(bytes);
        if (asked.from() != role.other()) {
            throw new AttestedTlsException(Reason.OUT_OF_TURN, "a challenge that was sent back to its sender");
        }
        if (!asked.formats().contains(by.format())) {
            throw new AttestedTlsException(Reason.FORMAT_NOT_WANTED, "the peer does not take " + by.format());
        }
        if (attesting == Attesting.NOT) {
            attestGate = true;
            attestDeadline = now + timing.exchange.toNanos();
        }
        attesting = Attesting.QUOTING;
        challengedAt = now;
        tasks.add(() -> quote(by, asked, bytes));
    }

    private void quote(Attester by, Challenge asked, byte[] bytes) {
        AttestedTlsException failed;
        try {
            Bytes root = by.configurationRoot();
            byte[] binding = Binding.of(role, channel, asked.nonce(), root, by.service(), bytes);
            Answer.Quote quote = by.quote(binding).get(timing.exchange.toNanos(), TimeUnit.NANOSECONDS);
            byte[] answer = new Answer(role, role == Role.SERVER && appraiser != null, root, by.service(), quote)
                    .encode(asked.collateralWelcome());
            synchronized (this) {
                if (failure == null) {
                    out.add(Frame.ANSWER.encode(answer));
                    answeredRoot = root;
                    attesting = Attesting.AWAIT_VERDICT;
                }
            }
            return;
        } catch (AttestedTlsException e) {
            failed = e;
        } catch (ExecutionException e) {
            failed = AttestedTlsException.in(e)
                    .orElseGet(() -> new AttestedTlsException(Reason.EVIDENCE_UNAVAILABLE, "quoting failed", e));
        } catch (TimeoutException e) {
            failed = new AttestedTlsException(Reason.TIMEOUT, "no quote in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed = new AttestedTlsException(Reason.EVIDENCE_UNAVAILABLE, "interrupted", e);
        } catch (RuntimeException e) {
            failed = new AttestedTlsException(Reason.EVIDENCE_UNAVAILABLE, "quoting failed", e);
        }
        fail(failed);
    }

    private void answered(byte[] bytes, long now) throws AttestedTlsException {
        Challenge asked = challenge;
        Appraiser by = appraiser;
        if (verifying != Verifying.AWAIT_ANSWER || asked == null || by == null) {
            throw new AttestedTlsException(Reason.OUT_OF_TURN, "an answer to no challenge");
        }
        Answer answer = Answer.decode(bytes);
        if (answer.from() != role.other()) {
            throw new AttestedTlsException(Reason.OUT_OF_TURN, "an answer that was sent back to its sender");
        }
        if (role == Role.SERVER && answer.mutual()) {
            throw new AttestedTlsException(Reason.MALFORMED, "a client's answer with a server's flag");
        }
        if (role == Role.CLIENT && answer.mutual() && attester == null) {
            throw new AttestedTlsException(
                    Reason.IDENTITY_REQUIRED, "the server demands evidence and this client has no identity");
        }
        if (role == Role.CLIENT && answer.mutual() && attesting == Attesting.NOT) {
            attesting = Attesting.AWAIT_CHALLENGE;
            attestGate = true;
            attestDeadline = now + timing.exchange.toNanos();
        }
        verifying = Verifying.JUDGING;
        byte[] challengePayload = challengeBytes;
        tasks.add(() -> judge(by, asked, challengePayload, answer));
    }

    private void judge(Appraiser by, Challenge asked, byte[] challengePayload, Answer answer) {
        try {
            byte[] binding = Binding.of(
                    role.other(),
                    channel.flipped(),
                    asked.nonce(),
                    answer.configurationRoot(),
                    answer.service(),
                    challengePayload);
            AttestationResult result = by.appraise(answer, asked, binding);
            synchronized (this) {
                if (failure != null) {
                    return;
                }
                verdicts.accepted(result, answer);
                out.add(Frame.VERDICT.encode(new byte[] {Challenge.VERSION, ACCEPTED}));
                verifying = Verifying.DONE;
                verifyGate = false;
                challenge = null;
                verifiedAt = System.nanoTime();
            }
        } catch (AttestedTlsException e) {
            fail(e);
        } catch (RuntimeException e) {
            fail(new AttestedTlsException(Reason.EVIDENCE_REJECTED, "verification broke off", e));
        }
    }

    private void verdict(byte[] bytes) throws AttestedTlsException {
        if (bytes.length != 2 || bytes[0] != Challenge.VERSION) {
            throw new AttestedTlsException(Reason.MALFORMED, "a verdict of another shape");
        }
        if (bytes[1] != ACCEPTED) {
            throw new AttestedTlsException(Reason.PEER_REFUSED, "the peer refused, or gave up");
        }
        if (attesting != Attesting.AWAIT_VERDICT) {
            throw new AttestedTlsException(Reason.OUT_OF_TURN, "a verdict on nothing");
        }
        attesting = Attesting.DONE;
        attestGate = false;
        renewAsked = false;
    }

    private void renew(byte[] bytes, long now) throws AttestedTlsException {
        if (bytes.length != 1 || bytes[0] != Challenge.VERSION) {
            throw new AttestedTlsException(Reason.MALFORMED, "a call for renewal of another shape");
        }
        if (verifying == Verifying.DONE) {
            challenge(now);
        } else if (verifying != Verifying.AWAIT_ANSWER || verifyGate) {
            throw new AttestedTlsException(Reason.OUT_OF_TURN, "a call for renewal before the verdict");
        }
        verifyGate = true;
    }
}
