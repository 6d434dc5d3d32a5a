package io.ebridge.protocol;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says that the other side broke the protocol, refused, vanished or took too long. The connection it happened on is lost and must be
 * closed; no other connection is concerned.
 *
 * <p>{@link #reason()} is meant for programs, {@link #getMessage()} for people. A message never carries an environment value, and of what
 * the other side sent it repeats nothing but short, checked pieces, so it may be logged.
 */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The reason. */
    private final Reason reason;

    /** The member, where there is one. */
    private final @Nullable String member;

    /** Why an exchange failed. */
    public enum Reason {
        /** Something else stood where the two bytes {@code 06 0A} were expected. */
        BAD_ACKNOWLEDGEMENT,
        /** The other side spoke when it was not its turn. */
        UNEXPECTED_BYTES,
        /** The connection ended in the middle of an exchange. */
        PEER_CLOSED,
        /** The connection ended exactly where an acknowledgement was due, which is how a host says no. */
        REFUSED,
        /** A step took longer than {@link Limits} allows. */
        TIMEOUT,
        /** A message grew beyond its limit in {@link Limits}. */
        TOO_LONG,
        /** A message is not well-formed UTF-8. */
        MALFORMED_TEXT,
        /** A message is not one JSON object: bad syntax, a duplicate member, nesting too deep, something behind its end. */
        MALFORMED_JSON,
        /** A member of a JSON message is missing, has the wrong type or a value that is not allowed; {@link #member()} names it. */
        INVALID_MEMBER,
        /** A target line is not {@code host:port} with a strict host and port. */
        INVALID_TARGET,
        /** No heartbeat arrived for a whole interval. */
        HEARTBEAT_TIMEOUT,
        /** A heartbeat carried another enclave's id. */
        HEARTBEAT_MISMATCH,
        /** A heartbeat's seventeenth byte is not a line feed. */
        MALFORMED_HEARTBEAT
    }

    ProtocolException(Reason reason, String message) {
        this(reason, message, null);
    }

    ProtocolException(Reason reason, String message, @Nullable String member) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.member = member;
    }

    /**
     * Returns why the exchange failed.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Returns the JSON member at fault, as a path such as {@code servers[2].bridgeTcpPort}.
     *
     * @return the member; present with {@link Reason#INVALID_MEMBER}, else empty
     */
    public Optional<String> member() {
        return Optional.ofNullable(member);
    }
}
