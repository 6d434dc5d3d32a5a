package io.ebridge.tunnel;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts all connections of a bridge, bounds them, and lets its close wait until there are none. */
final class Gate {
    private final int max;
    private final AtomicInteger inside = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean awaited;

    Gate(int max) {
        this.max = max;
    }

    boolean enter() {
        if (inside.incrementAndGet() > max) {
            leave();
            return false;
        }
        return true;
    }

    void leave() {
        if (inside.decrementAndGet() == 0 && awaited) {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    int inside() {
        return inside.get();
    }

    /** Waits until nobody is inside; false if the time ran out first. */
    boolean awaitEmpty(Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            awaited = true;
            while (inside.get() > 0) {
                if (left <= 0) {
                    return false;
                }
                // In slices, because leaving does not take the lock before anybody waits.
                long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(50));
                left -= slice - changed.awaitNanos(slice);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
