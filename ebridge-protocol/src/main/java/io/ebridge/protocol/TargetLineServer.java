package io.ebridge.protocol;

import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The host's side of a client tunnel's first line. It yields the target that the enclave names and is then done with its input: every byte
 * behind the line feed stays in the caller's buffer and belongs to the stream. The host looks the target up in its policy, connects, and
 * calls {@link #connected} to have the acknowledgement sent. If it will not or cannot connect, it closes the connection without another
 * byte.
 *
 * <p>The line has {@link Limits#targetLineTime()} and {@link Limits#targetLineBytes()}. How long connecting may take is the caller's to
 * bound.
 */
public final class TargetLineServer extends StateMachine<Target> {
    private final LineBuffer line;
    private boolean answered;

    private TargetLineServer(Limits limits, long now) {
        line = new LineBuffer("the target line", limits.targetLineBytes());
        beginStep("waiting for the target line", limits.targetLineTime(), now);
    }

    /**
     * Starts on a connection that was just accepted.
     *
     * @param limits the limits
     * @param now the time, in nanoseconds
     * @return the machine
     */
    public static TargetLineServer start(Limits limits, long now) {
        return new TargetLineServer(Objects.requireNonNull(limits, "limits"), now);
    }

    /**
     * Says that the target is connected. The acknowledgement becomes output; everything after it is the two streams'.
     *
     * @throws IllegalStateException if there is no target yet, or this was said before
     */
    public void connected() {
        if (!isDone() || answered) {
            throw new IllegalStateException("no answer is due");
        }
        answered = true;
        send(Acknowledgement.bytes());
    }

    @Override
    @Nullable Target onBytes(ByteBuffer in, long now) throws ProtocolException {
        byte[] bytes = line.read(in);
        if (bytes == null) {
            return null;
        }
        Target target;
        try {
            target = Target.parse(new String(bytes, StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new ProtocolException(Reason.INVALID_TARGET, String.valueOf(e.getMessage()));
        }
        finish();
        return target;
    }

    @Override
    void onEnd() throws ProtocolException {
        throw new ProtocolException(Reason.PEER_CLOSED, "the connection ended before its target line did");
    }
}
