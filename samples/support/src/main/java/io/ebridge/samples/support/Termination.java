package io.ebridge.samples.support;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets a program end in order, with exit code 0, when it gets SIGTERM or SIGINT. */
public final class Termination {
    private static final int DRAIN_SECONDS = 20;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);

    /** Listens for the signal from now on. */
    public Termination() {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            asked.countDown();
                            try {
                                // Without halt the JVM would report the signal as its exit code.
                                boolean drained = done.await(DRAIN_SECONDS, TimeUnit.SECONDS);
                                System.out.flush();
                                Runtime.getRuntime().halt(drained ? 0 : 1);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "termination"));
    }

    /** Waits until the process is asked to end. */
    public void await() throws InterruptedException {
        asked.await();
    }

    /** Says that everything is closed; the process ends now. */
    public void finished() {
        done.countDown();
    }

    /** Whether the process was asked to end. */
    public boolean isAsked() {
        return asked.getCount() == 0;
    }
}
