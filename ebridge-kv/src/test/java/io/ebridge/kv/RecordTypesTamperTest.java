package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static io.ebridge.kv.Stores.bytes;
import static io.ebridge.kv.Stores.options;
import static io.ebridge.kv.Stores.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.memory.InMemoryHostStore;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The types of records that {@link TamperTest} has none of: padded ones, those kept for snapshots, and the longest. */
@Timeout(120)
class RecordTypesTamperTest {

    private interface Change {
        void to(DiskStore disk, List<byte[]> preserved);
    }

    private static List<byte[]> preserved(DiskStore disk) {
        return disk.entries.keySet().stream().filter(k -> k[0] == (byte) 0xF1).toList();
    }

    /** A snapshot of two keys, both replaced since, whose old records the host has changed. */
    private static void snapshot(Tier tier, Change change) throws Exception {
        DiskStore disk = new DiskStore();
        StoreOptions options = (tier == Tier.SEALED ? options().insecureSealedOnly() : options()).build();
        try (SealedStore store = SealedStore.create(disk, KEY, options)) {
            SealedNamespace n = store.namespace("n");
            n.put(bytes("one"), bytes("1"));
            n.put(bytes("two"), bytes("2"));
            try (StoreSnapshot snapshot = store.snapshot()) {
                n.put(bytes("one"), bytes("3"));
                n.put(bytes("two"), bytes("4"));
                List<byte[]> preserved = preserved(disk);
                assertThat(preserved).hasSize(2);
                assertThat(text(snapshot.get("n", bytes("one")).value())).isEqualTo("1");
                change.to(disk, preserved);
                assertThatThrownBy(() -> {
                            snapshot.get("n", bytes("one"));
                            snapshot.get("n", bytes("two"));
                        })
                        .isInstanceOf(SealedStoreException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Tier.class,
            names = {"SEALED", "LIVE_FRESH"})
    void everyByteOfWhatASnapshotKeepsIsLookedAt(Tier tier) throws Exception {
        int[] length = new int[1];
        snapshot(tier, (disk, preserved) -> {
            length[0] = disk.entries.get(preserved.get(0)).length;
            disk.entries.remove(preserved.get(0));
        });
        assertThat(length[0]).isGreaterThan(50);
        for (int i = 0; i < length[0]; i++) {
            int at = i;
            snapshot(tier, (disk, preserved) -> disk.entries.get(preserved.get(1))[at] ^= 1);
        }
        snapshot(tier, (disk, preserved) -> {
            byte[] first = disk.entries.get(preserved.get(0));
            disk.entries.put(preserved.get(0), disk.entries.get(preserved.get(1)));
            disk.entries.put(preserved.get(1), first);
        });
        // The new one in the old one's place.
        snapshot(tier, (disk, preserved) -> {
            byte[] place = Arrays.copyOf(preserved.get(0), 17);
            place[0] = 1;
            disk.entries.put(preserved.get(0), disk.entries.get(place).clone());
        });
    }

    @Test
    void everyByteOfAPaddedRecordIsLookedAt() throws Exception {
        for (Padding padding : List.of(Padding.padme(), Padding.classes(64, 256))) {
            DiskStore disk = new DiskStore();
            StoreOptions options = options().padding(padding).build();
            try (SealedStore store = SealedStore.create(disk, KEY, options)) {
                store.namespace("n").put(bytes("k"), bytes("x".repeat(70)));
            }
            byte[] place = disk.records().get(0);
            byte[] record = disk.entries.get(place);
            assertThat(record[2] & 8).isEqualTo(8);
            for (int i = 0; i < record.length; i++) {
                DiskStore copy = disk.copy();
                try (SealedStore store = SealedStore.open(copy, KEY, options)) {
                    copy.entries.get(place)[i] ^= 16;
                    assertThatThrownBy(() -> store.namespace("n").get(bytes("k")))
                            .as("byte " + i)
                            .isInstanceOf(SealedStoreException.class);
                }
            }
        }
    }

    /** As many as snapshots may keep, and were left behind when the enclave was killed. */
    @Test
    void allThatSnapshotsLeftBehindIsClearedAwayByTheNextStart() throws Exception {
        DiskStore disk = new DiskStore();
        StoreOptions options = options().build();
        try (SealedStore store = SealedStore.create(disk, KEY, options)) {
            store.namespace("n").put(bytes("k"), bytes("1"));
        }
        for (int i = 0; i < 150_000; i++) {
            byte[] key = ByteBuffer.allocate(25).put((byte) 0xF1).putInt(i).array();
            disk.entries.put(key, new byte[] {1});
        }
        try (SealedStore store = SealedStore.open(disk, KEY, options)) {
            assertThat(preserved(disk)).isEmpty();
            store.verify().orThrow();
        }
    }

    /** What is sealed is longer than the longest value; nothing that reads whole stores may cut it. */
    @Test
    void theLongestValuesAreReadWherever() throws Exception {
        InMemoryHostStore host = new InMemoryHostStore();
        byte[] value = new byte[StoreOptions.MAX_VALUE_BYTES];
        value[7] = 7;
        StoreOptions options = options()
                .maxValueBytes(StoreOptions.MAX_VALUE_BYTES)
                .insecureSealedOnly()
                .build();
        try (SealedStore store = SealedStore.create(host, KEY, options)) {
            store.namespace("n").put(bytes("k"), value);
            assertThat(store.verify().orThrow().verified()).isEqualTo(1);
            assertThat(store.namespace("n").entries().next().value()[7]).isEqualTo((byte) 7);
        }
        assertThat(SealedStore.inspect(host, KEY, options).orThrow().verified()).isEqualTo(1);
    }
}
