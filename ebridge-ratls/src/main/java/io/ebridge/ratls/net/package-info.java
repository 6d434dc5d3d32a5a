/**
 * Attested connections for what cannot take a context, and HTTPS out of the enclave.
 *
 * <p>{@link io.ebridge.ratls.net.LoopbackForwarder} gives any program a plain port on the loopback that leads to an attested service.
 * {@link io.ebridge.ratls.net.EgressClient} calls HTTPS services from inside an enclave, with TLS that ends inside and a CA store of its own.
 *
 * <pre>{@code
 * EgressCaBundle cas = EgressCaBundle.of(pemBytes);
 * ServiceIdentity identity = ServiceIdentity.builder("orders.example.com", provider).module(cas).build();
 * EgressClient egress = EgressClient.builder(cas).socketFactory(bridge.socketFactory()).build();
 * EgressClient.Response answer = egress.send("GET", URI.create("https://api.example.com/rates"), Map.of(), new byte[0]);
 * }</pre>
 */
package io.ebridge.ratls.net;
