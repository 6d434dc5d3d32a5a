package io.ebridge.tunnel;

import io.ebridge.protocol.Target;
import io.ebridge.vsock.Cid;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Resolves names away from the event loops: {@value #SLOTS} at once, one question per name at a time; answers kept for the TTL
 * (failures for a tenth of it). There is no waiting line, and one enclave holds no more slots than it leaves free, so that
 * slow names of one (or of several) do not keep the next from getting an answer. A slot is held until the resolver has come back,
 * though nobody may wait for it any more. An answer also says which of the addresses are this machine's own; since that takes a
 * system call now and then, address literals come this way as well, but need no slot.
 */
final class CachingResolver implements AutoCloseable {
    private static final int SLOTS = 32;
    private static final int MAX_NAMES = 1024;

    /** Addresses in the order in which to try them, and those among them that belong to this machine. */
    record Answer(List<InetAddress> addresses, Set<InetAddress> own) {}

    private record Entry(CompletableFuture<Answer> answer, long asked) {}

    private final NameResolver resolver;
    private final OwnAddresses own = new OwnAddresses();
    private final long ttlNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Entry> cache = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CachingResolver.Entry> eldest) {
            return size() > MAX_NAMES;
        }
    };
    private final Map<Cid, Integer> held = new HashMap<>();
    private int busy;
    private @Nullable CompletableFuture<OwnAddresses> refreshing;
    /** As many threads as there are slots, and one that looks up this machine's addresses. */
    private final ExecutorService threads;

    CachingResolver(NameResolver resolver, Duration ttl, String threadName) {
        this.resolver = resolver;
        this.ttlNanos = ttl.toNanos();
        // Without a bound of its own: it would count a thread that has given its slot back and is on its way to the
        // pool.
        this.threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), Threads.daemon(threadName));
    }

    /** Never blocks; completes on a thread of this resolver, or is complete already. */
    CompletableFuture<Answer> resolve(Cid asker, Target target) {
        @Nullable InetAddress literal = target.literal().orElse(null);
        if (literal != null) {
            List<InetAddress> itself = List.of(literal);
            return ownAddresses().thenApply(known -> new Answer(itself, known.among(itself)));
        }
        String host = target.host();
        CompletableFuture<Answer> answer;
        lock.lock();
        try {
            Entry known = cache.get(host);
            if (known != null && fresh(known)) {
                return known.answer;
            }
            int mine = held.getOrDefault(asker, 0);
            if (mine >= SLOTS - busy) {
                return CompletableFuture.failedFuture(new BridgeException(
                        BridgeReason.TOO_MANY_NAMES,
                        "'" + host + "' is not resolved: " + mine + " names of this enclave and " + (busy - mine)
                                + " of others still are"));
            }
            held.put(asker, mine + 1);
            busy++;
            answer = new CompletableFuture<>();
            cache.put(host, new Entry(answer, System.nanoTime()));
        } finally {
            lock.unlock();
        }
        execute(() -> ask(asker, host, answer), answer);
        return answer;
    }

    private void giveBack(Cid asker) {
        lock.lock();
        try {
            held.computeIfPresent(asker, (cid, count) -> count == 1 ? null : count - 1);
            busy--;
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<OwnAddresses> ownAddresses() {
        CompletableFuture<OwnAddresses> known;
        lock.lock();
        try {
            if (own.fresh()) {
                return CompletableFuture.completedFuture(own);
            }
            CompletableFuture<OwnAddresses> running = refreshing;
            if (running != null && !running.isDone()) {
                return running;
            }
            known = new CompletableFuture<>();
            refreshing = known;
        } finally {
            lock.unlock();
        }
        execute(
                () -> {
                    try {
                        own.refresh();
                        known.complete(own);
                    } catch (RuntimeException | Error e) {
                        known.completeExceptionally(e);
                    }
                },
                known);
        return known;
    }

    private void execute(Runnable task, CompletableFuture<?> result) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new BridgeException(BridgeReason.CLOSING, "The resolver is closed", e));
        }
    }

    private boolean fresh(Entry entry) {
        if (!entry.answer.isDone()) {
            return true;
        }
        long kept = entry.answer.isCompletedExceptionally() ? ttlNanos / 10 : ttlNanos;
        return System.nanoTime() - entry.asked < kept;
    }

    private void ask(Cid asker, String host, CompletableFuture<Answer> answer) {
        @Nullable Answer found = null;
        @Nullable Throwable failure = null;
        try {
            found = ask(host);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        // Before the answer is seen, so that whoever has it can ask for the next name.
        giveBack(asker);
        if (found != null) {
            answer.complete(found);
        } else {
            answer.completeExceptionally(new BridgeException(
                    BridgeReason.NAME_NOT_RESOLVED,
                    "'" + host + "' could not be resolved: " + Reasons.detail(failure),
                    failure));
        }
    }

    private Answer ask(String host) throws IOException {
        List<InetAddress> addresses = List.copyOf(resolver.resolve(host));
        if (addresses.isEmpty()) {
            throw new UnknownHostException("no addresses");
        }
        if (!own.fresh()) {
            own.refresh();
        }
        return new Answer(addresses, own.among(addresses));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
