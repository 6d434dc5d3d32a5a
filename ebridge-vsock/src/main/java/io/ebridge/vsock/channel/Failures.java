package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.unix.Errors;
import java.io.FileNotFoundException;
import java.net.BindException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives what the operating system, Netty and the JDK say one meaning each. Netty's native transport tells the errno of a failed connect in the message only, and the JDK tells it nowhere but as the
 * text of strerror, so both are read.
 */
public final class Failures {
    static final int ENOENT = 2;
    static final int EPERM = 1;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int ENODEV = 19;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    static final int EPIPE = 32;
    static final int EAFNOSUPPORT = 97;
    static final int EADDRINUSE = 98;
    static final int EADDRNOTAVAIL = 99;
    static final int ENETUNREACH = 101;
    static final int ECONNRESET = 104;
    static final int ENOBUFS = 105;
    static final int ETIMEDOUT = 110;
    static final int ECONNREFUSED = 111;
    static final int EHOSTUNREACH = 113;

    private static final Pattern ERRNO = Pattern.compile("error\\((-?\\d{1,4})\\)");

    private Failures() {}

    /** The errno (Linux numbering, positive) behind a failure, 0 where it cannot be told. */
    static int errno(Throwable cause) {
        if (cause instanceof Errors.NativeIoException e) {
            return Math.abs(e.expectedErr());
        }
        String message = cause.getMessage() == null ? "" : cause.getMessage();
        Matcher m = ERRNO.matcher(message);
        if (m.find()) {
            return Math.abs(Integer.parseInt(m.group(1)));
        }
        if (cause instanceof FileNotFoundException) {
            return ENOENT;
        }
        if (cause instanceof AccessDeniedException) {
            return EACCES;
        }
        return fromText(message.toLowerCase(Locale.ROOT), cause);
    }

    private static int fromText(String text, Throwable cause) {
        if (text.contains("no such file")) {
            return ENOENT;
        }
        if (text.contains("permission denied")) {
            return EACCES;
        }
        if (text.contains("not permitted")) {
            return EPERM;
        }
        if (text.contains("too many open files")) {
            return EMFILE;
        }
        if (text.contains("already in use") || cause instanceof BindException) {
            return EADDRINUSE;
        }
        if (text.contains("connection reset")) {
            return ECONNRESET;
        }
        if (text.contains("broken pipe")) {
            return EPIPE;
        }
        if (text.contains("temporarily unavailable")) {
            return EAGAIN;
        }
        return text.contains("connection refused") && cause instanceof ConnectException ? ECONNREFUSED : 0;
    }

    /**
     * The meaning of a failed bind, accept or connect where the errno alone decides.
     *
     * @param cause what was said
     * @param address what it is about, or null
     * @return the exception to throw
     */
    public static VsockException of(Throwable cause, @Nullable VsockAddress address) {
        if (cause instanceof VsockException e) {
            return e;
        }
        if (cause instanceof ConnectTimeoutException) {
            return new VsockException(Reason.TIMEOUT, "no answer in time", address, cause);
        }
        if (cause instanceof ClosedChannelException) {
            return new VsockException(Reason.CLOSED, "closed on this side", address, cause);
        }
        return switch (errno(cause)) {
            case ECONNRESET, ECONNREFUSED ->
                new VsockException(Reason.NOBODY_LISTENS, "nobody listens there", address, cause);
            case ENODEV, ENETUNREACH, EHOSTUNREACH ->
                new VsockException(Reason.NO_SUCH_CID, "no machine with that CID", address, cause);
            case ETIMEDOUT ->
                new VsockException(Reason.TIMEOUT, "the kernel gave up waiting for an answer", address, cause);
            case EADDRINUSE ->
                new VsockException(Reason.PORT_TAKEN, "somebody else listens on that port", address, cause);
            case EADDRNOTAVAIL ->
                new VsockException(Reason.NOT_LOCAL, "that CID is not one of this machine", address, cause);
            case EACCES, EPERM ->
                new VsockException(
                        Reason.PERMISSION, "the operating system refused: " + cause.getMessage(), address, cause);
            case EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN ->
                new VsockException(
                        Reason.RESOURCES,
                        "no descriptors, memory or queue left: " + cause.getMessage(),
                        address,
                        cause);
            case EAFNOSUPPORT ->
                new VsockException(Reason.TRANSPORT_MISSING, "the kernel has no AF_VSOCK", address, cause);
            default -> new VsockException(Reason.OTHER, String.valueOf(cause.getMessage()), address, cause);
        };
    }

    /**
     * The meaning of a failed read or write on a connected stream.
     *
     * @param cause what was said
     * @param address the peer, or null
     * @return the exception to throw
     */
    public static VsockException ofStream(Throwable cause, @Nullable VsockAddress address) {
        if (cause instanceof VsockException e) {
            return e;
        }
        int errno = errno(cause);
        if (errno == ECONNRESET || errno == EPIPE || cause instanceof ClosedChannelException) {
            return new VsockException(Reason.RESET, "the stream was cut", address, cause);
        }
        return new VsockException(Reason.OTHER, String.valueOf(cause.getMessage()), address, cause);
    }
}
