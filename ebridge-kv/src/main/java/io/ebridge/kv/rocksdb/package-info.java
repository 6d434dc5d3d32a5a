/**
 * The embedded backend: RocksDB in the host process. Needs {@code org.rocksdb:rocksdbjni} (optional here).
 *
 * {@snippet lang = java :
 * try (RocksHostStore store = RocksHostStore.open(Path.of("/var/lib/orders"))) {
 *     HostStoreServer.builder().store("orders", store).build().serve(stream);
 * }
 * }
 */
package io.ebridge.kv.rocksdb;
