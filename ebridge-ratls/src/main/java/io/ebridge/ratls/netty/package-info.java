/**
 * Attested TLS in Netty pipelines.
 *
 * <pre>{@code
 * pipeline.addLast(AttestedSslHandlers.create(context, "orders.example.com", 443, tasks));
 * }</pre>
 */
package io.ebridge.ratls.netty;
