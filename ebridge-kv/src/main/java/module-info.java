/**
 * Sealed key-value storage on a host that is not trusted.
 *
 * <p>A service in an enclave has no disk. What it must remember lies with the host, which may read, change, swap, hide, roll back
 * or lose it. This module seals every record so that the host learns only sizes, counts and the access pattern, binds it to its
 * store, namespace, key and version, and keeps enough inside the enclave (and, for the highest tier, in an external counter) to
 * notice everything else. A read returns the value last written, or absence, or throws; it never returns a wrong value.
 *
 * <h2>Where to start</h2>
 *
 * <ul>
 *   <li>{@link io.ebridge.kv.SealedStore} is the store as the enclave sees it; {@link io.ebridge.kv.Tier} says what each tier
 *       detects.
 *   <li>{@link io.ebridge.kv.spi.HostStore} is what the host provides: {@link io.ebridge.kv.rocksdb.RocksHostStore} embedded,
 *       {@link io.ebridge.kv.postgres.PostgresHostStore} for a fleet, {@link io.ebridge.kv.memory.InMemoryHostStore} for tests.
 *   <li>{@link io.ebridge.kv.remote.RemoteHostStore} and {@link io.ebridge.kv.remote.HostStoreServer} carry it over any stream
 *       between enclave and host.
 *   <li>{@link io.ebridge.kv.etcd.EtcdCounter} anchors a store against rollback and forks across restarts.
 * </ul>
 *
 * <pre>{@code
 * try (SealingKey key = provider.sealingKey(SealingPolicy.measurement(), "orders");
 *         SealedStore store = SealedStore.open(hostStore, key, StoreOptions.builder("orders").build())) {
 *     SealedNamespace sessions = store.namespace("sessions");
 *     Ack ack = sessions.put(id, token);
 *     byte[] value = sessions.get(id);
 * }
 * }</pre>
 *
 * <p>Out of scope: side channels, hiding sizes and the access pattern (padding hides sizes only), and denial of service by the
 * host, which can always refuse to answer. The bytes on the host are specified in {@code FORMAT.md}.
 */
@org.jspecify.annotations.NullMarked
module io.ebridge.kv {
    requires static transitive org.jspecify;
    requires static rocksdbjni;
    requires static transitive java.sql;
    requires java.net.http;
    requires com.fasterxml.jackson.core;

    exports io.ebridge.kv;
    exports io.ebridge.kv.spi;
    exports io.ebridge.kv.memory;
    exports io.ebridge.kv.rocksdb;
    exports io.ebridge.kv.postgres;
    exports io.ebridge.kv.etcd;
    exports io.ebridge.kv.remote;
}
