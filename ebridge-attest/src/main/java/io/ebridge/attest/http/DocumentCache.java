package io.ebridge.attest.http;

import io.ebridge.attest.http.FetchException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Documents by key. Concurrent misses of one key share one load; a document older than the refresh interval is handed
 * out as long as it is valid while one load renews it; a failure is remembered for a moment, so that a burst of
 * requests for something that is not there makes one request, not a burst.
 */
final class DocumentCache<V> {

    /** A document with the end of the window in which it may be relied on. */
    record Document<V>(V value, Instant validUntil) {}

    private static final class Entry<V> {
        final Document<V> document;
        final Instant loadedAt;
        final long loadedNanos = System.nanoTime();
        volatile long usedNanos = loadedNanos;

        Entry(Document<V> document, Instant loadedAt) {
            this.document = document;
            this.loadedAt = loadedAt;
        }

        boolean endedWhenItCame() {
            return loadedAt.isAfter(document.validUntil());
        }
    }

    private record Failure(FetchException exception, long until) {}

    private final InstantSource clock;
    private final Duration refreshAfter;
    private final Duration failureMemory;
    private final int maxEntries;
    private final Semaphore loads;
    private final Map<String, Entry<V>> entries = new ConcurrentHashMap<>();
    private final Map<String, Failure> failures = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<V>> loading = new ConcurrentHashMap<>();

    DocumentCache(InstantSource clock, Duration refreshAfter, Duration failureMemory, int maxEntries, int maxLoads) {
        this.clock = clock;
        this.refreshAfter = refreshAfter;
        this.failureMemory = failureMemory;
        this.maxEntries = maxEntries;
        this.loads = new Semaphore(maxLoads);
    }

    /**
     * The document of that key, from here or by a load that gets the moment by which it has to end. Returns at once;
     * several documents can so be asked for before any is waited for.
     *
     * @param deadline a value of {@link System#nanoTime}
     */
    CompletableFuture<V> get(String key, long deadline, LongFunction<CompletableFuture<Document<V>>> loader) {
        Entry<V> entry = entries.get(key);
        Instant now = clock.instant();
        if (entry != null) {
            entry.usedNanos = System.nanoTime();
            boolean valid = !now.isAfter(entry.document.validUntil());
            boolean fresh = valid && !now.isBefore(entry.loadedAt) && now.isBefore(entry.loadedAt.plus(refreshAfter));
            if (!fresh && !recent(entry) && valid && rememberedFailure(key) == null) {
                start(key, deadline, loader, entry);
            }
            if (valid || (entry.endedWhenItCame() && recent(entry))) {
                return CompletableFuture.completedFuture(entry.document.value());
            }
        }
        FetchException remembered = rememberedFailure(key);
        return remembered == null ? start(key, deadline, loader, entry) : CompletableFuture.failedFuture(remembered);
    }

    int size() {
        return entries.size();
    }

    /** Ends what is under way; a later load starts afresh. */
    void cancelLoads() {
        loading.values()
                .forEach(load -> load.completeExceptionally(new FetchException(Kind.BUSY, "the source is closed")));
    }

    /** What came a moment ago is not asked for again at once, even if it was out of date when it came. */
    private boolean recent(Entry<V> entry) {
        return System.nanoTime() - entry.loadedNanos < failureMemory.toNanos();
    }

    private @Nullable FetchException rememberedFailure(String key) {
        Failure failure = failures.get(key);
        if (failure == null) {
            return null;
        }
        if (System.nanoTime() - failure.until >= 0) {
            failures.remove(key, failure);
            return null;
        }
        return failure.exception;
    }

    private CompletableFuture<V> start(
            String key, long deadline, LongFunction<CompletableFuture<Document<V>>> loader, @Nullable Entry<V> known) {
        CompletableFuture<V> promise = new CompletableFuture<>();
        CompletableFuture<V> other = loading.putIfAbsent(key, promise);
        if (other != null) {
            return other;
        }
        Entry<V> entry = entries.get(key);
        if (entry != null && entry != known) {
            loading.remove(key, promise);
            promise.complete(entry.document.value());
            return promise;
        }
        if (!loads.tryAcquire()) {
            loading.remove(key, promise);
            promise.completeExceptionally(
                    new FetchException(Kind.BUSY, "too many different documents are being fetched at once"));
            return promise;
        }
        CompletableFuture<Document<V>> load;
        try {
            load = Objects.requireNonNull(loader.apply(deadline));
        } catch (RuntimeException e) {
            load = CompletableFuture.failedFuture(e);
        }
        load.whenComplete((document, failure) -> {
            loads.release();
            if (failure == null) {
                store(key, document);
                failures.remove(key);
                loading.remove(key, promise);
                promise.complete(document.value());
            } else {
                FetchException typed = typed(failure);
                remember(key, typed);
                loading.remove(key, promise);
                promise.completeExceptionally(typed);
            }
        });
        return promise;
    }

    /** Waits for a document until a moment. */
    static <V> V await(CompletableFuture<V> promise, long deadline) throws FetchException, InterruptedException {
        try {
            // The load ends by the deadline itself; the margin lets its own, more telling failure arrive.
            long left = deadline - System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(250);
            return promise.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new FetchException(Kind.UNREACHABLE, "no answer in time", e);
        } catch (ExecutionException e) {
            FetchException typed = typed(Objects.requireNonNull(e.getCause()));
            throw new FetchException(typed.kind(), String.valueOf(typed.getMessage()), typed);
        }
    }

    private static FetchException typed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof FetchException known
                ? known
                : new FetchException(Kind.UNUSABLE, String.valueOf(cause.getMessage()), cause);
    }

    private void store(String key, Document<V> document) {
        entries.put(key, new Entry<>(document, clock.instant()));
        while (entries.size() > maxEntries) {
            entries.entrySet().stream()
                    .min((a, b) -> Long.compare(a.getValue().usedNanos - b.getValue().usedNanos, 0))
                    .ifPresent(oldest -> entries.remove(oldest.getKey(), oldest.getValue()));
        }
    }

    private void remember(String key, FetchException failure) {
        long now = System.nanoTime();
        if (failures.size() >= maxEntries) {
            failures.values().removeIf(old -> now - old.until >= 0);
        }
        if (failures.size() < maxEntries) {
            failures.put(key, new Failure(failure, now + failureMemory.toNanos()));
        }
    }
}
