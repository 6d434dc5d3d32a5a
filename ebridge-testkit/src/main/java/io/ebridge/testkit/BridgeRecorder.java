package io.ebridge.testkit;

import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeListener;
import io.ebridge.tunnel.EnclaveLogLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Keeps what a bridge tells: a {@link BridgeListener} for its events and a consumer for log lines. It keeps the newest ten thousand of each. Safe for use by many threads.
 */
public final class BridgeRecorder implements BridgeListener {
    private static final int LIMIT = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final List<BridgeEvent> events = new ArrayList<>();
    private final List<EnclaveLogLine> lines = new ArrayList<>();

    /** A recorder that has seen nothing. */
    public BridgeRecorder() {}

    @Override
    public void onEvent(BridgeEvent event) {
        add(events, event);
    }

    /**
     * Takes the log lines, for {@code HostBridge.Builder.log}.
     *
     * @return a consumer
     */
    public Consumer<EnclaveLogLine> log() {
        return line -> add(lines, line);
    }

    private <T> void add(List<T> list, T item) {
        lock.lock();
        try {
            if (list.size() == LIMIT) {
                list.remove(0);
            }
            list.add(item);
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The events so far, oldest first.
     *
     * @return a copy
     */
    public List<BridgeEvent> events() {
        return copy(events);
    }

    /**
     * The log lines so far, oldest first.
     *
     * @return a copy
     */
    public List<EnclaveLogLine> lines() {
        return copy(lines);
    }

    private <T> List<T> copy(List<T> list) {
        lock.lock();
        try {
            return List.copyOf(list);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for an event; one that has been seen counts.
     *
     * @param <E> its type
     * @param type its class
     * @param condition what it must fulfil
     * @param timeout how long to wait at most
     * @return the first such event, empty if none came in time
     * @throws InterruptedException if the thread was interrupted
     */
    public <E extends BridgeEvent> Optional<E> awaitEvent(
            Class<E> type, Predicate<? super E> condition, Duration timeout) throws InterruptedException {
        return await(events, e -> type.isInstance(e) && condition.test(type.cast(e)), timeout)
                .map(type::cast);
    }

    /**
     * Waits for a log line; one that has been seen counts.
     *
     * @param condition what it must fulfil
     * @param timeout how long to wait at most
     * @return the first such line, empty if none came in time
     * @throws InterruptedException if the thread was interrupted
     */
    public Optional<EnclaveLogLine> awaitLine(Predicate<? super EnclaveLogLine> condition, Duration timeout)
            throws InterruptedException {
        return await(lines, condition, timeout);
    }

    private <T> Optional<T> await(List<T> list, Predicate<? super T> condition, Duration timeout)
            throws InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (true) {
                Optional<T> found = list.stream().filter(condition).findFirst();
                if (found.isPresent() || left <= 0) {
                    return found;
                }
                left = more.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * For people.
     *
     * @return the counts
     */
    @Override
    public String toString() {
        return "BridgeRecorder[" + events().size() + " events, " + lines().size() + " lines]";
    }
}
