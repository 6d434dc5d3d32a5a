package io.ebridge.tunnel;

import io.ebridge.vsock.Cid;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A log for what a peer can bring about as often as it likes: {@value #LINES} lines in a minute about each, and then how many
 * there were beside those. It keeps something for every CID that it is given, so give it only those that are accepted, and one
 * for all others.
 */
final class PeerLog {
    static final int LINES = 10;
    static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final Logger log;
    private final LongSupplier nanoTime;
    private final Map<Cid, Window> windows = new HashMap<>();

    /** What was said about one peer within a minute. */
    private static final class Window {
        private final long began;
        private int lines;
        private long suppressed;

        Window(long began) {
            this.began = began;
        }
    }

    PeerLog(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
    }

    void log(Level level, Cid about, String message) {
        boolean admitted;
        synchronized (this) {
            report(false);
            Window window = windows.computeIfAbsent(about, cid -> new Window(nanoTime.getAsLong()));
            admitted = window.lines < LINES;
            if (admitted) {
                window.lines++;
            } else {
                window.suppressed++;
            }
        }
        if (admitted) {
            log.log(level, message);
        }
    }

    /** Tells what was suppressed in the minutes that are over, or in all of them. */
    synchronized void report(boolean all) {
        long now = nanoTime.getAsLong();
        windows.entrySet().removeIf(entry -> {
            Window window = entry.getValue();
            boolean over = all || now - window.began >= MINUTE;
            if (over && window.suppressed > 0) {
                Cid about = entry.getKey();
                log.log(
                        Level.WARNING,
                        window.suppressed + " more messages about "
                                + (about.equals(Cid.ANY) ? "CIDs that are not accepted" : "CID " + about.value())
                                + " were not logged");
            }
            return over;
        });
    }
}
