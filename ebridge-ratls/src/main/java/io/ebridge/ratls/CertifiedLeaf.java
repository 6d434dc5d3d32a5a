package io.ebridge.ratls;

import io.ebridge.ratls.tls.Leaf;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The leaf with evidence in it: made ahead of need by a thread of its own, and shared by all handshakes until then.
 *
 * <p>Where renewal fails, the old one serves until it ends. It is tried again with the first handshake a second later, then two, four, and so on, a minute
 * at most: neither the quoting device nor the log is flooded by handshakes that find it broken.
 */
final class CertifiedLeaf {

    static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final int MOST_DOUBLINGS = 6;

    private static final System.Logger LOG = System.getLogger(CertifiedLeaf.class.getName());

    /** A leaf, the configuration that it is made of, when it is to be replaced, and when it ends. */
    record Made(Leaf leaf, Object configured, Instant renewAt, Instant endsAt) {}

    /** Has a leaf's key quoted, which takes its time, and makes the leaf. */
    interface Maker {
        Made make(Instant now) throws AttestedTlsException;
    }

    private final Maker maker;
    private final Supplier<?> configured;
    private final InstantSource clock;
    private final Object making = new Object();
    private final AtomicBoolean renewing = new AtomicBoolean();
    private volatile @Nullable Made made;
    private volatile Instant pauseUntil = Instant.MIN;
    /** Of renewals in a row; only of the thread that renews. */
    private int failures;

    CertifiedLeaf(Maker maker, Supplier<?> configured, InstantSource clock) {
        this.maker = maker;
        this.configured = configured;
        this.clock = clock;
    }

    /** Waits for the first one; whoever comes later gets what there is. */
    Leaf get() throws AttestedTlsException {
        Instant now = clock.instant();
        Made current = made;
        if (current == null) {
            synchronized (making) {
                current = made;
                if (current == null) {
                    current = maker.make(now);
                    made = current;
                }
            }
        } else if (now.isAfter(current.renewAt) || !current.configured.equals(configured.get())) {
            renew(now);
            if (now.isAfter(current.endsAt)) {
                throw new AttestedTlsException(
                        AttestedTlsException.Reason.EVIDENCE_UNAVAILABLE,
                        "the evidence in the certificate has expired and was not renewed");
            }
        }
        return current.leaf;
    }

    /** The configuration has changed: replaces the leaf, if there is one. */
    void replace() {
        if (made != null) {
            renew(clock.instant());
        }
    }

    private void renew(Instant now) {
        // A pause longer than there are any means that the clock was set back.
        boolean pausing =
                now.isBefore(pauseUntil) && Duration.between(now, pauseUntil).compareTo(LONGEST_PAUSE) <= 0;
        if (pausing || !renewing.compareAndSet(false, true)) {
            return;
        }
        boolean started = false;
        try {
            Thread thread = new Thread(this::renewNow, "ebridge-ratls-refresh");
            thread.setDaemon(true);
            thread.start();
            started = true;
        } finally {
            if (!started) {
                renewing.set(false);
            }
        }
    }

    private void renewNow() {
        try {
            made = maker.make(clock.instant());
            failures = 0;
            pauseUntil = Instant.MIN;
        } catch (AttestedTlsException | RuntimeException | LinkageError e) {
            Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
            if (pause.compareTo(LONGEST_PAUSE) > 0) {
                pause = LONGEST_PAUSE;
            }
            failures++;
            pauseUntil = clock.instant().plus(pause);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the certificate's evidence was not renewed; again in " + pause.toSeconds() + " s at the earliest",
                    e);
        } finally {
            renewing.set(false);
        }
    }
}
