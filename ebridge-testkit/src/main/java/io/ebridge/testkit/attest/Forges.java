package io.ebridge.testkit.attest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Keys and undamaged certificates per seed, made when first asked for and kept for the process, since tests ask for the same ones over and over.
 * Both maps are bounded; what falls out is made again, byte for byte the same.
 */
final class Forges {
    private static final int SEEDS = 32;
    private static final int CHAINS = 128;

    private static final Map<Seed, Forges> BY_SEED = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Seed, Forges> eldest) {
            return size() > SEEDS;
        }
    };

    private final Seed seed;
    private final Map<Object, Object> made = new ConcurrentHashMap<>();

    private Forges(Seed seed) {
        this.seed = seed;
    }

    static Forges of(Seed seed) {
        synchronized (BY_SEED) {
            return BY_SEED.computeIfAbsent(seed, Forges::new);
        }
    }

    NitroForge nitro() {
        return once(NitroForge.class, k -> new NitroForge(seed));
    }

    IntelForge intel() {
        return once(IntelForge.class, k -> new IntelForge(seed));
    }

    SnpForge snp() {
        return once(SnpForge.class, k -> new SnpForge(seed));
    }

    /** What was made for a key before, or makes it now. */
    @SuppressWarnings("unchecked")
    <K, V> V once(K key, Function<K, V> make) {
        Object v = made.get(key);
        if (v == null) {
            if (made.size() >= CHAINS) {
                made.clear();
            }
            // Two threads may both make it: the bytes are the same.
            v = make.apply(key);
            made.put(key, v);
        }
        return (V) v;
    }
}
