package io.ebridge.vsock;

import java.io.IOException;
import java.io.Serial;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong with a VSOCK address or stream, with one meaning per {@link Reason} whatever the transport.
 *
 * <p>Two things are not told by this class, because callers of the JDK's interfaces look for the JDK's types: a read or accept that waited too long throws
 * {@link java.net.SocketTimeoutException}, and a thread that was interrupted while it waited gets {@link java.io.InterruptedIOException} with its interrupt status set.
 */
public final class VsockException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    /** The meaning. */
    public enum Reason {
        /** The CID is there, and nobody listens on the port (kernel: ECONNRESET; hybrid: the stream ends before {@code OK}). */
        NOBODY_LISTENS,
        /** No machine with that CID, or it is gone (kernel: ENODEV; hybrid: no such guest behind the socket). */
        NO_SUCH_CID,
        /** Somebody else listens on that port (EADDRINUSE). */
        PORT_TAKEN,
        /** The CID to listen on is not one of this machine (EADDRNOTAVAIL). */
        NOT_LOCAL,
        /** The operating system refused (EACCES, EPERM), or the directory of a socket is open to others. */
        PERMISSION,
        /** The transport cannot be used here; the message says what is missing. */
        TRANSPORT_MISSING,
        /** The peer did not answer in time. */
        TIMEOUT,
        /** The stream was cut by the peer or by its machine (ECONNRESET, EPIPE), not ended. */
        RESET,
        /** The stream, listener or transport was closed on this side. */
        CLOSED,
        /** The peer's answer breaks the rules of hybrid VSOCK. */
        PROTOCOL,
        /** No descriptors, memory or buffers left (EMFILE, ENFILE, ENOBUFS, ENOMEM). */
        RESOURCES,
        /** Anything else; see the cause. */
        OTHER
    }

    /** The meaning. */
    private final Reason reason;

    private final transient @Nullable VsockAddress address;

    /**
     * An error.
     *
     * @param reason the meaning
     * @param message for a person
     * @param address the address that it is about, or null
     * @param cause what the operating system or the library below said, or null
     */
    public VsockException(Reason reason, String message, @Nullable VsockAddress address, @Nullable Throwable cause) {
        super(address == null ? message : address + ": " + message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.address = address;
    }

    /**
     * An error without a cause.
     *
     * @param reason the meaning
     * @param message for a person
     * @param address the address that it is about, or null
     */
    public VsockException(Reason reason, String message, @Nullable VsockAddress address) {
        this(reason, message, address, null);
    }

    /**
     * The meaning.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * The address that it is about.
     *
     * @return the address, or null where there is none
     */
    public @Nullable VsockAddress address() {
        return address;
    }
}
