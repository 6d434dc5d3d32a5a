/**
 * Attested TLS: contexts for clients and servers whose engines and sockets attest by themselves.
 *
 * <p>Start at {@link io.ebridge.ratls.AttestedTls}. A service makes one {@link io.ebridge.ratls.ServiceIdentity} at start; a client states a policy.
 * What was verified is found from the TLS session by {@link io.ebridge.ratls.AttestedPeer#of(javax.net.ssl.SSLSession)}. Failures are
 * {@link io.ebridge.ratls.AttestedTlsException}s with a reason.
 *
 * <p>Either side may attest, or both. Mutually:
 *
 * <pre>{@code
 * SSLContext server = AttestedTls.server(orders).requireClient(workerPolicy, "worker").verifier(verifier).sslContext();
 * SSLContext client = AttestedTls.client(ordersPolicy).identity(worker).verifier(verifier).sslContext();
 * }</pre>
 *
 * <p>And a server outside an enclave, with an ordinary certificate, that serves attested clients only:
 *
 * <pre>{@code
 * SSLContext server = AttestedTls.verifyingServer(key, chain).requireClient(workerPolicy, "worker").verifier(verifier).sslContext();
 * SSLContext client = AttestedTls.attestingClient(worker, List.of(ca)).sslContext();
 * }</pre>
 */
package io.ebridge.ratls;
