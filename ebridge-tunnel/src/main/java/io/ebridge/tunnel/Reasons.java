package io.ebridge.tunnel;

import io.ebridge.protocol.ProtocolException;
import io.ebridge.vsock.VsockException;
import io.netty.channel.ConnectTimeoutException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Finds the reason in what the layers below throw. */
final class Reasons {
    private Reasons() {}

    static BridgeReason of(@Nullable Throwable cause) {
        if (cause instanceof BridgeException own) {
            return own.reason();
        }
        if (cause instanceof VsockException vsock) {
            return ofVsock(vsock.reason());
        }
        if (cause instanceof ProtocolException protocol) {
            return ofProtocol(protocol.reason());
        }
        if (cause instanceof ConnectTimeoutException || cause instanceof SocketTimeoutException) {
            return BridgeReason.CONNECT_TIMEOUT;
        }
        if (cause instanceof UnknownHostException) {
            return BridgeReason.NAME_NOT_RESOLVED;
        }
        if (cause instanceof BindException) {
            return BridgeReason.PORT_TAKEN;
        }
        String message = cause == null ? "" : String.valueOf(cause.getMessage());
        if (message.contains("Too many open files")
                || message.contains("error(-24)")
                || message.contains("error(-23)")) {
            return BridgeReason.DESCRIPTORS_EXHAUSTED;
        }
        if (cause instanceof ConnectException) {
            return BridgeReason.CONNECT_REFUSED;
        }
        return BridgeReason.CONNECT_FAILED;
    }

    private static BridgeReason ofVsock(VsockException.Reason reason) {
        return switch (reason) {
            case NOBODY_LISTENS, NO_SUCH_CID -> BridgeReason.CONNECT_REFUSED;
            case PORT_TAKEN -> BridgeReason.PORT_TAKEN;
            case TIMEOUT -> BridgeReason.CONNECT_TIMEOUT;
            case TRANSPORT_MISSING -> BridgeReason.TRANSPORT_UNAVAILABLE;
            case RESET -> BridgeReason.RESET;
            case RESOURCES -> BridgeReason.DESCRIPTORS_EXHAUSTED;
            default -> BridgeReason.CONNECT_FAILED;
        };
    }

    private static BridgeReason ofProtocol(ProtocolException.Reason reason) {
        return switch (reason) {
            case PEER_CLOSED, REFUSED -> BridgeReason.PEER_CLOSED;
            case TIMEOUT -> BridgeReason.STEP_TIMEOUT;
            case INVALID_TARGET -> BridgeReason.TARGET_MALFORMED;
            case HEARTBEAT_TIMEOUT -> BridgeReason.HEARTBEAT_TIMEOUT;
            case HEARTBEAT_MISMATCH -> BridgeReason.HEARTBEAT_MISMATCH;
            default -> BridgeReason.PROTOCOL_ERROR;
        };
    }

    /** What to tell people about a failure: one line, escaped. */
    static String detail(@Nullable Throwable cause) {
        if (cause == null) {
            return "";
        }
        String message = cause.getMessage();
        return Escapes.escape(message == null ? cause.getClass().getSimpleName() : message);
    }
}
