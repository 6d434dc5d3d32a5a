package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static io.ebridge.kv.Stores.all;
import static io.ebridge.kv.Stores.bytes;
import static io.ebridge.kv.Stores.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.spi.ForwardingHostStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quarantine beside sweeps, writes and reads that go on meanwhile: nothing is lost for good, and nobody is suspected in vain. */
@Timeout(60)
class QuarantineTest {

    private static StoreOptions at(Tier tier) {
        return (tier == Tier.SEALED ? Stores.options().insecureSealedOnly() : Stores.options()).build();
    }

    /** Passes everything on, and does something once after a record has been read. */
    private static final class Delaying extends ForwardingHostStore {
        private volatile Runnable afterGet;
        private volatile Runnable beforePreserved;

        Delaying(DiskStore inner) {
            super(inner);
        }

        @Override
        public byte[] get(byte[] key) throws IOException {
            Runnable first = beforePreserved;
            if (first != null && key[0] == (byte) 0xF1) {
                beforePreserved = null;
                first.run();
            }
            byte[] value = inner.get(key);
            Runnable once = afterGet;
            if (once != null && key.length == 17) {
                afterGet = null;
                once.run();
            }
            return value;
        }
    }

    /** A namespace that a sweep passed over in quarantine must not lose the keys of its records when it is let in again. */
    @ParameterizedTest
    @EnumSource(
            value = Tier.class,
            names = {"SEALED", "LIVE_FRESH"})
    void aSweepComesBackForWhatWasInQuarantine(Tier tier) throws Exception {
        DiskStore disk = new DiskStore();
        StoreOptions options = at(tier);
        try (SealedStore store = SealedStore.create(disk, KEY, options)) {
            store.namespace("a").put(bytes("k"), bytes("1"));
            byte[] first = disk.records().get(0);
            for (int i = 0; i < 200; i++) {
                store.namespace("b").put(bytes("k" + i), bytes("1"), WriteOptions.asVolatile());
            }
            store.rotate();
            disk.entries.get(first)[40] ^= 1;
            assertThatThrownBy(() -> store.namespace("a").get(bytes("k"))).isInstanceOf(TamperedException.class);
            disk.entries.get(first)[40] ^= 1;
            for (int i = 0; i < 2; i++) {
                assertThat(store.sweep(64).complete()).isFalse();
            }
            store.readmit("a");
            SweepProgress progress = store.sweep(64);
            for (int i = 0; i < 20 && !progress.complete(); i++) {
                assertThat(text(store.namespace("a").get(bytes("k")))).isEqualTo("1");
                progress = store.sweep(64);
            }
            assertThat(progress.complete()).isTrue();
            assertThat(text(store.namespace("a").get(bytes("k")))).isEqualTo("1");
        }
        try (SealedStore store = SealedStore.open(disk, KEY, options)) {
            assertThat(text(store.namespace("a").get(bytes("k")))).isEqualTo("1");
            assertThat(all(store.namespace("b").entries())).hasSize(200);
        }
    }

    @Test
    void deletionsOfBeforeAQuarantineAreClearedAwayAfterIt() throws Exception {
        DiskStore disk = new DiskStore();
        try (SealedStore store = SealedStore.create(disk, KEY, at(Tier.LIVE_FRESH))) {
            SealedNamespace a = store.namespace("a");
            a.put(bytes("k"), bytes("1"));
            byte[] kept = disk.records().get(0);
            a.put(bytes("gone"), bytes("1"));
            a.delete(bytes("gone"), WriteOptions.asVolatile());
            disk.entries.get(kept)[40] ^= 1;
            assertThatThrownBy(() -> a.get(bytes("k"))).isInstanceOf(TamperedException.class);
            disk.entries.get(kept)[40] ^= 1;
            for (int i = 0; i < 3; i++) {
                store.namespace("b").put(bytes("k"), bytes("" + i));
            }
            store.readmit("a");
            assertThat(store.status().records()).isEqualTo(2);
            store.namespace("b").put(bytes("k"), bytes("4"));
            assertThat(disk.records()).hasSize(2);
            assertThat(store.status().records()).isEqualTo(2);
            store.verify().orThrow();
        }
        try (SealedStore store = SealedStore.open(disk, KEY, at(Tier.LIVE_FRESH))) {
            assertThat(store.status().quarantined()).isEmpty();
            assertThat(store.status().records()).isEqualTo(2);
        }
    }

    /** What is written the moment a namespace is open again counts once in the sums that the next start compares. */
    @Test
    void writersThatWaitForTheEndOfAQuarantineDoNoHarm() throws Exception {
        DiskStore disk = new DiskStore();
        StoreOptions options = at(Tier.LIVE_FRESH);
        for (int round = 0; round < 40; round++) {
            // The store is left as if the enclave had been killed.
            SealedStore store =
                    round == 0 ? SealedStore.create(disk, KEY, options) : SealedStore.open(disk, KEY, options);
            assertThat(store.status().quarantined()).as("round " + round).isEmpty();
            store.namespace("a").put(bytes("k"), bytes("1"));
            store.namespace("b").put(bytes("k"), bytes("1"));
            for (byte[] record : disk.records()) {
                disk.entries.get(record)[40] ^= 1;
            }
            assertThatThrownBy(() -> store.namespace("a").get(bytes("k"))).isInstanceOf(TamperedException.class);
            for (byte[] record : disk.records()) {
                disk.entries.get(record)[40] ^= 1;
            }
            store.namespace("b").put(bytes("k"), bytes("2"));
            AtomicBoolean readmitted = new AtomicBoolean();
            CompletableFuture<Integer> writing = CompletableFuture.supplyAsync(() -> {
                int written = 0;
                while (!readmitted.get()) {
                    try {
                        store.namespace("a").put(bytes("w" + written % 3), bytes("2"), WriteOptions.asVolatile());
                        written++;
                    } catch (TamperedException e) {
                        assertThat(e).hasMessageContaining("quarantine");
                    }
                }
                return written;
            });
            store.readmit("a");
            store.namespace("a").put(bytes("last"), bytes("3"), WriteOptions.asVolatile());
            readmitted.set(true);
            assertThat(writing.get(20, TimeUnit.SECONDS)).isNotNegative();
            store.verify().orThrow();
        }
    }

    /** A read that is overtaken by the end of a sweep holds a record whose key has been forgotten, which is nobody's fault. */
    @ParameterizedTest
    @EnumSource(
            value = Tier.class,
            names = {"SEALED", "LIVE_FRESH"})
    void aReadThatASweepOvertakesIsDoneAgain(Tier tier) throws Exception {
        Delaying host = new Delaying(new DiskStore());
        try (SealedStore store = SealedStore.create(host, KEY, at(tier))) {
            SealedNamespace n = store.namespace("n");
            n.put(bytes("k"), bytes("1"));
            Runnable sweep = () -> {
                store.rotate();
                SweepProgress progress = store.sweep(100);
                for (int i = 0; i < 5 && !progress.complete(); i++) {
                    progress = store.sweep(100);
                }
                assertThat(progress.complete()).isTrue();
            };
            host.afterGet = sweep;
            assertThat(text(n.get(bytes("k")))).isEqualTo("1");
            host.afterGet = sweep;
            assertThat(n.getAll(List.of(bytes("k"))).get(0)).isNotNull();
            host.afterGet = sweep;
            assertThat(all(n.entries())).isEqualTo(Map.of("k", "1"));
            assertThat(store.status().quarantined()).isEmpty();
            assertThat(store.status().epoch()).isGreaterThanOrEqualTo(3);
        }
    }

    /** A store that is closed meanwhile has wiped its keys: that is not the host's doing either. */
    @Test
    void aReadThatTheEndOvertakesSaysSo() throws Exception {
        Delaying host = new Delaying(new DiskStore());
        AtomicBoolean suspected = new AtomicBoolean();
        StoreListener listener = new StoreListener() {
            @Override
            public void onQuarantine(String namespace, SealedStoreException failure) {
                suspected.set(true);
            }
        };
        SealedStore store = SealedStore.create(
                host, KEY, Stores.options().listener(listener).build());
        store.namespace("n").put(bytes("k"), bytes("1"));
        host.afterGet = store::close;
        assertThatThrownBy(() -> store.namespace("n").get(bytes("k")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(suspected).isFalse();
    }

    /** A snapshot that is closed while it is read from: what it needed has gone, and nobody has taken it away. */
    @Test
    void aReadThatTheEndOfItsSnapshotOvertakesSaysSo() throws Exception {
        Delaying host = new Delaying(new DiskStore());
        try (SealedStore store = SealedStore.create(host, KEY, Stores.options().build())) {
            SealedNamespace n = store.namespace("n");
            n.put(bytes("k"), bytes("1"));
            StoreSnapshot snapshot = store.snapshot();
            n.put(bytes("k"), bytes("2"));
            host.beforePreserved = snapshot::close;
            assertThatThrownBy(() -> snapshot.get("n", bytes("k")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            assertThat(store.status().quarantined()).isEmpty();
            assertThat(text(n.get(bytes("k")))).isEqualTo("2");
        }
    }

    /** Also where no table says what the newest version is, and the write that replaced the record has no known outcome yet. */
    @ParameterizedTest
    @EnumSource(
            value = Tier.class,
            names = {"SEALED", "LIVE_FRESH"})
    void aSnapshotShowsWhatAWriteOfUnknownOutcomeReplaced(Tier tier) throws Exception {
        DiskStore disk = new DiskStore();
        try (SealedStore store = SealedStore.create(disk, KEY, at(tier))) {
            SealedNamespace n = store.namespace("n");
            n.put(bytes("k"), bytes("1"));
            try (StoreSnapshot snapshot = store.snapshot()) {
                disk.after = op -> {
                    throw new IOException("the answer was lost");
                };
                assertThatThrownBy(() -> n.put(bytes("k"), bytes("2"))).isInstanceOf(BackendException.class);
                disk.after = op -> {};
                Entry seen = snapshot.get("n", bytes("k"));
                assertThat(seen).isNotNull();
                assertThat(text(seen.value())).isEqualTo("1");
                n.put(bytes("new"), bytes("3"));
                assertThat(snapshot.get("n", bytes("new"))).isNull();
                assertThat(all(snapshot.entries("n"))).isEqualTo(Map.of("k", "1"));
            }
            assertThat(text(n.get(bytes("k")))).isEqualTo("2");
        }
    }
}
