package io.ebridge.attest.internal;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.ValidityWindow;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers verdicts by the hash of everything they rest on, each with the window in which it holds. Bounded in number and, for
 * what an unauthenticated peer can send, in bytes; lookups take no lock. An entry is never returned outside its window, whatever
 * the caller's clock does.
 *
 * @param <V> what is remembered
 */
public final class ExpiringCache<V> {

    /** How many bytes there may be for each entry of the capacity, on average. */
    static final long BYTES_PER_ENTRY = 16 * 1024;

    private static final int USUAL_BYTES = 1024;

    private record Entry<V>(V value, ValidityWindow window, long order, int bytes) {}

    private final Map<Bytes, Entry<V>> entries = new ConcurrentHashMap<>();
    private final int capacity;
    private final long maxBytes;
    private long inserted;
    private long bytes;

    public ExpiringCache(int capacity) {
        this.capacity = capacity;
        this.maxBytes = capacity * BYTES_PER_ENTRY;
    }

    /** The value remembered under a key, if its window contains the instant. */
    public Optional<V> get(Bytes key, Instant now) {
        Entry<V> entry = entries.get(key);
        return entry != null && entry.window.contains(now) ? Optional.of(entry.value) : Optional.empty();
    }

    /** Remembers a value of the usual size, one that rests on signatures that were verified. */
    public void put(Bytes key, V value, ValidityWindow window, Instant now) {
        put(key, value, window, now, USUAL_BYTES);
    }

    /**
     * Remembers a value. Where it does not fit, what has expired makes room first, then the oldest quarter: a burst of new keys
     * costs time once per quarter and never memory. What would take more than an eighth of all room is not kept.
     */
    public synchronized void put(Bytes key, V value, ValidityWindow window, Instant now, int size) {
        if (capacity == 0 || !window.contains(now) || size > maxBytes / 8) {
            return;
        }
        remove(key);
        if (isFull(size)) {
            for (Map.Entry<Bytes, Entry<V>> entry : List.copyOf(entries.entrySet())) {
                if (entry.getValue().window.until().isBefore(now)) {
                    remove(entry.getKey());
                }
            }
        }
        while (isFull(size)) {
            entries.entrySet().stream()
                    .sorted(Comparator.comparingLong(e -> e.getValue().order))
                    .limit(Math.max(1, entries.size() / 4))
                    .map(Map.Entry::getKey)
                    .toList()
                    .forEach(this::remove);
        }
        entries.put(key, new Entry<>(value, window, inserted++, size));
        bytes += size;
    }

    private boolean isFull(int more) {
        return !entries.isEmpty() && (entries.size() >= capacity || bytes + more > maxBytes);
    }

    private void remove(Bytes key) {
        Entry<V> gone = entries.remove(key);
        if (gone != null) {
            bytes -= gone.bytes;
        }
    }

    /** How many entries there are now. */
    public int size() {
        return entries.size();
    }
}
