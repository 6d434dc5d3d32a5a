/**
 * The embedded backend: RocksDB in the host process. Needs {@code org.rocksdb:rocksdbjni} (optional here).
 *
 * <pre>{@code
 * try (RocksHostStore store = RocksHostStore.open(Path.of("/var/lib/orders"))) {
 *     HostStoreServer.builder().store("orders", store).build().serve(stream);
 * }
 * }</pre>
 */
package io.ebridge.kv.rocksdb;
