package io.ebridge.tunnel;

import io.ebridge.protocol.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Resolves names away from the event loops: on at most {@value #MAX_THREADS} threads, which end when idle; one question per
 * name at a time; answers kept for the TTL (failures for a tenth of it); no waiting line, so that many slow names cannot
 * hold up the others for longer than it takes to refuse them. An answer also says which of the addresses are this machine's
 * own, since that takes a system call too; so address literals come this way as well.
 */
final class CachingResolver implements AutoCloseable {
    private static final int MAX_THREADS = 32;
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
    private final ThreadPoolExecutor threads;

    CachingResolver(NameResolver resolver, Duration ttl, String threadName) {
        this.resolver = resolver;
        this.ttlNanos = ttl.toNanos();
        this.threads = new ThreadPoolExecutor(
                0, MAX_THREADS, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), Threads.daemon(threadName));
    }

    /** Never blocks; completes on a thread of this resolver, or is complete already. */
    CompletableFuture<Answer> resolve(Target target) {
        String host = target.host();
        CompletableFuture<Answer> answer;
        lock.lock();
        try {
            Entry known = cache.get(host);
            if (known != null && fresh(known)) {
                return known.answer;
            }
            answer = new CompletableFuture<>();
            cache.put(host, new Entry(answer, System.nanoTime()));
        } finally {
            lock.unlock();
        }
        try {
            threads.execute(() -> ask(target, answer));
        } catch (RejectedExecutionException e) {
            forget(host, answer);
            answer.completeExceptionally(new BridgeException(
                    BridgeReason.LIMIT_REACHED, MAX_THREADS + " names are being resolved already", e));
        }
        return answer;
    }

    private boolean fresh(Entry entry) {
        if (!entry.answer.isDone()) {
            return true;
        }
        long kept = entry.answer.isCompletedExceptionally() ? ttlNanos / 10 : ttlNanos;
        return System.nanoTime() - entry.asked < kept;
    }

    private void forget(String host, CompletableFuture<Answer> answer) {
        lock.lock();
        try {
            Entry known = cache.get(host);
            if (known != null && known.answer == answer) {
                cache.remove(host);
            }
        } finally {
            lock.unlock();
        }
    }

    private void ask(Target target, CompletableFuture<Answer> answer) {
        try {
            List<InetAddress> addresses = addresses(target);
            answer.complete(new Answer(
                    addresses, addresses.stream().filter(own::contains).collect(Collectors.toUnmodifiableSet())));
        } catch (IOException | RuntimeException e) {
            answer.completeExceptionally(new BridgeException(
                    BridgeReason.NAME_NOT_RESOLVED,
                    "'" + target.host() + "' could not be resolved: " + Reasons.detail(e),
                    e));
        }
    }

    private List<InetAddress> addresses(Target target) throws IOException {
        @Nullable InetAddress literal = target.literal().orElse(null);
        if (literal != null) {
            return List.of(literal);
        }
        List<InetAddress> addresses = List.copyOf(resolver.resolve(target.host()));
        if (addresses.isEmpty()) {
            throw new UnknownHostException("no addresses");
        }
        return addresses;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
