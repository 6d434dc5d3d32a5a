package io.ebridge.tunnel;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of this module. {@link #reason()} is for programs, {@link #getMessage()} for people; neither ever holds
 * an environment value or relayed data.
 */
public final class BridgeException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    private final BridgeReason reason;

    /**
     * Creates an exception.
     *
     * @param reason why
     * @param message for people
     */
    public BridgeException(BridgeReason reason, String message) {
        this(reason, message, null);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param reason why
     * @param message for people
     * @param cause what led to it, or null
     */
    public BridgeException(BridgeReason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /**
     * {@return why}
     */
    public BridgeReason reason() {
        return reason;
    }
}
