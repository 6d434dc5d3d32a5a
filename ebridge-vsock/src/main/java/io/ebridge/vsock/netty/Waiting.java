package io.ebridge.vsock.netty;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.channel.EventLoops;
import io.ebridge.vsock.channel.Failures;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What the blocking classes share. */
final class Waiting {
    private static final System.Logger LOG = System.getLogger(Waiting.class.getName());
    private static final long CLOSE_SECONDS = 5;

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

    /** A fresh exception for each caller, with its own stack. */
    static VsockException again(VsockException cause) {
        return new VsockException(cause.reason(), "the stream was cut", cause.address(), cause);
    }

    static void notOn(EventLoop loop) {
        if (loop.inEventLoop()) {
            throw new IllegalStateException("a blocking call on the stream's own event loop would wait for itself");
        }
    }

    /** The VSOCK meaning of a failed bind or connect; Netty wraps what a channel factory throws. */
    static VsockException unwrap(Throwable cause, @Nullable VsockAddress address) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof VsockException e) {
                return e;
            }
        }
        // A socket that could not even be made.
        Throwable last = cause;
        while (last.getCause() != null && last.getCause() != last) {
            last = last.getCause();
        }
        return Failures.of(last, address);
    }

    /**
     * Begins to use an event loop.
     *
     * @throws VsockException with {@code RESOURCES} if it cannot be made
     */
    static EventLoops.Lease lease(EventLoops loops, VsockAddress address) throws VsockException {
        try {
            return loops.acquire();
        } catch (IllegalStateException | ChannelException e) {
            throw new VsockException(Reason.RESOURCES, "no event loop: " + e.getMessage(), address, e);
        }
    }

    /** Waits for the event loop to close something, which an interrupt does not change; says so if that takes unreasonably long. */
    static void uninterruptibly(CompletableFuture<?> closed) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        try {
            while (true) {
                try {
                    closed.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(System.Logger.Level.WARNING, "not closed within " + CLOSE_SECONDS + " s", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
