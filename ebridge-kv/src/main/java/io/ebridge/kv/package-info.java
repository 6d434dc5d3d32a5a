/**
 * The sealed store as the enclave sees it: store, namespaces, batches, snapshots, keys, tiers and failures.
 *
 * <p>A first start creates, every later one opens; the two are kept apart, because a host that hides a store must not be able to
 * make the enclave start afresh:
 *
 * <pre>{@code
 * StoreOptions options = StoreOptions.builder("orders").rollbackSafe(counter).build();
 * try (SealedStore store = SealedStore.openOrCreate(host, key, options)) { // the counter knows which it is
 *     SealedNamespace accounts = store.namespace("accounts");
 *     Entry before = accounts.getEntry(id);
 *     Conditional result = accounts.putIf(id, updated, before == null ? SealedNamespace.ABSENT : before.version());
 *     if (result instanceof Conditional.Conflict conflict) {
 *         retry(conflict.currentVersion());
 *     }
 * } catch (RollbackException e) {
 *     alarm("the host offers an old copy of the store", e);
 * }
 * }</pre>
 */
package io.ebridge.kv;
