package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static io.ebridge.kv.Stores.bytes;
import static io.ebridge.kv.Stores.options;
import static io.ebridge.kv.Stores.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a caller hands in: names that are not text, arrays that are used again, times to live beyond all time. */
@Timeout(60)
class NamesAndArraysTest {

    /** Half of a surrogate pair has no UTF-8: encoded with a substitute, two names would be one, and no manifest would decode. */
    @Test
    void namesThatAreNotTextAreRefused() throws Exception {
        DiskStore disk = new DiskStore();
        try (SealedStore store = SealedStore.create(disk, KEY, options().build())) {
            for (String name : new String[] {"\uD800", "a\uDC00", "\uD801"}) {
                assertThatThrownBy(() -> store.namespace(name).put(bytes("k"), bytes("1")))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> store.namespace(name).get(bytes("k")))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> StoreOptions.builder(name)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() ->
                                SealedConfig.create("c").with(name, bytes("1")).seal(KEY))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> KEY.child(name)).isInstanceOf(IllegalArgumentException.class);
            }
            store.namespace("\uD83D\uDD11").put(bytes("k"), bytes("1"));
        }
        try (SealedStore store = SealedStore.open(disk, KEY, options().build())) {
            assertThat(text(store.namespace("\uD83D\uDD11").get(bytes("k")))).isEqualTo("1");
        }
    }

    @Test
    void asynchronousCallsDoNotKeepTheCallersArrays() throws Exception {
        Queue<Runnable> later = new ArrayDeque<>();
        StoreOptions options = options().executor(later::add).build();
        try (SealedStore store = SealedStore.create(new DiskStore(), KEY, options)) {
            SealedNamespace n = store.namespace("n");
            n.put(bytes("gone"), bytes("0"));
            byte[] key = bytes("key1");
            byte[] value = bytes("one");
            CompletableFuture<Ack> put = n.putAsync(key, value, WriteOptions.DEFAULT);
            key[3] = '2';
            value[0] = 'x';
            CompletableFuture<Conditional> putIf =
                    n.putIfAsync(key, value, SealedNamespace.ABSENT, WriteOptions.DEFAULT);
            key[3] = '3';
            value[0] = 'y';
            CompletableFuture<Entry> get = n.getAsync(key);
            byte[] gone = bytes("gone");
            CompletableFuture<Conditional> batch = store.writeAsync(
                    new WriteBatch()
                            .put("m", bytes("b"), bytes("1"))
                            .require("n", bytes("never"), SealedNamespace.ABSENT),
                    Durability.DURABLE);
            CompletableFuture<Conditional> refused = store.writeAsync(
                    new WriteBatch()
                            .put("m", bytes("c"), bytes("1"))
                            .require("n", bytes("gone"), SealedNamespace.ABSENT),
                    Durability.DURABLE);
            CompletableFuture<Ack> delete = n.deleteAsync(gone, WriteOptions.DEFAULT);
            gone[0] = 'x';
            key[3] = '1';
            while (!later.isEmpty()) {
                later.remove().run();
            }
            put.get(1, TimeUnit.SECONDS);
            assertThat(putIf.get(1, TimeUnit.SECONDS)).isInstanceOf(Conditional.Stored.class);
            assertThat(get.get(1, TimeUnit.SECONDS)).isNull();
            delete.get(1, TimeUnit.SECONDS);
            assertThat(batch.get(1, TimeUnit.SECONDS).orThrow().durability()).isEqualTo(Durability.DURABLE);
            assertThat(refused.get(1, TimeUnit.SECONDS)).isInstanceOf(Conditional.Conflict.class);
            assertThat(text(store.namespace("m").get(bytes("b")))).isEqualTo("1");
            assertThat(store.namespace("m").get(bytes("c"))).isNull();
            assertThat(text(n.get(bytes("key1")))).isEqualTo("one");
            assertThat(text(n.get(bytes("key2")))).isEqualTo("xne");
            assertThat(n.get(bytes("gone"))).isNull();
        }
    }

    @Test
    void aTimeToLiveBeyondAllTimeIsRefusedBeforeAnythingIsWritten() throws Exception {
        StoreOptions options = options()
                .time(() -> new TrustedTime.Reading(Instant.ofEpochSecond(1_000_000), false))
                .build();
        try (SealedStore store = SealedStore.create(new DiskStore(), KEY, options)) {
            SealedNamespace n = store.namespace("n");
            for (Duration ttl :
                    new Duration[] {Duration.ofMillis(Long.MAX_VALUE), Duration.ofSeconds(Long.MAX_VALUE)}) {
                assertThatThrownBy(() -> n.put(bytes("k"), bytes("1"), WriteOptions.timeToLive(ttl)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(n.get(bytes("k"))).isNull();
            n.put(bytes("k"), bytes("1"), WriteOptions.timeToLive(Duration.ofDays(365_000)));
            assertThat(text(n.get(bytes("k")))).isEqualTo("1");
        }
    }
}
