package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static io.ebridge.kv.Stores.all;
import static io.ebridge.kv.Stores.bytes;
import static io.ebridge.kv.Stores.options;
import static io.ebridge.kv.Stores.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.memory.InMemoryHostStore;
import io.ebridge.kv.memory.InsecureCounter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SealedStoreTest {

    private static StoreOptions.Builder at(Tier tier) {
        return switch (tier) {
            case SEALED -> Stores.options().insecureSealedOnly();
            case LIVE_FRESH -> Stores.options();
            case ROLLBACK_SAFE -> Stores.options().rollbackSafe(InsecureCounter.inMemory());
        };
    }

    @ParameterizedTest
    @EnumSource(Tier.class)
    void whatIsPutIsGotAcrossRestarts(Tier tier) throws Exception {
        DiskStore disk = new DiskStore();
        StoreOptions options = at(tier).build();
        long version;
        try (SealedStore store = SealedStore.create(disk, KEY, options)) {
            SealedNamespace a = store.namespace("a");
            SealedNamespace b = store.namespace("b");
            assertThat(a.get(bytes("k"))).isNull();
            Ack ack = a.put(bytes("k"), bytes("one"));
            assertThat(ack.durability()).isEqualTo(Durability.DURABLE);
            assertThat(b.get(bytes("k"))).isNull();
            b.put(bytes("k"), bytes("two"), WriteOptions.asVolatile());
            b.put(bytes("gone"), bytes("x"), WriteOptions.asVolatile());
            b.delete(bytes("gone"), WriteOptions.asVolatile());
            b.put(bytes("later"), bytes("y"));
            b.delete(bytes("later"));
            version = a.put(bytes("k"), bytes("three")).version();
            assertThat(version).isGreaterThan(ack.version());
            assertThat(text(a.get(bytes("k")))).isEqualTo("three");
            assertThat(store.verify().orThrow().verified()).isGreaterThanOrEqualTo(2);
        }
        for (int restart = 0; restart < 3; restart++) {
            try (SealedStore store = SealedStore.open(disk, KEY, options)) {
                assertThat(store.namespaces()).containsExactly("a", "b");
                Entry entry = store.namespace("a").getEntry(bytes("k"));
                assertThat(entry).isNotNull();
                assertThat(entry.version()).isEqualTo(version);
                assertThat(text(entry.value())).isEqualTo("three");
                assertThat(all(store.namespace("b").entries())).isEqualTo(Map.of("k", "two"));
                assertThat(store.namespace("b").get(bytes("gone"))).isNull();
                store.verify().orThrow();
            }
        }
        assertThat(SealedStore.inspect(disk, KEY, options).orThrow().verified()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Tier.class)
    void volatileWritesOutliveTheEnclaveIfTheHostKeptThem(Tier tier, @TempDir Path directory) throws Exception {
        DiskStore disk = new DiskStore();
        Path counter = directory.resolve("counter");
        StoreOptions options = tier == Tier.ROLLBACK_SAFE
                ? options().rollbackSafe(InsecureCounter.file(counter)).build()
                : at(tier).build();
        SealedStore store = SealedStore.create(disk, KEY, options);
        for (int i = 0; i < 100; i++) {
            Ack ack = store.namespace("n").put(bytes("k" + i % 40), bytes("v" + i), WriteOptions.asVolatile());
            assertThat(ack.durability()).isEqualTo(i == 0 ? Durability.DURABLE : Durability.VOLATILE);
        }
        store.namespace("n").delete(bytes("k5"), WriteOptions.asVolatile());
        assertThat(disk.unsynced()).isEqualTo(100);
        // The enclave dies without closing; its lease with it.
        StoreOptions again = tier == Tier.ROLLBACK_SAFE
                ? options().rollbackSafe(InsecureCounter.file(counter)).build()
                : options;
        try (SealedStore next = SealedStore.open(disk, KEY, again)) {
            TreeMap<String, String> all = all(next.namespace("n").entries());
            assertThat(all)
                    .hasSize(39)
                    .doesNotContainKey("k5")
                    .containsEntry("k19", "v99")
                    .containsEntry("k20", "v60");
            assertThat(next.status().quarantined()).isEmpty();
            next.verify().orThrow();
        }
    }

    @Test
    void ofUnsyncedWritesAnyPrefixMayBeLost() throws Exception {
        for (int kept = 0; kept <= 30; kept++) {
            DiskStore disk = new DiskStore();
            StoreOptions options = at(Tier.LIVE_FRESH).build();
            SealedStore store = SealedStore.create(disk, KEY, options);
            SealedNamespace n = store.namespace("n");
            n.put(bytes("k0"), bytes("durable"));
            for (int i = 1; i <= 30; i++) {
                if (i % 7 == 0) {
                    n.delete(bytes("k" + (i - 3)), WriteOptions.asVolatile());
                } else {
                    n.put(bytes("k" + i), bytes("v" + i), WriteOptions.asVolatile());
                }
            }
            TreeMap<String, String> model = new TreeMap<>(Map.of("k0", "durable"));
            for (int i = 1; i <= kept; i++) {
                if (i % 7 == 0) {
                    model.remove("k" + (i - 3));
                } else {
                    model.put("k" + i, "v" + i);
                }
            }
            disk.crash(kept);
            try (SealedStore next = SealedStore.open(disk, KEY, options)) {
                assertThat(next.status().quarantined()).isEmpty();
                assertThat(all(next.namespace("n").entries())).isEqualTo(model);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Tier.class)
    void conditionsDecideWhetherAnythingIsWritten(Tier tier) throws Exception {
        try (SealedStore store = SealedStore.create(new InMemoryHostStore(), KEY, at(tier).build())) {
            SealedNamespace n = store.namespace("n");
            Ack first = n.putIf(bytes("k"), bytes("1"), SealedNamespace.ABSENT).orThrow();
            assertThat(first.durability()).isEqualTo(Durability.VOLATILE);
            assertThat(n.putIf(bytes("k"), bytes("2"), SealedNamespace.ABSENT))
                    .isEqualTo(new Conditional.Conflict("n", 0, first.version()));
            Ack second = n.putIf(bytes("k"), bytes("2"), first.version()).orThrow();
            WriteBatch batch = new WriteBatch()
                    .require("n", bytes("k"), first.version())
                    .put("n", bytes("other"), bytes("x"))
                    .delete("n", bytes("k"));
            assertThat(store.write(batch)).isInstanceOf(Conditional.Conflict.class);
            assertThat(text(n.get(bytes("k")))).isEqualTo("2");
            assertThat(n.get(bytes("other"))).isNull();
            batch = new WriteBatch()
                    .require("n", bytes("k"), second.version())
                    .require("m", bytes("k"), SealedNamespace.ABSENT)
                    .put("n", bytes("other"), bytes("w"))
                    .put("n", bytes("other"), bytes("x"))
                    .put("m", bytes("k"), bytes("y"))
                    .put("n", bytes("k"), bytes("z"))
                    .delete("n", bytes("k"));
            assertThat(store.write(batch)).isInstanceOf(Conditional.Stored.class);
            assertThat(n.get(bytes("k"))).isNull();
            assertThat(text(n.get(bytes("other")))).isEqualTo("x");
            assertThat(text(store.namespace("m").get(bytes("k")))).isEqualTo("y");
            long version = n.getEntry(bytes("other")).version();
            assertThat(n.deleteIf(bytes("other"), version + 1)).isInstanceOf(Conditional.Conflict.class);
            assertThat(n.deleteIf(bytes("other"), version)).isInstanceOf(Conditional.Stored.class);
            assertThat(all(n.entries())).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Tier.class)
    void snapshotsStandStill(Tier tier) throws Exception {
        DiskStore disk = new DiskStore();
        try (SealedStore store = SealedStore.create(disk, KEY, at(tier).build())) {
            SealedNamespace n = store.namespace("n");
            for (int i = 0; i < 50; i++) {
                n.put(bytes("k" + i), bytes("a" + i), i % 2 == 0 ? WriteOptions.durable() : WriteOptions.asVolatile());
            }
            TreeMap<String, String> before = all(n.entries());
            try (StoreSnapshot first = store.snapshot()) {
                for (int i = 0; i < 50; i += 2) {
                    n.put(bytes("k" + i), bytes("b" + i), WriteOptions.asVolatile());
                }
                n.delete(bytes("k1"));
                n.delete(bytes("k3"), WriteOptions.asVolatile());
                n.put(bytes("new"), bytes("x"));
                TreeMap<String, String> middle = all(n.entries());
                try (StoreSnapshot second = store.snapshot()) {
                    n.put(bytes("k0"), bytes("c"));
                    n.put(bytes("k1"), bytes("c"));
                    n.put(bytes("k3"), bytes("c"), WriteOptions.asVolatile());
                    n.delete(bytes("k2"));
                    n.delete(bytes("new"));
                    store.commit();
                    assertThat(all(first.entries("n"))).isEqualTo(before);
                    assertThat(all(second.entries("n"))).isEqualTo(middle);
                    assertThat(text(first.get("n", bytes("k0")).value())).isEqualTo("a0");
                    assertThat(text(second.get("n", bytes("k0")).value())).isEqualTo("b0");
                    assertThat(second.get("n", bytes("k1"))).isNull();
                    assertThat(second.getAll("n", List.of(bytes("k1"), bytes("k2"))))
                            .hasSize(2);
                    assertThat(first.get("n", bytes("new"))).isNull();
                }
                assertThat(all(first.entries("n"))).isEqualTo(before);
            }
            assertThat(text(n.get(bytes("k0")))).isEqualTo("c");
            assertThat(all(n.entries())).hasSize(49).doesNotContainKey("k2").doesNotContainKey("new");
            store.commit();
            store.verify().orThrow();
            assertThat(disk.entries.keySet().stream().filter(k -> k[0] == (byte) 0xF1))
                    .isEmpty();
            assertThat(store.status().snapshots()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Tier.class)
    void aSweepEndsAnEpochAndSurvivesRestarts(Tier tier) throws Exception {
        DiskStore disk = new DiskStore();
        StoreOptions options = at(tier).build();
        TreeMap<String, String> model = new TreeMap<>();
        Map<String, Long> versions = new TreeMap<>();
        SealedStore store = SealedStore.create(disk, KEY, options);
        for (int i = 0; i < 300; i++) {
            String space = i % 3 == 0 ? "m" : "n";
            versions.put(
                    space + i,
                    store.namespace(space)
                            .put(bytes("k" + i), bytes("v" + i), WriteOptions.asVolatile())
                            .version());
            model.put(space + i, "v" + i);
        }
        store.rotate();
        assertThat(store.status().epoch()).isEqualTo(2);
        store.namespace("n").put(bytes("fresh"), bytes("f"));
        SweepProgress progress = store.sweep(64);
        assertThat(progress.complete()).isFalse();
        int steps = 1;
        while (!progress.complete()) {
            store.close();
            store = SealedStore.open(disk, KEY, options);
            progress = store.sweep(64);
            assertThat(++steps).isLessThan(40);
        }
        assertThat(steps).isGreaterThan(3);
        assertThat(store.status().oldestEpoch()).isEqualTo(2);
        store.close();
        store = SealedStore.open(disk, KEY, options);
        for (int i = 0; i < 300; i++) {
            String space = i % 3 == 0 ? "m" : "n";
            Entry entry = store.namespace(space).getEntry(bytes("k" + i));
            assertThat(text(entry.value())).isEqualTo(model.get(space + i));
            assertThat(entry.version()).isEqualTo(versions.get(space + i));
        }
        store.verify().orThrow();
        store.close();
    }

    @Test
    void timeToLiveFollowsTrustedTimeOnly() throws Exception {
        AtomicReference<TrustedTime.Reading> now =
                new AtomicReference<>(new TrustedTime.Reading(Instant.ofEpochSecond(1_000_000), false));
        StoreOptions options = Stores.options().time(now::get).build();
        DiskStore disk = new DiskStore();
        SealedStore store = SealedStore.create(disk, KEY, options);
        SealedNamespace n = store.namespace("n");
        n.put(bytes("short"), bytes("s"), WriteOptions.timeToLive(Duration.ofSeconds(10)));
        n.put(bytes("long"), bytes("l"), WriteOptions.timeToLive(Duration.ofSeconds(100)));
        n.put(bytes("ever"), bytes("e"));
        assertThat(n.getEntry(bytes("short")).expiry()).contains(Instant.ofEpochSecond(1_000_010));
        now.set(new TrustedTime.Reading(Instant.ofEpochSecond(1_000_010), false));
        assertThat(n.get(bytes("short"))).isNull();
        assertThat(all(n.entries())).containsOnlyKeys("long", "ever");
        assertThat(n.putIf(bytes("short"), bytes("again"), SealedNamespace.ABSENT))
                .isInstanceOf(Conditional.Stored.class);
        assertThat(text(n.get(bytes("short")))).isEqualTo("again");
        n.put(bytes("short"), bytes("s"), WriteOptions.timeToLive(Duration.ofSeconds(5)));
        store.commit();
        store.close();
        // The clock goes back and freezes: the floor in the manifest holds.
        now.set(new TrustedTime.Reading(Instant.EPOCH, true));
        store = SealedStore.open(disk, KEY, options);
        SealedNamespace again = store.namespace("n");
        assertThatThrownBy(() -> again.get(bytes("long"))).isInstanceOf(FrozenTimeException.class);
        assertThatThrownBy(() -> again.put(bytes("x"), bytes("x"), WriteOptions.timeToLive(Duration.ofSeconds(1))))
                .isInstanceOf(FrozenTimeException.class);
        assertThat(text(again.get(bytes("ever")))).isEqualTo("e");
        now.set(new TrustedTime.Reading(Instant.ofEpochSecond(2_000_000), true));
        assertThat(again.get(bytes("long"))).isNull();
        SweepProgress sweep = store.sweep(1000);
        assertThat(sweep.removed()).isEqualTo(2);
        assertThat(store.status().records()).isEqualTo(1);
        store.close();
    }

    @Test
    void aNameOpensItsOwnStoreOnly() throws Exception {
        DiskStore disk = new DiskStore();
        SealedStore.create(disk, KEY, options().build()).close();
        assertThatThrownBy(() -> SealedStore.open(
                        disk, KEY, StoreOptions.builder("other").build()))
                .isInstanceOf(TamperedException.class);
        SealingKey other = InsecureSealing.fromSeed("other").sealingKey(SealingPolicy.measurement(), "tests");
        assertThatThrownBy(() -> SealedStore.open(disk, other, options().build()))
                .isInstanceOf(TamperedException.class);
        assertThatThrownBy(() -> SealedStore.create(disk, KEY, options().build()))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> SealedStore.open(
                        disk, KEY, options().insecureSealedOnly().build()))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(
                        () -> SealedStore.open(new DiskStore(), KEY, options().build()))
                .isInstanceOf(MissingException.class);
        assertThatThrownBy(() ->
                        SealedStore.openOrCreate(new DiskStore(), KEY, options().build()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(KEY.toString()).isEqualTo("SealingKey[redacted]");
        SealingKey closed = KEY.child("x");
        closed.close();
        assertThatThrownBy(() -> SealedStore.open(disk, closed, options().build()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aWriteOfUnknownOutcomeIsSettledBeforeAnythingElse() throws Exception {
        for (boolean applied : new boolean[] {false, true}) {
            DiskStore disk = new DiskStore();
            try (SealedStore store = SealedStore.create(disk, KEY, options().build())) {
                SealedNamespace n = store.namespace("n");
                n.put(bytes("k"), bytes("1"));
                DiskStore.Fault fault = op -> {
                    if (op.equals("write")) {
                        throw new IOException("no answer");
                    }
                };
                if (applied) {
                    disk.after = fault;
                } else {
                    disk.before = fault;
                }
                assertThatThrownBy(() -> n.put(bytes("k"), bytes("2")))
                        .isInstanceOfSatisfying(BackendException.class, e -> assertThat(e.outcomeUnknown())
                                .isTrue());
                assertThatThrownBy(() -> n.put(bytes("other"), bytes("2")))
                        .isInstanceOfSatisfying(BackendException.class, e -> assertThat(e.outcomeUnknown())
                                .isFalse());
                disk.before = op -> {};
                disk.after = op -> {};
                assertThat(n.putIf(bytes("other"), bytes("3"), SealedNamespace.ABSENT))
                        .isInstanceOf(Conditional.Stored.class);
                assertThat(text(n.get(bytes("k")))).isEqualTo("2");
                store.verify().orThrow();
            }
        }
    }

    @Test
    void limitsAreReached() throws Exception {
        StoreOptions options = options().maxValueBytes(1000).build();
        try (SealedStore store = SealedStore.create(new InMemoryHostStore(), KEY, options)) {
            SealedNamespace n = store.namespace("n");
            byte[] key = new byte[65_535];
            n.put(key, new byte[1000]);
            assertThat(n.get(key)).hasSize(1000);
            assertThatThrownBy(() -> n.put(new byte[65_536], new byte[1])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> n.put(new byte[0], new byte[1])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> n.put(key, new byte[1001])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.namespace("x".repeat(65)).get(key))
                    .isInstanceOf(IllegalArgumentException.class);
            n.put(bytes("empty"), new byte[0]);
            assertThat(n.get(bytes("empty"))).isEmpty();
            List<StoreSnapshot> open = new ArrayList<>();
            for (int i = 0; i < 1024; i++) {
                open.add(store.snapshot());
            }
            assertThatThrownBy(store::snapshot).isInstanceOf(IllegalStateException.class);
            open.forEach(StoreSnapshot::close);
            WriteBatch batch = new WriteBatch();
            for (int i = 0; i < WriteBatch.MAX_OPERATIONS; i++) {
                batch.put("n", bytes("b" + i), bytes("x"));
            }
            assertThatThrownBy(() -> batch.delete("n", bytes("x"))).isInstanceOf(IllegalStateException.class);
            assertThat(store.write(batch)).isInstanceOf(Conditional.Stored.class);
            assertThat(store.status().records()).isEqualTo(WriteBatch.MAX_OPERATIONS + 2);
        }
        assertThatThrownBy(() -> StoreOptions.builder("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options().maxValueBytes(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void concurrentCallersSeeTheirOwnWrites() throws Exception {
        DiskStore disk = new DiskStore();
        try (SealedStore store =
                SealedStore.create(disk, KEY, options().volatileLimit(50).build())) {
            SealedNamespace n = store.namespace("n");
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int thread = t;
                all.add(CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 300; i++) {
                        byte[] key = bytes("k" + thread + "-" + i % 10);
                        byte[] value = bytes(thread + ":" + i);
                        n.put(key, value, i % 3 == 0 ? WriteOptions.durable() : WriteOptions.asVolatile());
                        assertThat(n.get(key)).isEqualTo(value);
                        n.get(bytes("k" + (thread + 1) % 8 + "-" + i % 10));
                        if (i % 100 == 0) {
                            try (StoreSnapshot s = store.snapshot()) {
                                s.entries("n").forEachRemaining(e -> {});
                            }
                        }
                    }
                }));
            }
            for (CompletableFuture<Void> each : all) {
                each.get(50, TimeUnit.SECONDS);
            }
            assertThat(all(n.entries())).hasSize(80);
            store.verify().orThrow();
            Ack ack = n.putAsync(bytes("async"), bytes("a"), WriteOptions.durable())
                    .get(10, TimeUnit.SECONDS);
            assertThat(n.getAsync(bytes("async")).get(10, TimeUnit.SECONDS).version())
                    .isEqualTo(ack.version());
            assertThat(n.getAllAsync(List.of(bytes("async"), bytes("none"))).get(10, TimeUnit.SECONDS))
                    .hasSize(2);
            n.deleteAsync(bytes("async"), WriteOptions.DEFAULT).get(10, TimeUnit.SECONDS);
            assertThat(n.get(bytes("async"))).isNull();
        }
    }

    @Test
    void aBadRecordClosesItsNamespaceOnlyAndAGoodOneOpensItAgain() throws Exception {
        DiskStore disk = new DiskStore();
        StoreOptions options = options().build();
        DiskStore good;
        try (SealedStore store = SealedStore.create(disk, KEY, options)) {
            store.namespace("a").put(bytes("k"), bytes("1"));
            byte[] key = disk.records().get(0);
            store.namespace("b").put(bytes("k"), bytes("2"));
            good = disk.copy();
            disk.entries.get(key)[40] ^= 1;
            assertThatThrownBy(() -> store.namespace("a").get(bytes("k"))).isInstanceOf(TamperedException.class);
            assertThatThrownBy(() -> store.namespace("a").get(bytes("else")))
                    .isInstanceOfSatisfying(TamperedException.class, e -> assertThat(e.namespace())
                            .contains("a"));
            assertThatThrownBy(() -> store.namespace("a").put(bytes("else"), bytes("x")))
                    .isInstanceOf(TamperedException.class);
            store.namespace("b").put(bytes("k"), bytes("3"));
            assertThat(store.status().quarantined()).containsOnlyKeys("a");
            assertThatThrownBy(() -> store.readmit("a")).isInstanceOf(TamperedException.class);
        }
        // It stays closed across restarts.
        try (SealedStore store = SealedStore.open(disk, KEY, options)) {
            assertThat(text(store.namespace("b").get(bytes("k")))).isEqualTo("3");
            assertThatThrownBy(() -> store.namespace("a").get(bytes("k"))).isInstanceOf(TamperedException.class);
            assertThat(store.verify().findings()).isNotEmpty();
            good.entries.forEach((key, value) -> {
                if (key.length == 17 && disk.entries.get(key)[7] == 1) {
                    disk.entries.put(key, value);
                }
            });
            store.readmit("a");
            assertThat(text(store.namespace("a").get(bytes("k")))).isEqualTo("1");
            store.verify().orThrow();
        }
        try (SealedStore store = SealedStore.open(disk, KEY, options)) {
            assertThat(text(store.namespace("a").get(bytes("k")))).isEqualTo("1");
            assertThat(text(store.namespace("b").get(bytes("k")))).isEqualTo("3");
        }
    }

    @Test
    void salvageBringsOutWhatOpens() throws Exception {
        DiskStore disk = new DiskStore();
        StoreOptions options = options().build();
        try (SealedStore store = SealedStore.create(disk, KEY, options)) {
            for (int i = 0; i < 20; i++) {
                store.namespace("n").put(bytes("k" + i), bytes("v" + i));
            }
        }
        byte[] bad = disk.records().get(3);
        disk.entries.get(bad)[40] ^= 1;
        disk.entries.remove(disk.records().get(7));
        VerifyReport report = SealedStore.inspect(disk, KEY, options);
        assertThat(report.verified()).isEqualTo(18);
        assertThat(report.findings())
                .extracting(Finding::reason)
                .containsExactlyInAnyOrder(SealedStoreException.Reason.TAMPERED, SealedStoreException.Reason.MISSING);
        assertThatThrownBy(report::orThrow).isInstanceOf(TamperedException.class);
        StoreOptions fresh =
                StoreOptions.builder("salvaged").commitInterval(Duration.ZERO).build();
        DiskStore target = new DiskStore();
        try (SealedStore store = SealedStore.create(target, KEY, fresh)) {
            SalvageReport salvage = SealedStore.salvage(disk, KEY, options, store);
            assertThat(salvage.salvaged()).isEqualTo(18);
            assertThat(all(store.namespace("n").entries())).hasSize(18);
            store.verify().orThrow();
        }
    }

    @Test
    void theSealedConfigurationNeverStartsAfresh() {
        SealedConfig config = SealedConfig.create("unit").withNewKey("root").with("mode", bytes("live"));
        byte[] blob = config.seal(KEY);
        SealedConfig opened = SealedConfig.open(KEY, "unit", blob);
        assertThat(opened.generation()).isEqualTo(3);
        assertThat(opened.get("mode"))
                .hasValueSatisfying(v -> assertThat(text(v)).isEqualTo("live"));
        assertThat(opened.get("none")).isEmpty();
        assertThat(opened.toString()).doesNotContain("live");
        opened.key("root").close();
        assertThatThrownBy(() -> opened.key("mode")).isInstanceOf(SealingException.class);
        assertThatThrownBy(() -> opened.withNewKey("root")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> SealedConfig.open(KEY, "else", blob)).isInstanceOf(SealingException.class);
        assertThatThrownBy(() -> SealedConfig.open(KEY.child("x"), "unit", blob))
                .isInstanceOf(SealingException.class);
        assertThatThrownBy(() -> SealedConfig.open(KEY, "unit", new byte[0])).isInstanceOf(SealingException.class);
        for (int i = 0; i < blob.length; i++) {
            byte[] bad = blob.clone();
            bad[i] ^= 1;
            assertThatThrownBy(() -> SealedConfig.open(KEY, "unit", bad))
                    .isInstanceOfAny(SealingException.class, UnsupportedFormatException.class);
        }
    }
}
