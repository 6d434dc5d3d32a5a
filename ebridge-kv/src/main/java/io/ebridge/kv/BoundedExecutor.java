package io.ebridge.kv;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A store's own threads for asynchronous calls: at most 16, with at most 16,384 calls waiting; beyond, calls are rejected. */
final class BoundedExecutor implements Executor, AutoCloseable {

    private final ThreadPoolExecutor threads;

    BoundedExecutor(String name) {
        threads = new ThreadPoolExecutor(16, 16, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(16_384), task -> {
            Thread thread = new Thread(task, "ebridge-kv-" + name);
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            throw new RejectedExecutionException("too many asynchronous calls are waiting, or the store is closed", e);
        }
    }

    /** Lets what is queued finish; what comes later is rejected. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
