package io.ebridge.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.etcd.EtcdCounter;
import io.ebridge.kv.etcd.EtcdServer;
import io.ebridge.kv.memory.InMemoryHostStore;
import io.ebridge.kv.memory.InsecureCounter;
import io.ebridge.kv.postgres.PostgresHostStore;
import io.ebridge.kv.postgres.PostgresServer;
import io.ebridge.kv.remote.HostStoreServer;
import io.ebridge.kv.remote.HostStream;
import io.ebridge.kv.remote.RemoteHostStore;
import io.ebridge.kv.rocksdb.RocksHostStore;
import io.ebridge.kv.spi.ForwardingHostStore;
import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every example of the documentation, compiled and run. */
@Timeout(120)
class ExamplesTest {

    private final SealingProvider provider = InsecureSealing.fromSeed("examples");
    private final byte[] id = {1, 2, 3};
    private final byte[] token = {4};
    private final byte[] updated = {5};
    private final InMemoryHostStore host = new InMemoryHostStore();

    @Test
    void modulePage() throws Exception {
        HostStore hostStore = host;
        try (SealingKey key = provider.sealingKey(SealingPolicy.measurement(), "orders")) {
            SealedStore.create(hostStore, key, StoreOptions.builder("orders").build())
                    .close();
        }
        try (SealingKey key = provider.sealingKey(SealingPolicy.measurement(), "orders");
                SealedStore store = SealedStore.open(
                        hostStore, key, StoreOptions.builder("orders").build())) {
            SealedNamespace sessions = store.namespace("sessions");
            Ack ack = sessions.put(id, token);
            byte[] value = sessions.get(id);

            assertThat(value).isEqualTo(token);
            // In memory nothing is durable, and the acknowledgement does not say so.
            assertThat(ack.durability()).isEqualTo(Durability.VOLATILE);
        }
    }

    private static void retry(long version) {
        throw new AssertionError("nobody else writes: " + version);
    }

    @Test
    void packagePage() throws Exception {
        InsecureCounter counter = InsecureCounter.inMemory();
        SealingKey key = provider.sealingKey(SealingPolicy.measurement(), "orders");
        String alarm = "";
        DiskStore disk = new DiskStore();
        DiskStore old = disk.copy();
        StoreOptions options =
                StoreOptions.builder("orders").rollbackSafe(counter).build();
        for (DiskStore host : List.of(disk, disk, old)) {
            try (SealedStore store = SealedStore.openOrCreate(host, key, options)) { // the counter knows which it is
                SealedNamespace accounts = store.namespace("accounts");
                Entry before = accounts.getEntry(id);
                Conditional result =
                        accounts.putIf(id, updated, before == null ? SealedNamespace.ABSENT : before.version());
                if (result instanceof Conditional.Conflict conflict) {
                    retry(conflict.currentVersion());
                }
                assertThat(accounts.get(id)).isEqualTo(updated);
            } catch (RollbackException e) {
                alarm = "the host offers an old copy of the store";
            }
        }
        assertThat(alarm).isNotEmpty();
    }

    @Test
    void readme() throws Exception {
        DiskStore host = new DiskStore();
        InsecureCounter counter = InsecureCounter.inMemory();
        byte[] order = {7};
        SealingKey key = provider.sealingKey(SealingPolicy.measurement(), "orders");
        StoreOptions options =
                StoreOptions.builder("orders").rollbackSafe(counter).build();
        try (SealedStore store = SealedStore.openOrCreate(host, key, options)) {
            SealedNamespace orders = store.namespace("orders");
            Ack ack = orders.put(id, order);
            store.write(new WriteBatch().put("orders", token, order).delete("orders", id))
                    .orThrow();

            assertThat(ack.durability()).isEqualTo(Durability.DURABLE);
            assertThat(orders.get(id)).isNull();
            assertThat(orders.get(token)).isEqualTo(order);
        }
    }

    private static final class CountingStore extends ForwardingHostStore {
        private final LongAdder reads = new LongAdder();

        CountingStore(HostStore inner) {
            super(inner);
        }

        @Override
        public byte[] get(byte[] key) throws IOException {
            reads.increment();
            return inner.get(key);
        }

        @Override
        public List<byte[]> getAll(List<byte[]> keys) throws IOException {
            reads.add(keys.size());
            return inner.getAll(keys);
        }
    }

    @Test
    void spiPage() throws Exception {
        CountingStore counting = new CountingStore(host);
        try (SealingKey key = provider.sealingKey(SealingPolicy.measurement(), "orders");
                SealedStore store = SealedStore.create(
                        counting, key, StoreOptions.builder("orders").build())) {
            store.namespace("a").put(id, token);
            long before = counting.reads.sum();
            store.namespace("a").get(id);
            assertThat(counting.reads.sum()).isEqualTo(before + 1);
        }
    }

    @Test
    void rocksAndRemotePages(@TempDir Path directory) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                RocksHostStore rocks = RocksHostStore.open(directory.resolve("orders"))) {
            HostStoreServer server =
                    HostStoreServer.builder().store("orders", rocks).build();
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
                try (Socket socket = listener.accept()) {
                    server.serve(HostStream.of(socket)); // on a thread for each connection
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (HostStore remote = RemoteHostStore.connect(
                            timeout -> HostStream.of(new Socket(listener.getInetAddress(), listener.getLocalPort())),
                            "orders");
                    SealingKey key = provider.sealingKey(SealingPolicy.measurement(), "orders");
                    SealedStore store = SealedStore.create(
                            remote, key, StoreOptions.builder("orders").build())) {
                Ack ack = store.namespace("a").put(id, token, WriteOptions.durable());
                assertThat(ack.durability()).isEqualTo(Durability.DURABLE);
                assertThat(store.namespace("a").get(id)).isEqualTo(token);
            }
            served.join();
        }
    }

    @Test
    void etcdPage() throws Exception {
        try (EtcdServer server = EtcdServer.start()) {
            SSLContext tls = server.client(); // trusts etcd's CA only, holds the enclave's client certificate
            URI etcd = server.uri();
            SealingKey key = provider.sealingKey(SealingPolicy.measurement(), "orders");
            try (EtcdCounter counter =
                    EtcdCounter.builder("orders").endpoint(etcd).tls(tls).build()) {
                SealedStore store = SealedStore.openOrCreate(
                        host,
                        key,
                        StoreOptions.builder("orders").rollbackSafe(counter).build());
                store.close();
                assertThatThrownBy(() -> SealedStore.openOrCreate(
                                new InMemoryHostStore(),
                                key,
                                StoreOptions.builder("orders")
                                        .rollbackSafe(counter)
                                        .leaseWait(Duration.ofSeconds(5))
                                        .build()))
                        .isInstanceOf(RollbackException.class);
            }
        }
    }

    @Test
    void postgresPage() throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            DataSource dataSource = server.dataSource();
            HostStore store = PostgresHostStore.open(dataSource, "orders");
            store.write(new HostBatch().put(id, token), true);
            assertThat(store.get(id)).isEqualTo(token);
            store.close();
        }
    }

    @Test
    void memoryPage() throws Exception {
        try (SealingKey key = provider.sealingKey(SealingPolicy.measurement(), "test");
                SealedStore store = SealedStore.create(
                        host, key, StoreOptions.builder("test").build())) {
            store.namespace("a").put(id, token);
            Optional<byte[]> read = Optional.ofNullable(store.namespace("a").get(id));
            assertThat(read).contains(token);
        }
    }
}
