package io.ebridge.protocol;

import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The enclave's side of a client tunnel's first line. Its first output is the target line; it yields the target once the host has
 * acknowledged it. Every byte behind the acknowledgement stays in the caller's buffer and belongs to the stream.
 *
 * <p>The end of the connection in place of the acknowledgement fails with {@link Reason#REFUSED}: the host's policy forbids the target, or
 * it could not be reached; the protocol does not say which. The answer has {@link Limits#targetReplyTime()}.
 */
public final class TargetLineClient extends StateMachine<Target> {
    private final Target target;
    private final Acknowledgement answer = new Acknowledgement();

    private TargetLineClient(Target target, Limits limits, long now) {
        this.target = target;
        send(target.toLine());
        beginStep("waiting for the connection to " + target, limits.targetReplyTime(), now);
    }

    /**
     * Starts on a connection to a client tunnel that was just made. Its output is there at once.
     *
     * @param target where to be connected to
     * @param limits the limits
     * @param now the time, in nanoseconds
     * @return the machine
     * @throws IllegalArgumentException if the target's line does not fit the limits
     */
    public static TargetLineClient start(Target target, Limits limits, long now) {
        Objects.requireNonNull(target, "target");
        if (target.toString().length() > limits.targetLineBytes()) {
            throw new IllegalArgumentException("the target is longer than " + limits.targetLineBytes() + " bytes");
        }
        return new TargetLineClient(target, limits, now);
    }

    @Override
    @Nullable Target onBytes(ByteBuffer in, long now) throws ProtocolException {
        if (!answer.read(in)) {
            return null;
        }
        finish();
        return target;
    }

    @Override
    void onEnd() throws ProtocolException {
        throw answer.ended("the host refused or could not reach " + target);
    }
}
