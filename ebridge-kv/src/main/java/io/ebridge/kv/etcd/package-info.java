/**
 * The counter of the highest tier in etcd, over its v3 JSON gateway and mutual TLS that ends in the enclave.
 *
 * <pre>{@code
 * SSLContext tls = etcdTls(); // trusts etcd's CA only, holds the enclave's client certificate
 * try (EtcdCounter counter = EtcdCounter.builder("orders").endpoint(URI.create("https://etcd-1:2379")).tls(tls).build()) {
 *     SealedStore store = SealedStore.openOrCreate(host, key, StoreOptions.builder("orders").rollbackSafe(counter).build());
 * }
 * }</pre>
 */
package io.ebridge.kv.etcd;
