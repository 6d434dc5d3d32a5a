package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static io.ebridge.kv.Stores.bytes;
import static io.ebridge.kv.Stores.options;
import static io.ebridge.kv.Stores.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.memory.InsecureCounter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A host that changes what it stores. Each mutation is done to a copy of one store with two namespaces, two epochs, a record with an
 * end, a deleted one, and volatile writes beyond the newest manifest; then everything is read, live and after a restart. A read may
 * answer rightly or throw; a wrong answer, also "there is none", fails the test, and so does a mutation that nothing notices.
 */
@Timeout(600)
class TamperTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_000_000);

    /** The victim: what it holds and its disk, in older and newer states. */
    private static final class Victim {
        final DiskStore disk = new DiskStore();
        final StoreOptions options;
        final TreeMap<String, String> model = new TreeMap<>();
        final List<DiskStore> history = new ArrayList<>();
        final List<TreeMap<String, String>> prefixes = new ArrayList<>();
        final SealedStore store;

        Victim(StoreOptions options) throws Exception {
            this.options = options;
            store = SealedStore.create(disk, KEY, options);
            put("a", "one", "1");
            put("a", "two", "2");
            put("b", "one", "3");
            put("a", "gone", "4");
            history.add(disk.copy());
            store.rotate();
            put("a", "one", "5");
            store.namespace("b").put(bytes("ends"), bytes("6"), WriteOptions.timeToLive(Duration.ofDays(1)));
            model.put("b/ends", "6");
            store.namespace("a").delete(bytes("gone"));
            model.remove("a/gone");
            history.add(disk.copy());
            volatileWrites();
        }

        void volatileWrites() {
            prefixes.add(new TreeMap<>(model));
            store.namespace("a").put(bytes("three"), bytes("7"), WriteOptions.asVolatile());
            model.put("a/three", "7");
            prefixes.add(new TreeMap<>(model));
            store.namespace("b").put(bytes("gone"), bytes("8"), WriteOptions.asVolatile());
            model.put("b/gone", "8");
            prefixes.add(new TreeMap<>(model));
            store.namespace("b").delete(bytes("gone"), WriteOptions.asVolatile());
            model.remove("b/gone");
            prefixes.add(new TreeMap<>(model));
            store.namespace("b").put(bytes("one"), bytes("9"), WriteOptions.asVolatile());
            model.put("b/one", "9");
        }

        /** Makes another instance have a tombstone and volatile records as well. */
        void repeat(SealedStore other) {
            other.namespace("b").put(bytes("gone"), bytes("8"), WriteOptions.asVolatile());
            other.namespace("b").delete(bytes("gone"), WriteOptions.asVolatile());
            other.namespace("a").put(bytes("three"), bytes("7"), WriteOptions.asVolatile());
        }

        void put(String space, String key, String value) {
            store.namespace(space).put(bytes(key), bytes(value));
            model.put(space + "/" + key, value);
        }
    }

    private static final List<String> KEYS =
            List.of("a/one", "a/two", "a/three", "a/gone", "b/one", "b/ends", "b/gone", "b/never");

    private static final String THROWN = "thrown";

    private static TreeMap<String, String> read(SealedStore store) {
        TreeMap<String, String> got = new TreeMap<>();
        for (String key : KEYS) {
            try {
                byte[] value = store.namespace(key.substring(0, 1)).get(bytes(key.substring(2)));
                if (value != null) {
                    got.put(key, text(value));
                }
            } catch (SealedStoreException e) {
                got.put(key, THROWN);
            }
        }
        return got;
    }

    /** Fails on a wrong answer; says whether any read threw. */
    private static boolean judge(TreeMap<String, String> got, Map<String, String> model, String mutation) {
        for (String key : KEYS) {
            if (!THROWN.equals(got.get(key))) {
                assertThat(got.get(key)).as("%s after %s", key, mutation).isEqualTo(model.get(key));
            }
        }
        return got.containsValue(THROWN);
    }

    private int legalLosses;

    private void opening(Victim v, String mutation, Consumer mutate) throws Exception {
        DiskStore copy = v.disk.copy();
        mutate.accept(copy);
        if (same(copy, v.disk)) {
            return;
        }
        try (SealedStore next = SealedStore.open(copy, KEY, v.options)) {
            TreeMap<String, String> got = read(next);
            if (!got.containsValue(THROWN) && !got.equals(v.model) && v.prefixes.contains(got)) {
                // As if the newest volatile writes had never reached the disk, which they were never said to have.
                legalLosses++;
                return;
            }
            // Several changes may lose the newest volatile writes and damage something else: what is answered is of one
            // moment.
            TreeMap<String, String> moment = v.prefixes.stream()
                    .filter(prefix -> KEYS.stream()
                            .allMatch(key ->
                                    THROWN.equals(got.get(key)) || Objects.equals(got.get(key), prefix.get(key))))
                    .findFirst()
                    .orElse(v.model);
            boolean noticed = judge(got, moment, mutation);
            assertThat(noticed || !next.verify().findings().isEmpty())
                    .as("on opening: %s", mutation)
                    .isTrue();
        } catch (SealedStoreException e) {
            assertThat(e.reason()).isNotNull();
        }
    }

    private void live(Victim v, String mutation, Consumer mutate) throws Exception {
        DiskStore copy = v.disk.copy();
        try (SealedStore store = SealedStore.open(copy, KEY, v.options)) {
            v.repeat(store);
            DiskStore before = copy.copy();
            mutate.accept(copy);
            if (same(copy, before)) {
                return;
            }
            boolean noticed = judge(read(store), v.model, mutation);
            assertThat(noticed || !store.verify().findings().isEmpty())
                    .as("live: %s", mutation)
                    .isTrue();
        }
    }

    private static boolean same(DiskStore a, DiskStore b) {
        if (a.entries.size() != b.entries.size()) {
            return false;
        }
        return a.entries.entrySet().stream().allMatch(e -> Arrays.equals(e.getValue(), b.entries.get(e.getKey())));
    }

    @FunctionalInterface
    private interface Consumer {
        void accept(DiskStore disk);
    }

    private StoreOptions fresh() {
        return options().time(() -> new TrustedTime.Reading(NOW, false)).build();
    }

    @Test
    void everyFlippedByteIsNoticed() throws Exception {
        flips(new Random(1), 1);
    }

    @Test
    @Tag("soak")
    void everyFlippedBitIsNoticed() throws Exception {
        flips(new Random(2), 8);
    }

    private void flips(Random random, int bits) throws Exception {
        Victim v = new Victim(fresh());
        int mutations = 0;
        for (byte[] key : List.copyOf(v.disk.entries.keySet())) {
            int length = v.disk.entries.get(key).length;
            for (int i = 0; i < length; i++) {
                for (int b = 0; b < bits; b++) {
                    int at = i;
                    int mask = 1 << (bits == 8 ? b : random.nextInt(8));
                    String name = HexFormat.of().formatHex(key) + "[" + i + "]^" + mask;
                    Consumer flip = disk -> {
                        byte[] record = disk.entries.get(key);
                        if (record != null && at < record.length) {
                            record[at] ^= (byte) mask;
                        }
                    };
                    opening(v, name, flip);
                    if (key.length == 17) {
                        live(v, name, flip);
                    }
                    mutations++;
                }
            }
        }
        assertThat(legalLosses).isLessThan(mutations / 10);
        assertThat(mutations).isGreaterThan(bits * 800);
    }

    @Test
    void everySwapReplayDropAndResurrectionIsNoticed() throws Exception {
        Victim v = new Victim(fresh());
        Map<String, Consumer> mutations = mutations(v);
        assertThat(mutations).hasSizeGreaterThan(90);
        for (Map.Entry<String, Consumer> m : mutations.entrySet()) {
            opening(v, m.getKey(), m.getValue());
            live(v, m.getKey(), m.getValue());
        }
        assertThat(legalLosses).isLessThan(5);
    }

    /** One to three changes at a time, drawn at random from all of them and from flips of up to four bytes. */
    @Test
    @Tag("soak")
    void aHundredThousandMutationsAreNoticed() throws Exception {
        Random random = new Random(99);
        for (int round = 0; round < 100; round++) {
            Victim v = new Victim(fresh());
            List<Map.Entry<String, Consumer>> all = new ArrayList<>(mutations(v).entrySet());
            List<byte[]> keys = List.copyOf(v.disk.entries.keySet());
            for (int i = 0; i < 500; i++) {
                List<Map.Entry<String, Consumer>> chosen = new ArrayList<>();
                for (int n = random.nextInt(3); n >= 0; n--) {
                    chosen.add(random.nextInt(3) == 0 ? flips(random, keys) : all.get(random.nextInt(all.size())));
                }
                Consumer mutate = disk -> chosen.forEach(each -> each.getValue().accept(disk));
                String name = chosen.stream().map(Map.Entry::getKey).toList().toString();
                opening(v, name, mutate);
                live(v, name, mutate);
            }
        }
    }

    private static Map.Entry<String, Consumer> flips(Random random, List<byte[]> keys) {
        byte[] key = keys.get(random.nextInt(keys.size()));
        int[] at = random.ints(1 + random.nextInt(4), 0, 1 << 20).toArray();
        int mask = 1 + random.nextInt(255);
        Consumer flip = disk -> {
            byte[] record = disk.entries.get(key);
            for (int i : at) {
                if (record != null) {
                    record[i % record.length] ^= (byte) mask;
                }
            }
        };
        return Map.entry("flip " + HexFormat.of().formatHex(key) + Arrays.toString(at) + "^" + mask, flip);
    }

    private Map<String, Consumer> mutations(Victim v) throws Exception {
        Victim other = new Victim(StoreOptions.builder("other")
                .commitInterval(Duration.ZERO)
                .time(() -> new TrustedTime.Reading(NOW, false))
                .build());
        Map<String, Consumer> mutations = new TreeMap<>();
        List<byte[]> keys = v.disk.records();
        for (byte[] a : keys) {
            String name = HexFormat.of().formatHex(a);
            mutations.put("drop " + name, disk -> disk.entries.remove(a));
            for (byte[] b : keys) {
                if (a != b) {
                    mutations.put(
                            "copy " + name + " over " + HexFormat.of().formatHex(b),
                            disk -> put(disk, b, disk.entries.get(a)));
                    mutations.put("swap " + name + " with " + HexFormat.of().formatHex(b), disk -> {
                        byte[] x = disk.entries.get(a);
                        put(disk, a, disk.entries.get(b));
                        put(disk, b, x);
                    });
                }
            }
            for (byte[] foreign : other.disk.records()) {
                mutations.put(
                        "other store's " + HexFormat.of().formatHex(foreign) + " as " + name,
                        disk -> disk.entries.put(
                                a, other.disk.entries.get(foreign).clone()));
            }
        }
        for (int h = 0; h < v.history.size(); h++) {
            DiskStore old = v.history.get(h);
            for (byte[] key : old.entries.keySet()) {
                byte[] was = old.entries.get(key);
                byte[] is = v.disk.entries.get(key);
                if (!Arrays.equals(was, is)) {
                    mutations.put(
                            "replay " + h + " " + HexFormat.of().formatHex(key),
                            disk -> disk.entries.put(key, was.clone()));
                }
            }
        }
        mutations.put("no manifests", disk -> disk.entries.keySet().removeIf(k -> k[0] == (byte) 0xF0));
        mutations.put("swap manifests", disk -> {
            byte[] zero = {(byte) 0xF0, 0};
            byte[] one = {(byte) 0xF0, 1};
            byte[] x = disk.entries.get(zero);
            disk.entries.put(zero, disk.entries.get(one));
            disk.entries.put(one, x);
        });
        mutations.put(
                "foreign manifests",
                disk -> other.disk.entries.forEach((k, value) -> {
                    if (k[0] == (byte) 0xF0) {
                        disk.entries.put(k, value.clone());
                    }
                }));
        return mutations;
    }

    /** At S0 the host may answer with old records and hide them, and may do nothing else. */
    @Test
    void sealedOnlyNoticesEverythingButOldAnswers() throws Exception {
        StoreOptions options = options()
                .insecureSealedOnly()
                .time(() -> new TrustedTime.Reading(NOW, false))
                .build();
        Victim v = new Victim(options);
        for (byte[] key : v.disk.records()) {
            byte[] record = v.disk.entries.get(key);
            for (int i = 0; i < record.length; i++) {
                DiskStore copy = v.disk.copy();
                copy.entries.get(key)[i] ^= 4;
                try (SealedStore next = SealedStore.open(copy, KEY, options)) {
                    assertThat(judge(read(next), v.model, "flip " + i))
                            .as("flip " + i)
                            .isTrue();
                }
            }
            for (byte[] other : v.disk.records()) {
                if (key != other) {
                    DiskStore copy = v.disk.copy();
                    copy.entries.put(key, record(v.disk, other));
                    try (SealedStore next = SealedStore.open(copy, KEY, options)) {
                        assertThat(judge(read(next), v.model, "copy")).isTrue();
                    }
                }
            }
        }
    }

    private static void put(DiskStore disk, byte[] key, byte[] value) {
        if (value == null) {
            disk.entries.remove(key);
        } else {
            disk.entries.put(key, value.clone());
        }
    }

    private static byte[] record(DiskStore disk, byte[] key) {
        return disk.entries.get(key).clone();
    }

    @Test
    void reasonsAreTold() throws Exception {
        Victim v = new Victim(fresh());
        DiskStore old = v.history.get(0);
        byte[] changed = old.records().stream()
                .filter(k -> v.disk.entries.containsKey(k) && !Arrays.equals(v.disk.entries.get(k), old.entries.get(k)))
                .findFirst()
                .orElseThrow();
        DiskStore truth = v.disk.copy();
        v.disk.entries.put(changed, old.entries.get(changed));
        assertThat(v.store.verify().findings())
                .extracting(Finding::reason)
                .containsExactly(SealedStoreException.Reason.STALE);
        v.disk.restore(truth);
        v.disk.entries.remove(changed);
        assertThat(v.store.verify().findings())
                .extracting(Finding::reason)
                .containsExactly(SealedStoreException.Reason.MISSING);
        v.disk.restore(truth);
        v.disk.entries.put(changed, bytes("nonsense"));
        assertThat(v.store.verify().findings())
                .extracting(Finding::reason)
                .containsExactly(SealedStoreException.Reason.TAMPERED);
        v.disk.restore(truth);
        v.disk.entries.get(changed)[1] = 2;
        assertThatThrownBy(() -> {
                    for (String key : KEYS) {
                        v.store.namespace(key.substring(0, 1)).get(bytes(key.substring(2)));
                    }
                })
                .isInstanceOf(UnsupportedFormatException.class);
        v.disk.restore(truth);
        v.disk.entries.get(new byte[] {(byte) 0xF0, 0})[4] = 2;
        assertThatThrownBy(() -> SealedStore.open(v.disk, KEY, v.options))
                .isInstanceOf(UnsupportedFormatException.class);
    }

    @Test
    void anOldCopyAndASecondInstanceAreRefusedAtTheHighestTier() throws Exception {
        InsecureCounter counter = InsecureCounter.inMemory();
        DiskStore disk = new DiskStore();
        StoreOptions options =
                options().rollbackSafe(counter).leaseWait(Duration.ZERO).build();
        List<DiskStore> copies = new ArrayList<>();
        try (SealedStore store = SealedStore.openOrCreate(disk, KEY, options)) {
            for (int i = 0; i < 5; i++) {
                store.namespace("n").put(bytes("k"), bytes("v" + i));
                if (i < 4) {
                    copies.add(disk.copy());
                }
            }
            assertThatThrownBy(() -> SealedStore.open(disk.copy(), KEY, options))
                    .isInstanceOf(ForkedException.class);
        }
        for (DiskStore copy : copies) {
            assertThatThrownBy(() -> SealedStore.open(copy, KEY, options)).isInstanceOf(RollbackException.class);
        }
        assertThatThrownBy(() -> SealedStore.open(new DiskStore(), KEY, options))
                .isInstanceOf(RollbackException.class);
        assertThatThrownBy(() -> SealedStore.openOrCreate(new DiskStore(), KEY, options))
                .isInstanceOf(RollbackException.class);
        // A counter that was set back, or belongs to another history.
        StoreOptions rewound =
                options().rollbackSafe(InsecureCounter.inMemory()).build();
        assertThatThrownBy(() -> SealedStore.open(disk, KEY, rewound)).isInstanceOf(TamperedException.class);
        InsecureCounter second = InsecureCounter.inMemory();
        StoreOptions elsewhere = options().rollbackSafe(second).build();
        DiskStore otherDisk = new DiskStore();
        try (SealedStore store = SealedStore.create(otherDisk, KEY, elsewhere)) {
            while (store.status().sequence() < 7) {
                store.namespace("n").put(bytes("k"), bytes("x"));
            }
        }
        try (SealedStore store = SealedStore.open(disk, KEY, options)) {
            assertThat(store.status().sequence()).isEqualTo(7);
            assertThat(text(store.namespace("n").get(bytes("k")))).isEqualTo("v4");
        }
        assertThatThrownBy(() -> SealedStore.open(otherDisk, KEY, options)).isInstanceOf(ForkedException.class);
    }
}
