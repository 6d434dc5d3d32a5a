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
 * Remembers verdicts by the hash of everything they rest on, each with the window in which it holds. Bounded; lookups take no
 * lock. An entry is never returned outside its window, whatever the caller's clock does.
 *
 * @param <V> what is remembered
 */
public final class ExpiringCache<V> {

    private record Entry<V>(V value, ValidityWindow window, long order) {}

    private final Map<Bytes, Entry<V>> entries = new ConcurrentHashMap<>();
    private final int capacity;
    private long inserted;

    public ExpiringCache(int capacity) {
        this.capacity = capacity;
    }

    /** The value remembered under a key, if its window contains the instant. */
    public Optional<V> get(Bytes key, Instant now) {
        Entry<V> entry = entries.get(key);
        return entry != null && entry.window.contains(now) ? Optional.of(entry.value) : Optional.empty();
    }

    /**
     * Remembers a value. At capacity, what has expired makes room first, then the oldest quarter: a burst of new keys costs time
     * once per quarter and never memory.
     */
    public synchronized void put(Bytes key, V value, ValidityWindow window, Instant now) {
        if (capacity == 0 || !window.contains(now)) {
            return;
        }
        if (entries.size() >= capacity && !entries.containsKey(key)) {
            entries.values().removeIf(entry -> entry.window.until().isBefore(now));
            if (entries.size() >= capacity) {
                List<Map.Entry<Bytes, Entry<V>>> oldest = entries.entrySet().stream()
                        .sorted(Comparator.comparingLong(e -> e.getValue().order))
                        .limit(Math.max(1, capacity / 4))
                        .toList();
                oldest.forEach(e -> entries.remove(e.getKey()));
            }
        }
        entries.put(key, new Entry<>(value, window, inserted++));
    }

    /** How many entries there are now. */
    public int size() {
        return entries.size();
    }
}
