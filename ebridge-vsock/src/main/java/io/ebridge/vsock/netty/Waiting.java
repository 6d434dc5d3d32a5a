package io.ebridge.vsock.netty;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the blocking classes share. */
final class Waiting {
    private Waiting() {}

    /** A timeout in whole milliseconds, at least one. */
    static int millis(Duration timeout) {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("timeout " + timeout + " is not above zero");
        }
        return timeout.compareTo(Duration.ofMillis(Integer.MAX_VALUE)) > 0
                ? Integer.MAX_VALUE
                : (int) Math.max(1, timeout.toMillis());
    }

    /** A timeout in nanoseconds; zero stays zero. */
    static long nanos(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout " + timeout + " is negative");
        }
        return timeout.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0 ? Long.MAX_VALUE : timeout.toNanos();
    }

    /** The exception for a thread that was interrupted; sets its status again. */
    static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting");
    }

    /** The VSOCK meaning of a failed bind or connect; Netty wraps what a channel factory throws. */
    static VsockException unwrap(Throwable cause, @Nullable VsockAddress address) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof VsockException e) {
                return e;
            }
        }
        return new VsockException(Reason.OTHER, String.valueOf(cause.getMessage()), address, cause);
    }
}
