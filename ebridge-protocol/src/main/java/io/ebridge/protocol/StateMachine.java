package io.ebridge.protocol;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One side of one exchange on one connection, without the connection: bytes and time go in, bytes and events come out. The same few calls
 * drive all of them, so one adapter to a socket or an event loop serves every exchange.
 *
 * <pre>{@code
 * while (in.hasRemaining() && !machine.isDone()) {
 *     machine.receive(in, System.nanoTime()).ifPresent(this::onEvent);
 * }
 * machine.pollOutput().ifPresent(this::write);
 * machine.timeLeft(System.nanoTime()).ifPresent(this::callTickIn);
 * }</pre>
 *
 * <p><b>Guaranteed:</b> however the input is cut into buffers, the events, the outputs and the failure are the same and in the same
 * order. Input is consumed byte by byte up to the end of one event and never beyond the end of the exchange: when {@link #isDone()} holds,
 * what is left in the buffer belongs to the caller's stream. Memory is bounded by {@link Limits}. A failure is final: every later call
 * throws it again.
 *
 * <p><b>Not guaranteed:</b> nothing happens by itself. Who does not call {@link #tick} gets no timeouts. Machines are not thread-safe; use
 * each from one thread, or one event loop, at a time.
 *
 * <p><b>Time</b> is a {@code long} in nanoseconds of any monotonic clock, such as {@link System#nanoTime()}. Only differences matter, and
 * they may wrap around.
 *
 * @param <E> what the exchange yields
 */
public abstract sealed class StateMachine<E>
        permits HostHandshake, EnclaveHandshake, TargetLineServer, TargetLineClient, Heartbeat {

    private @Nullable ProtocolException failure;
    private @Nullable ByteBuffer output;
    private boolean done;
    private @Nullable String step;
    private long stepStart;
    private long stepNanos;

    StateMachine() {}

    /**
     * Takes bytes from the other side, up to the end of the next event or of the buffer. Call again while the buffer has bytes left and
     * the machine is not done. Once done, takes nothing.
     *
     * @param in the bytes; its position moves behind what was taken
     * @param now the time, in nanoseconds
     * @return the event that the bytes completed, if any
     * @throws ProtocolException if the other side broke the protocol, or a step's time has run out
     */
    public final Optional<E> receive(ByteBuffer in, long now) throws ProtocolException {
        Objects.requireNonNull(in, "in");
        return guarded(() -> {
            if (done) {
                return Optional.empty();
            }
            checkStep(now);
            return in.hasRemaining() ? Optional.ofNullable(onBytes(in, now)) : Optional.empty();
        });
    }

    /**
     * Says that the other side will send no more. Once done, does nothing.
     *
     * @param now the time, in nanoseconds
     * @throws ProtocolException if the exchange is not complete
     */
    public final void endOfInput(long now) throws ProtocolException {
        guarded(() -> {
            if (!done) {
                checkStep(now);
                onEnd();
            }
            return Optional.empty();
        });
    }

    /**
     * Lets time pass: fails the step whose time has run out, and makes output that has become due.
     *
     * @param now the time, in nanoseconds
     * @throws ProtocolException if a step's time has run out
     */
    public final void tick(long now) throws ProtocolException {
        guarded(() -> {
            if (!done) {
                checkStep(now);
                onTick(now);
            }
            return Optional.empty();
        });
    }

    /**
     * Returns when {@link #tick} should be called next.
     *
     * @param now the time, in nanoseconds
     * @return the time until then, zero if it is due; empty if the machine waits for nothing
     */
    public final Optional<Duration> timeLeft(long now) {
        if (done || failure != null) {
            return Optional.empty();
        }
        return nextTick(now).map(left -> left.isNegative() ? Duration.ZERO : left);
    }

    /**
     * Takes the bytes that must be sent to the other side next. Call it after every other call until it returns empty. What became due
     * before a failure is still there after it; whether it is sent before the connection is closed makes no difference.
     *
     * @return a read-only buffer of the caller's own, or empty
     */
    public final Optional<ByteBuffer> pollOutput() {
        ByteBuffer out = output;
        output = null;
        return Optional.ofNullable(out);
    }

    /**
     * Tells whether the exchange has ended well, so that no more input is wanted. Output may still be waiting.
     *
     * @return true if no more input is wanted
     */
    public final boolean isDone() {
        return done;
    }

    /**
     * Returns what every further call will throw.
     *
     * @return the failure, or empty while there is none
     */
    public final Optional<ProtocolException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Takes bytes, at least one of which is there, up to the end of one event. */
    abstract @Nullable E onBytes(ByteBuffer in, long now) throws ProtocolException;

    /** Decides what the end of input means; returns if it is fine. */
    abstract void onEnd() throws ProtocolException;

    /** Makes output that is due. */
    void onTick(long now) throws ProtocolException {}

    /** The time until the next call of tick is wanted, negative if overdue. */
    Optional<Duration> nextTick(long now) {
        return step == null ? Optional.empty() : Optional.of(Duration.ofNanos(stepNanos - (now - stepStart)));
    }

    final void beginStep(String name, Duration limit, long now) {
        step = name;
        stepStart = now;
        stepNanos = limit.toNanos();
    }

    final void endStep() {
        step = null;
    }

    final void checkStep(long now) throws ProtocolException {
        if (step != null && now - stepStart >= stepNanos) {
            throw new ProtocolException(
                    ProtocolException.Reason.TIMEOUT, step + " took longer than " + Duration.ofNanos(stepNanos));
        }
    }

    final void finish() {
        done = true;
        step = null;
    }

    final void send(ByteBuffer bytes) {
        ByteBuffer waiting = output;
        if (waiting == null) {
            output = bytes.asReadOnlyBuffer();
        } else {
            ByteBuffer joined = ByteBuffer.allocate(waiting.remaining() + bytes.remaining());
            output = joined.put(waiting).put(bytes.duplicate()).flip().asReadOnlyBuffer();
        }
    }

    final boolean hasOutput() {
        return output != null;
    }

    final void guard(Action action) throws ProtocolException {
        guarded(() -> {
            action.run();
            return Optional.empty();
        });
    }

    private Optional<E> guarded(Body<E> body) throws ProtocolException {
        if (failure != null) {
            throw failure;
        }
        try {
            return body.run();
        } catch (ProtocolException e) {
            failure = e;
            throw e;
        }
    }

    interface Action {
        void run() throws ProtocolException;
    }

    private interface Body<E> {
        Optional<E> run() throws ProtocolException;
    }
}
