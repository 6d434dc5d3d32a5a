package io.ebridge.vsock.channel;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of threads for what may wait. Whoever comes when all are busy waits a second at most, in a line as long as there
 * are threads: a thread is back only some time after others have seen what it did, and they may want the next at once.
 */
final class PatientThreads {
    static final long PATIENCE_MILLIS = 1000;

    private final int max;
    private final ThreadPoolExecutor pool;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Job> line = new ArrayDeque<>();
    private int busy;

    /** A task with an identity, so that it can be taken out of the line. */
    private static final class Job {
        private final Runnable task;

        Job(Runnable task) {
            this.task = task;
        }
    }

    PatientThreads(int max, ThreadFactory factory) {
        this.max = max;
        // Without a bound of its own: it would count a thread that has done its work and is on its way back.
        pool = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
    }

    /**
     * Has a task run.
     *
     * @param task may wait
     * @param refused run instead if no thread is free in time; on any thread, perhaps at once
     */
    void execute(Runnable task, Runnable refused) {
        execute(task, PATIENCE_MILLIS, refused);
    }

    /**
     * Has a task run.
     *
     * @param task may wait
     * @param millis how long to wait for a thread, if that is less than usual
     * @param refused run instead if no thread is free in time; on any thread, perhaps at once
     */
    void execute(Runnable task, long millis, Runnable refused) {
        @Nullable Job waiting = null;
        boolean room = true;
        lock.lock();
        try {
            if (busy < max) {
                busy++;
            } else {
                room = line.size() < max;
                waiting = new Job(task);
                if (room) {
                    line.add(waiting);
                }
            }
        } finally {
            lock.unlock();
        }
        if (waiting == null) {
            start(task);
        } else if (room) {
            Job job = waiting;
            CompletableFuture.delayedExecutor(Math.min(millis, PATIENCE_MILLIS), TimeUnit.MILLISECONDS)
                    .execute(() -> giveUp(job, refused));
        } else {
            refused.run();
        }
    }

    private void giveUp(Job job, Runnable refused) {
        boolean waited;
        lock.lock();
        try {
            waited = line.remove(job);
        } finally {
            lock.unlock();
        }
        if (waited) {
            refused.run();
        }
    }

    private void start(Runnable task) {
        boolean started = false;
        try {
            pool.execute(() -> {
                try {
                    task.run();
                } finally {
                    next();
                }
            });
            started = true;
        } finally {
            if (!started) {
                next();
            }
        }
    }

    /** Hands the place of what has ended to who waits longest. */
    private void next() {
        Job first;
        lock.lock();
        try {
            first = line.poll();
            if (first == null) {
                busy--;
            }
        } finally {
            lock.unlock();
        }
        if (first != null) {
            start(first.task);
        }
    }
}
