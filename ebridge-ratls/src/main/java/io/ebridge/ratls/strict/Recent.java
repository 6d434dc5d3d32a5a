package io.ebridge.ratls.strict;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps for a second what was costly to make, and spares whoever comes meanwhile the making: they wait for the one who makes it, a tenth of a second at
 * most, and then make it themselves. Failures are not kept. Bounded in number; thread-safe.
 */
public final class Recent<K, V> {

    static final int MAX = 64;
    static final long LIFE_NANOS = 1_000_000_000L;
    private static final long PATIENCE_MILLIS = 100;

    /** Makes a value, or fails. */
    public interface Maker<V, E extends Exception> {
        V make() throws E;
    }

    private record Kept<V>(V value, long at) {}

    private final LongSupplier nanoTime;
    private final Map<K, Kept<V>> kept = new LinkedHashMap<>();
    private final Map<K, CountDownLatch> inTheMaking = new HashMap<>();

    public Recent() {
        this(System::nanoTime);
    }

    public Recent(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Finds a value or makes it.
     *
     * @param key everything that the value depends on but the time
     * @param holds whether a value of some time ago is still good; asked each time
     * @param maker makes it
     */
    public <E extends Exception> V get(K key, Predicate<? super V> holds, Maker<V, E> maker) throws E {
        CountDownLatch mine = null;
        CountDownLatch others;
        synchronized (kept) {
            V known = known(key, holds);
            if (known != null) {
                return known;
            }
            others = inTheMaking.get(key);
            if (others == null && inTheMaking.size() < MAX) {
                mine = new CountDownLatch(1);
                inTheMaking.put(key, mine);
            }
        }
        if (others != null && await(others)) {
            synchronized (kept) {
                V known = known(key, holds);
                if (known != null) {
                    return known;
                }
            }
        }
        long at = nanoTime.getAsLong();
        try {
            V value = maker.make();
            synchronized (kept) {
                if (kept.size() >= MAX) {
                    // The oldest goes: it has been of use for the longest.
                    kept.remove(kept.keySet().iterator().next());
                }
                kept.putIfAbsent(key, new Kept<>(value, at));
            }
            return value;
        } finally {
            if (mine != null) {
                synchronized (kept) {
                    inTheMaking.remove(key);
                }
                mine.countDown();
            }
        }
    }

    private @Nullable V known(K key, Predicate<? super V> holds) {
        long now = nanoTime.getAsLong();
        for (Iterator<Kept<V>> oldest = kept.values().iterator(); oldest.hasNext(); oldest.remove()) {
            if (now - oldest.next().at <= LIFE_NANOS) {
                break;
            }
        }
        Kept<V> known = kept.get(key);
        if (known == null) {
            return null;
        }
        if (now - known.at > LIFE_NANOS || !holds.test(known.value)) {
            kept.remove(key);
            return null;
        }
        return known.value;
    }

    private static boolean await(CountDownLatch others) {
        try {
            return others.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // Whoever makes it here sees the interruption.
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
