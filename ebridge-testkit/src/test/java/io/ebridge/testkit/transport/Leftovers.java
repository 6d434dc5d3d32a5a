package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Threads and descriptors of this process. */
final class Leftovers {
    private Leftovers() {}

    /** Waits, with a deadline, until no thread with this prefix is alive. */
    static void assertGone(String prefix) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        List<String> left = threads(prefix);
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(10_000_000);
            left = threads(prefix);
        }
        assertThat(left).as("threads left behind").isEmpty();
    }

    private static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(n -> n.startsWith(prefix))
                .toList();
    }
}
