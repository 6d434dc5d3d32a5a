/**
 * A host store and counters that keep nothing across restarts, or keep it where the host can change it: for tests and for a
 * developer's machine.
 *
 * <pre>{@code
 * HostStore host = new InMemoryHostStore();
 * try (SealedStore store = SealedStore.create(host, key, StoreOptions.builder("test").build())) {
 *     store.namespace("a").put(k, v);
 * }
 * }</pre>
 */
package io.ebridge.kv.memory;
