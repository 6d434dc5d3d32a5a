package io.ebridge.kv.internal;

import io.ebridge.kv.SealedStoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes volatile writes durable from a thread of its own: at an interval, and as soon as there are half as many as there may be.
 * The host brings what it has to its disk before the commit is begun: other writes go on meanwhile, and wait for little once the
 * commit holds the write lock.
 */
final class Flusher {

    private final Core core;
    private final Committer committer;
    private final ScheduledExecutorService executor;
    private final AtomicBoolean asked = new AtomicBoolean();

    private Flusher(Core core, Committer committer) {
        this.core = core;
        this.committer = committer;
        executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "ebridge-kv-commit-" + core.options.storeName());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Starts one at the interval of the store's options. */
    static Flusher start(Core core, Committer committer) {
        Flusher flusher = new Flusher(core, committer);
        Duration interval = core.options.commitInterval();
        flusher.executor.scheduleWithFixedDelay(
                flusher::flush, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
        return flusher;
    }

    /** Tells of volatile writes. Call with the write lock. */
    void grown(int volatileWrites) {
        if (volatileWrites >= core.options.volatileLimit() / 2 && !asked.getAndSet(true)) {
            executor.execute(this::flush);
        }
    }

    private void flush() {
        try {
            if (core.volatileWrites > 0 && !core.closed && core.dead == null) {
                core.host.writeBack();
                committer.commit();
            }
        } catch (IOException | SealedStoreException | IllegalStateException e) {
            // A commit that fails tells the listener where it arises; the next write or commit meets the failure again.
            System.getLogger("io.ebridge.kv").log(System.Logger.Level.DEBUG, "background commit failed", e);
        } finally {
            asked.set(false);
        }
    }

    /** Begins nothing more. Call with the write lock. */
    void stop() {
        executor.shutdown();
    }
}
