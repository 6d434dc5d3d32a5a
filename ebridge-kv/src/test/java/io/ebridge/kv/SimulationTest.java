package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static io.ebridge.kv.Stores.bytes;
import static io.ebridge.kv.Stores.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.kv.spi.CounterException;
import io.ebridge.kv.spi.MonotonicCounter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A deterministic simulation: one seed is one run of enclave, host, disk, counter and clock on one thread, with faults and an
 * adversary, checked against a model after every step. A failure names its seed; {@code -Debridge.kv.seed=n} runs that one alone.
 */
@Timeout(3600)
class SimulationTest {

    @Test
    void twoHundredSeeds() throws Exception {
        Integer only = Integer.getInteger("ebridge.kv.seed");
        if (only != null) {
            new Simulation(only).run();
            return;
        }
        seeds(0, 200);
    }

    @Test
    @Tag("soak")
    void tenThousandSeeds() throws Exception {
        seeds(1_000, 11_000);
    }

    private static void seeds(int from, int to) throws Exception {
        Map<String, Integer> events = new TreeMap<>();
        for (int seed = from; seed < to; seed++) {
            Simulation simulation = new Simulation(seed);
            try {
                simulation.run();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + " after " + simulation.trace, e);
            }
            simulation.events.forEach((event, n) -> events.merge(event, n, Integer::sum));
        }
        // What never happened was not tested.
        assertThat(events)
                .containsKeys(
                        "power cut",
                        "enclave killed",
                        "unknown outcome",
                        "old answers",
                        "caught live",
                        "rollback refused",
                        "conflict",
                        "expired",
                        "lost suffix",
                        "snapshot",
                        "sweep complete");
    }

    /** A counter whose lease the next instance takes over at once, and that fails now and then. */
    private static final class SimCounter implements MonotonicCounter {
        private State state = State.ZERO;
        private Object holder = this;
        private final Random random;
        double faults;

        SimCounter(Random random) {
            this.random = random;
        }

        @Override
        public Lease acquire(Duration wait) {
            Object me = new Object();
            holder = me;
            return new Lease() {
                @Override
                public State read() {
                    return state;
                }

                @Override
                public void advance(State expected, State next) throws IOException {
                    if (holder != me) {
                        throw new CounterException(CounterException.Kind.LOST, "lost");
                    }
                    if (random.nextDouble() < faults) {
                        if (random.nextBoolean() && state.equals(expected)) {
                            state = next;
                        }
                        throw new IOException("the counter does not answer");
                    }
                    if (!state.equals(next)) {
                        if (!state.equals(expected)) {
                            throw new CounterException(CounterException.Kind.CONFLICT, "conflict");
                        }
                        state = next;
                    }
                }

                @Override
                public boolean held() {
                    return holder == me;
                }

                @Override
                public void close() {
                    holder = new Object();
                }
            };
        }

        @Override
        public Trust trust() {
            return new Trust("simulated", true, false, "nobody");
        }

        @Override
        public void close() {}
    }

    private static final class Simulation {
        private final Random random;
        private final DiskStore disk = new DiskStore();
        private final SimCounter counter;
        private final Tier tier;
        private final StoreOptions options;
        private final List<String> trace = new ArrayList<>();
        private final Map<String, Integer> events = new HashMap<>();
        private long now = 1_000_000;
        private double faults;
        private SealedStore store;

        /** What was acknowledged, and every state since the last durable acknowledgement; values carry their expiry. */
        private TreeMap<String, String> model = new TreeMap<>();

        private final List<TreeMap<String, String>> states = new ArrayList<>();

        /** The state if the write of unknown outcome took effect. */
        private TreeMap<String, String> inDoubt;

        private StoreSnapshot snapshot;
        private TreeMap<String, String> snapshotModel;
        private int written;

        Simulation(int seed) {
            random = new Random(seed);
            counter = new SimCounter(random);
            tier = Tier.values()[Math.floorMod(seed, 5) == 0 ? 0 : 1 + Math.floorMod(seed, 2)];
            StoreOptions.Builder builder = Stores.options()
                    .volatileLimit(5 + random.nextInt(40))
                    .padding(random.nextBoolean() ? Padding.padme() : Padding.none())
                    .time(() -> new TrustedTime.Reading(Instant.ofEpochMilli(now), false));
            options = (tier == Tier.SEALED
                            ? builder.insecureSealedOnly()
                            : tier == Tier.ROLLBACK_SAFE ? builder.rollbackSafe(counter) : builder)
                    .build();
            disk.before = op -> fault(op + " before");
            disk.after = op -> fault(op + " after");
        }

        private void fault(String where) throws IOException {
            if (random.nextDouble() < faults) {
                throw new IOException("fault " + where);
            }
        }

        private void event(String name) {
            events.merge(name, 1, Integer::sum);
            trace.add(name);
        }

        void run() throws Exception {
            store = SealedStore.create(disk, KEY, options);
            states.add(model);
            int steps = 60 + random.nextInt(120);
            for (int i = 0; i < steps; i++) {
                faults = random.nextInt(4) == 0 ? 0.15 : 0;
                counter.faults = faults;
                step();
            }
            calm();
            settle();
            checkAll();
            store.verify().orThrow();
            store.close();
        }

        private void calm() {
            faults = 0;
            counter.faults = 0;
        }

        private void step() throws Exception {
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3 -> put();
                case 4, 5 -> delete();
                case 6 -> batch();
                case 7 -> conditional();
                case 8, 9 -> get();
                case 10 -> iterate();
                case 11 -> housekeeping();
                case 12 -> snapshots();
                case 13 -> now += random.nextInt(20);
                case 14 -> adversary();
                default -> crash();
            }
        }

        private String key() {
            return (random.nextBoolean() ? "a" : "b") + "/" + random.nextInt(12);
        }

        private String value() {
            return "v" + written++ + "x".repeat(random.nextInt(60));
        }

        private WriteOptions how() {
            return random.nextInt(3) == 0 ? WriteOptions.durable() : WriteOptions.asVolatile();
        }

        // ---- the model

        private void set(TreeMap<String, String> m, String key, String value, long expiry) {
            m.put(key, expiry + "|" + value);
        }

        private String live(TreeMap<String, String> m, String key) {
            String entry = m.get(key);
            if (entry == null) {
                return null;
            }
            int bar = entry.indexOf('|');
            long expiry = Long.parseLong(entry.substring(0, bar));
            if (expiry != 0 && expiry <= now) {
                events.merge("expired", 1, Integer::sum);
                return null;
            }
            return entry.substring(bar + 1);
        }

        private TreeMap<String, String> live(TreeMap<String, String> m) {
            TreeMap<String, String> out = new TreeMap<>();
            for (String key : m.keySet()) {
                String value = live(m, key);
                if (value != null) {
                    out.put(key, value);
                }
            }
            return out;
        }

        private interface Write {
            Ack run();
        }

        /** Runs a write whose success leads to a state. */
        private void write(TreeMap<String, String> next, Write write) {
            try {
                Ack ack = write.run();
                took();
                model = next;
                states.add(next);
                if (ack.durability() == Durability.DURABLE) {
                    states.clear();
                    states.add(next);
                }
            } catch (BackendException e) {
                if (e.outcomeUnknown()) {
                    event("unknown outcome");
                    took();
                    inDoubt = next;
                }
            }
        }

        /** Whatever succeeds after a write of unknown outcome comes after that write. */
        private void took() {
            if (inDoubt != null) {
                model = inDoubt;
                states.add(model);
                inDoubt = null;
            }
        }

        private TreeMap<String, String> base() {
            return new TreeMap<>(inDoubt != null ? inDoubt : model);
        }

        // ---- steps

        private void put() {
            String key = key();
            String value = value();
            long ttl = random.nextInt(5) == 0 ? 1 + random.nextInt(60) : 0;
            TreeMap<String, String> next = base();
            set(next, key, value, ttl == 0 ? 0 : now + ttl);
            WriteOptions how = how();
            WriteOptions options = ttl == 0
                    ? how
                    : WriteOptions.timeToLive(Duration.ofMillis(ttl))
                            .with(how.durability().orElse(null));
            write(next, () -> space(key).put(bytes(key), bytes(value), options));
        }

        private SealedNamespace space(String key) {
            return store.namespace(key.substring(0, 1));
        }

        private void delete() {
            String key = key();
            TreeMap<String, String> next = base();
            next.remove(key);
            WriteOptions how = how();
            write(next, () -> space(key).delete(bytes(key), how));
        }

        private void batch() {
            WriteBatch batch = new WriteBatch();
            TreeMap<String, String> next = base();
            for (int i = random.nextInt(6); i >= 0; i--) {
                String key = key();
                if (random.nextInt(3) == 0) {
                    batch.delete(key.substring(0, 1), bytes(key));
                    next.remove(key);
                } else {
                    String value = value();
                    batch.put(key.substring(0, 1), bytes(key), bytes(value));
                    set(next, key, value, 0);
                }
            }
            Durability durability = Durability.values()[random.nextInt(2)];
            write(next, () -> store.write(batch, durability).orThrow());
        }

        private void conditional() {
            if (inDoubt != null) {
                get();
                return;
            }
            String key = key();
            long version;
            try {
                Entry entry = space(key).getEntry(bytes(key));
                version = entry == null ? 0 : entry.version();
            } catch (BackendException e) {
                return;
            }
            String value = value();
            assertThat(version == 0).isEqualTo(live(model, key) == null);
            if (random.nextInt(3) == 0) {
                try {
                    assertThat(space(key).putIf(bytes(key), bytes(value), version + 1))
                            .isInstanceOf(Conditional.Conflict.class);
                    event("conflict");
                } catch (BackendException e) {
                    assertThat(e.outcomeUnknown()).isFalse();
                }
                return;
            }
            TreeMap<String, String> next = base();
            set(next, key, value, 0);
            WriteOptions how = how();
            write(next, () -> space(key)
                    .putIf(bytes(key), bytes(value), version, how)
                    .orThrow());
        }

        private void get() {
            String key = key();
            try {
                String got = text(space(key).get(bytes(key)));
                if (inDoubt != null && !java.util.Objects.equals(got, live(model, key))) {
                    took();
                }
                assertThat(got).as(key).isEqualTo(live(model, key));
            } catch (BackendException e) {
                assertThat(e.outcomeUnknown()).isFalse();
            }
        }

        private void settle() {
            store.commit();
            took();
            states.clear();
            states.add(model);
        }

        private TreeMap<String, String> everything() {
            TreeMap<String, String> all = Stores.all(store.namespace("a").entries());
            all.putAll(Stores.all(store.namespace("b").entries()));
            return all;
        }

        private void checkAll() {
            assertThat(everything()).isEqualTo(live(model));
        }

        private void iterate() {
            calm();
            settle();
            checkAll();
        }

        private void housekeeping() {
            calm();
            settle();
            switch (random.nextInt(3)) {
                case 0 -> store.rotate();
                case 1 -> {
                    if (store.sweep(1 + random.nextInt(20)).complete()) {
                        event("sweep complete");
                    }
                }
                default -> store.verify().orThrow();
            }
            checkAll();
        }

        private void snapshots() {
            calm();
            settle();
            if (snapshot == null) {
                snapshot = store.snapshot();
                snapshotModel = model;
                event("snapshot");
                return;
            }
            TreeMap<String, String> all = Stores.all(snapshot.entries("a"));
            all.putAll(Stores.all(snapshot.entries("b")));
            assertThat(all).isEqualTo(live(snapshotModel));
            snapshot.close();
            snapshot = null;
        }

        /** The host answers from an old copy for a while. */
        private void adversary() throws Exception {
            if (tier == Tier.SEALED || snapshot != null) {
                return;
            }
            calm();
            settle();
            DiskStore old = disk.copy();
            for (int i = random.nextInt(4); i >= 0; i--) {
                put();
            }
            settle();
            DiskStore truth = disk.copy();
            if (random.nextBoolean()) {
                oldAnswers(old, truth);
            } else if (tier == Tier.ROLLBACK_SAFE) {
                store.close();
                disk.restore(old);
                try {
                    store = SealedStore.open(disk, KEY, options);
                    throw new AssertionError("an old copy was accepted");
                } catch (RollbackException e) {
                    event("rollback refused");
                }
                disk.restore(truth);
                store = SealedStore.open(disk, KEY, options);
                checkAll();
            }
        }

        private void oldAnswers(DiskStore old, DiskStore truth) {
            event("old answers");
            disk.restore(old);
            for (int i = 0; i < 12; i++) {
                for (String space : List.of("a", "b")) {
                    String key = space + "/" + i;
                    try {
                        assertThat(text(store.namespace(space).get(bytes(key)))).isEqualTo(live(model, key));
                    } catch (StaleException | MissingException e) {
                        event("caught live");
                    }
                }
            }
            disk.restore(truth);
            for (String space : store.status().quarantined().keySet()) {
                store.readmit(space);
            }
            checkAll();
        }

        /** The enclave dies; perhaps the host as well, and its disk loses what was not synced. */
        private void crash() throws Exception {
            calm();
            snapshot = null;
            List<TreeMap<String, String>> possible = new ArrayList<>();
            if (random.nextBoolean() && disk.unsynced() > 0) {
                event("power cut");
                disk.crash(random.nextInt(disk.unsynced() + 1));
                possible.addAll(states);
            } else {
                event("enclave killed");
                possible.add(model);
            }
            if (inDoubt != null) {
                possible.add(inDoubt);
            }
            store = SealedStore.open(disk, KEY, options);
            assertThat(store.status().quarantined()).isEmpty();
            TreeMap<String, String> got = everything();
            Iterator<TreeMap<String, String>> each = possible.iterator();
            TreeMap<String, String> found = null;
            while (each.hasNext()) {
                TreeMap<String, String> candidate = each.next();
                if (live(candidate).equals(got)) {
                    found = candidate;
                }
            }
            assertThat(found).as("one of %s, but %s", possible, got).isNotNull();
            if (!live(found).equals(live(model))) {
                event("lost suffix");
            }
            inDoubt = null;
            model = found;
            states.clear();
            states.add(model);
        }
    }
}
