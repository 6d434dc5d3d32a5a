package io.ebridge.samples.verify;

import java.io.Serial;

/** What was given cannot be judged at all. */
final class UnusableException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
        super(message);
    }

    UnusableException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
