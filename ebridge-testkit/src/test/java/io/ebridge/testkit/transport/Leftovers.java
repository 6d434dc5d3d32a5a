package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits, with a deadline, for things to be gone. */
final class Leftovers {
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private Leftovers() {}

    static void assertGone(String threadPrefix) {
        awaitEmpty("threads left behind", () -> Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(n -> n.startsWith(threadPrefix))
                .toList());
    }

    static void awaitEmpty(String what, Supplier<? extends Collection<?>> left) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!left.get().isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(left.get()).as(what).isEmpty();
    }
}
