package io.ebridge.tunnel;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Hands log lines to the embedder's consumer on a thread of its own, so that a slow consumer costs lines and never an event
 * loop. The line waits in a bounded queue.
 */
final class LogPump implements AutoCloseable {
    private static final int QUEUE = 4096;
    private static final System.Logger ENCLAVE = System.getLogger("io.ebridge.tunnel.enclave");

    private final BlockingQueue<EnclaveLogLine> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Consumer<EnclaveLogLine> consumer;
    private final Thread thread;
    private volatile boolean closed;

    LogPump(Consumer<EnclaveLogLine> consumer) {
        this.consumer = consumer;
        this.thread = Threads.daemon("ebridge-log").newThread(this::run);
        thread.start();
    }

    /** Where lines go unless the embedder says otherwise. */
    static void toSystemLogger(EnclaveLogLine line) {
        ENCLAVE.log(line.level(), () -> "[" + line.appName() + " " + line.cid().value() + "] " + line.line());
    }

    boolean offer(EnclaveLogLine line) {
        return !closed && queue.offer(line);
    }

    private void run() {
        boolean failed = false;
        while (!closed || !queue.isEmpty()) {
            try {
                EnclaveLogLine line = queue.poll(100, TimeUnit.MILLISECONDS);
                if (line != null) {
                    consumer.accept(line);
                }
            } catch (InterruptedException e) {
                // Closing has waited long enough for the consumer.
                return;
            } catch (RuntimeException e) {
                if (!failed) {
                    failed = true;
                    Events.log(System.Logger.Level.WARNING, "The consumer of log lines throws; told once only", e);
                }
            }
        }
    }

    /** Lets the consumer have what is queued, for a second at most. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
