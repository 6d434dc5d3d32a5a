package io.ebridge.protocol;

import java.time.Duration;

/** Checks of values that travel as JSON members; every failure names the member. */
final class Members {
    /** The largest unsigned 32-bit value but one: all ones means "any" to VSOCK. */
    static final long MAX_VSOCK = 0xFFFF_FFFEL;

    private Members() {}

    static void check(boolean condition, String member, String detail) {
        if (!condition) {
            throw new InvalidMemberException(member, detail);
        }
    }

    static long vsockPort(long port, String member) {
        check(port >= 1 && port <= MAX_VSOCK, member, "must be a VSOCK port from 1 to 4294967294, not " + port);
        return port;
    }

    static Duration nanos(Duration duration, String member) {
        check(
                !duration.isNegative() && duration.compareTo(Duration.ofNanos(Long.MAX_VALUE)) <= 0,
                member,
                "must be from 0 to 9223372036854775807 nanoseconds");
        return duration;
    }

    /** An illegal argument that knows the member it belongs to. */
    static final class InvalidMemberException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        private final String member;
        private final String detail;

        InvalidMemberException(String member, String detail) {
            super(member + " " + detail);
            this.member = member;
            this.detail = detail;
        }

        String member() {
            return member;
        }

        InvalidMemberException at(String prefix) {
            return new InvalidMemberException(prefix + member, detail);
        }

        ProtocolException toProtocolException() {
            return new ProtocolException(ProtocolException.Reason.INVALID_MEMBER, member + " " + detail, member);
        }
    }
}
