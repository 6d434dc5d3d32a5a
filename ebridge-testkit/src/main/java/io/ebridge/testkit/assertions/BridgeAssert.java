package io.ebridge.testkit.assertions;

import io.ebridge.testkit.BridgeRecorder;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.EnclaveLogLine;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions on the events and log lines of a bridge. Those that say something happened wait for it, five seconds unless {@link #within(Duration)} says otherwise. */
public final class BridgeAssert extends AbstractAssert<BridgeAssert, BridgeRecorder> {
    private Duration patience = Duration.ofSeconds(5);

    BridgeAssert(@Nullable BridgeRecorder actual) {
        super(actual, BridgeAssert.class);
    }

    /**
     * Sets how long the assertions that follow wait.
     *
     * @param timeout the longest wait
     * @return this
     */
    public BridgeAssert within(Duration timeout) {
        patience = Objects.requireNonNull(timeout, "timeout");
        return this;
    }

    /**
     * Says that an event of a kind was told.
     *
     * @param type the kind
     * @return this
     */
    public BridgeAssert saw(Class<? extends BridgeEvent> type) {
        isNotNull();
        if (event(type, e -> true).isEmpty()) {
            failWithMessage("Expected %s within %s, but saw %s", type.getSimpleName(), patience, actual.events());
        }
        return this;
    }

    /**
     * Says that no event of a kind has been told so far; does not wait.
     *
     * @param type the kind
     * @return this
     */
    public BridgeAssert hasNotSeen(Class<? extends BridgeEvent> type) {
        isNotNull();
        if (actual.events().stream().anyMatch(type::isInstance)) {
            failWithMessage("Expected no %s, but saw %s", type.getSimpleName(), actual.events());
        }
        return this;
    }

    /**
     * Says that a tunnel was refused.
     *
     * @param reason why
     * @return this
     */
    public BridgeAssert refused(BridgeReason reason) {
        isNotNull();
        if (event(BridgeEvent.Refused.class, e -> e.reason() == reason).isEmpty()) {
            failWithMessage("Expected a refusal for %s within %s, but saw %s", reason, patience, actual.events());
        }
        return this;
    }

    /**
     * Says that a stream through a tunnel ended properly after it carried a number of bytes.
     *
     * @param inward bytes towards the enclave
     * @param outward bytes out of the enclave
     * @return this
     */
    public BridgeAssert carried(long inward, long outward) {
        isNotNull();
        if (event(BridgeEvent.Closed.class, e -> e.cut() == null && e.inward() == inward && e.outward() == outward)
                .isEmpty()) {
            failWithMessage(
                    "Expected a stream that carried %s bytes inward and %s outward within %s, but saw %s",
                    inward, outward, patience, actual.events());
        }
        return this;
    }

    /**
     * Says that the enclave logged a line with some text.
     *
     * @param text part of the line
     * @return this
     */
    public BridgeAssert logged(String text) {
        isNotNull();
        try {
            Optional<EnclaveLogLine> line =
                    actual.awaitLine(l -> l.line().text().contains(text), patience);
            if (line.isEmpty()) {
                failWithMessage(
                        "Expected a log line with \"%s\" within %s, but the log has %s",
                        text, patience, actual.lines());
            }
        } catch (InterruptedException e) {
            interrupted(e);
        }
        return this;
    }

    private <E extends BridgeEvent> Optional<E> event(Class<E> type, Predicate<? super E> condition) {
        try {
            return actual.awaitEvent(type, condition, patience);
        } catch (InterruptedException e) {
            interrupted(e);
            return Optional.empty();
        }
    }

    private static void interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting", cause);
    }
}
