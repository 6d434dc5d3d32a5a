/**
 * Attested TLS: contexts for clients and servers whose engines and sockets attest by themselves.
 *
 * <p>Start at {@link io.ebridge.ratls.AttestedTls}. A service makes one {@link io.ebridge.ratls.ServiceIdentity} at start; a client states a policy.
 * What was verified is found from the TLS session by {@link io.ebridge.ratls.AttestedPeer#of(javax.net.ssl.SSLSession)}. Failures are
 * {@link io.ebridge.ratls.AttestedTlsException}s with a reason.
 */
package io.ebridge.ratls;
