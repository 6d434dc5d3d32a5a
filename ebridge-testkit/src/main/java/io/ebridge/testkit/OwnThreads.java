package io.ebridge.testkit;

import io.ebridge.tunnel.BridgeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Tells the threads of one fixture from those of others: what runs here runs in a thread group of its own, which the threads that it starts inherit.
 */
final class OwnThreads {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Netty's own threads for the whole JVM; they are started by whoever comes first and end by themselves. */
    private static final List<String> SHARED = List.of("globalEventExecutor", "ObjectCleaner", "threadDeathWatcher");

    private final ThreadGroup group = new ThreadGroup("ebridge-fixture-" + NUMBERS.incrementAndGet());

    /** Something that starts bridges. */
    interface Start {
        void run() throws BridgeException, InterruptedException;
    }

    void run(Start start) throws BridgeException, InterruptedException {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Thread starter = new Thread(
                group,
                () -> {
                    try {
                        start.run();
                        done.complete(true);
                    } catch (BridgeException | InterruptedException | RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                },
                group.getName() + "-start");
        starter.setDaemon(true);
        starter.start();
        try {
            done.get();
            starter.join();
        } catch (InterruptedException e) {
            starter.interrupt();
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BridgeException bridge) {
                throw bridge;
            }
            throw new IllegalStateException("the fixture did not start", e.getCause());
        }
    }

    /** The threads of the group that are alive. */
    List<String> left() {
        Thread[] threads = new Thread[group.activeCount() + 16];
        int n = group.enumerate(threads);
        List<String> names = new ArrayList<>();
        Arrays.stream(threads, 0, n)
                .filter(Objects::nonNull)
                .filter(t -> t.isAlive() && SHARED.stream().noneMatch(t.getName()::startsWith))
                .forEach(t -> names.add("thread " + t.getName()));
        return names;
    }

    /** Waits until nothing is left; says what is, if it stays. */
    void awaitNothingLeft(Supplier<List<String>> leftovers) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        List<String> left = leftovers.get();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            left = leftovers.get();
        }
        if (!left.isEmpty()) {
            throw new AssertionError("the fixture left behind: " + String.join(", ", left));
        }
    }
}
