package io.ebridge.ratls.strict;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.merkle.MerkleTree;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes one quote over the Merkle root of all bindings that wait, so that throughput does not depend on how long a quote takes. A quote begins at once if
 * none is being made, unless the last one was shared and began within 5 ms: then those who come together wait for each other, since whoever verifies has one
 * signature to check for each quote. While some are being made, up to {@value #MAX_IN_FLIGHT} of them, the next begins an eighth of a quote's time after the
 * last, so that nobody waits for much longer than their own; and never within 5 ms of the last. A device that makes one after the other whatever it is asked
 * shows by quotes that take longer than the shortest and end as far apart as that takes: then they do not overlap for a while. That they merely take long says
 * nothing, for on a busy machine they do. The queue is bounded: what does not fit fails at once.
 */
public final class BatchQuoter implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(BatchQuoter.class.getName());

    static final int MAX_IN_FLIGHT = 8;
    /** So many quotes pass before overlapping is tried again that has not paid. */
    private static final int RESTRAINT = 64;

    private static final int TOO_MANY_SLOW = 4;

    private static final long LEAST_SPACING_NANOS = Duration.ofMillis(5).toNanos();
    private static final long NEVER = Long.MAX_VALUE;

    private record Waiting(byte[] leaf, CompletableFuture<Answer.Quote> quote) {}

    private final EvidenceProvider provider;
    private final int capacity;
    private final int batch;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition due = lock.newCondition();
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private final List<Thread> workers = new ArrayList<>();
    private int idle;
    private int inFlight;
    private long begunAt;
    /** Whether the quote that was begun last covers several bindings. */
    private boolean shared;

    private long endedAt;
    /** How long a quote takes at the least, of late; zero before the first is made. */
    private long shortest;

    private int allowed = 1;
    private int slow;
    private int restraint;

    private boolean closed;

    public BatchQuoter(EvidenceProvider provider, int waiting, int batch) {
        this(provider, waiting, batch, Duration.ZERO);
    }

    /**
     * Makes one that has an idea of how long a quote takes.
     *
     * @param expected zero if it has none
     */
    BatchQuoter(EvidenceProvider provider, int waiting, int batch, Duration expected) {
        if (waiting < 1 || waiting > Answer.MAX_BATCH || batch < 1 || batch > waiting) {
            throw new IllegalArgumentException("batches of " + batch + " from a queue of " + waiting);
        }
        this.provider = provider;
        this.capacity = waiting;
        this.batch = batch;
        this.shortest = expected.toNanos();
        this.allowed = shortest == 0 ? 1 : MAX_IN_FLIGHT;
        startWorker();
    }

    private void startWorker() {
        Thread worker = new Thread(this::run, "ebridge-ratls-quoter");
        worker.setDaemon(true);
        worker.start();
        workers.add(worker);
    }

    public CompletableFuture<Answer.Quote> quote(byte[] binding) {
        Waiting waiting = new Waiting(Binding.leaf(binding), new CompletableFuture<>());
        AttestedTlsException refused = null;
        lock.lock();
        try {
            if (closed) {
                refused = closedException();
            } else if (queue.size() >= capacity) {
                refused = new AttestedTlsException(Reason.OVERLOADED, queue.size() + " connections wait for evidence");
            } else {
                queue.add(waiting);
                if (queue.size() == 1) {
                    due.signal();
                }
            }
        } finally {
            lock.unlock();
        }
        if (refused != null) {
            waiting.quote.completeExceptionally(refused);
        }
        return waiting.quote;
    }

    private void run() {
        List<Waiting> taken = next();
        while (taken != null) {
            long start = System.nanoTime();
            boolean made = serve(taken);
            lock.lock();
            try {
                inFlight--;
                if (made) {
                    learn(start, System.nanoTime());
                }
            } finally {
                lock.unlock();
            }
            taken = next();
        }
    }

    private void learn(long start, long end) {
        long took = end - start;
        long apart = end - endedAt;
        endedAt = end;
        // Slowly forgotten, lest one that happened to be quick counts for ever.
        shortest = shortest == 0 ? took : Math.min(took, shortest + shortest / RESTRAINT + 1);
        boolean queued = took > shortest + shortest / 2 && apart > shortest - shortest / 4;
        slow = allowed > 1 && queued ? slow + 1 : Math.max(slow - 1, 0);
        if (slow == TOO_MANY_SLOW) {
            allowed = 1;
            slow = 0;
            restraint = RESTRAINT;
        } else if (restraint > 0) {
            restraint--;
        } else {
            allowed = Math.min(allowed + 1, MAX_IN_FLIGHT);
        }
    }

    /** Waits until a quote is due and takes what it is to cover; null when closed. */
    private @Nullable List<Waiting> next() {
        lock.lock();
        try {
            while (!closed) {
                long wait = untilDue();
                if (wait > 0) {
                    await(wait);
                    continue;
                }
                List<Waiting> taken = new ArrayList<>();
                while (taken.size() < batch && !queue.isEmpty()) {
                    Waiting first = queue.remove();
                    if (!first.quote.isDone()) {
                        taken.add(first);
                    }
                }
                if (!taken.isEmpty()) {
                    inFlight++;
                    shared = taken.size() > 1;
                    begunAt = System.nanoTime();
                    handOver();
                    return List.copyOf(taken);
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private long untilDue() {
        if (queue.isEmpty() || inFlight > 0 && inFlight >= allowed) {
            return NEVER;
        }
        if (inFlight == 0 && !shared) {
            return 0;
        }
        return begunAt + Math.max(shortest / MAX_IN_FLIGHT, LEAST_SPACING_NANOS) - System.nanoTime();
    }

    private void await(long nanos) {
        idle++;
        try {
            if (nanos == NEVER) {
                due.await();
            } else {
                due.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            // Only close() interrupts these threads, and whoever is awake looks whether it has.
            due.signal();
        } finally {
            idle--;
        }
    }

    /** While this thread is busy another watches the queue, if a quote takes so long that it pays. */
    private void handOver() {
        if (idle > 0) {
            if (!queue.isEmpty()) {
                due.signal();
            }
        } else if (shortest > LEAST_SPACING_NANOS && workers.size() < allowed) {
            try {
                startWorker();
            } catch (OutOfMemoryError e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "no thread for quotes that overlap: they are made one after the other",
                        e);
            }
        }
    }

    private boolean serve(List<Waiting> waiting) {
        MerkleTree tree = new MerkleTree(waiting.stream().map(Waiting::leaf).toList());
        Evidence evidence;
        try {
            evidence = provider.quote(Binding.reportData(waiting.size(), tree.root()), null);
        } catch (EvidenceUnavailableException | RuntimeException | Error e) {
            // Whatever it is, those who wait learn of it, and the next quote may be better.
            AttestedTlsException failure =
                    new AttestedTlsException(Reason.EVIDENCE_UNAVAILABLE, String.valueOf(e.getMessage()), e);
            waiting.forEach(w -> w.quote.completeExceptionally(failure));
            return false;
        }
        for (int i = 0; i < waiting.size(); i++) {
            List<Bytes> path = tree.path(i).stream().map(Bytes::of).toList();
            waiting.get(i).quote.complete(new Answer.Quote(evidence, waiting.size(), i, path));
        }
        return true;
    }

    private static AttestedTlsException closedException() {
        return new AttestedTlsException(Reason.EVIDENCE_UNAVAILABLE, "the identity is closed");
    }

    @Override
    public void close() {
        List<Waiting> left;
        lock.lock();
        try {
            closed = true;
            left = List.copyOf(queue);
            queue.clear();
            workers.forEach(Thread::interrupt);
        } finally {
            lock.unlock();
        }
        left.forEach(waiting -> waiting.quote.completeExceptionally(closedException()));
    }
}
