/**
 * A host store across a stream: the enclave's {@link io.ebridge.kv.remote.RemoteHostStore} speaks to the host's
 * {@link io.ebridge.kv.remote.HostStoreServer}. Any duplex stream will do: a socket, a VSOCK stream, a stream of the bridge.
 *
 * <p>Host:
 *
 * <pre>{@code
 * HostStoreServer server = HostStoreServer.builder().store("orders", rocks).build();
 * server.serve(HostStream.of(socket)); // on a thread for each connection
 * }</pre>
 *
 * <p>Enclave:
 *
 * <pre>{@code
 * HostStore host = RemoteHostStore.connect(timeout -> HostStream.of(dial(timeout)), "orders");
 * }</pre>
 *
 * <p>The protocol is specified in {@code FORMAT.md}, "Store protocol". It is neither encrypted nor authenticated: records are sealed,
 * and everything else the host knows anyway.
 */
package io.ebridge.kv.remote;
