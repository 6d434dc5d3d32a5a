package io.ebridge.attest.http;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** One request that gave nothing usable, with enough to decide whether to try again. */
final class FetchException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Why there is no answer. */
    enum Kind {
        /** The service has no such thing. */
        NOT_FOUND,
        /** The service refuses, and will refuse again. */
        REFUSED,
        /** The service asks to come later than the deadline allows. */
        RATE_LIMITED,
        /** No connection, a broken one, a failing service or no answer in time. */
        UNREACHABLE,
        /** An answer that is too long or is not what was asked for. */
        UNUSABLE,
        /** Too many requests are under way here. */
        BUSY
    }

    private final Kind kind;

    FetchException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    FetchException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
