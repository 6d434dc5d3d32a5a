/** Engines, sockets and contexts that run the STRICT protocol inside a TLS stack of the JDK's or Conscrypt's. */
package io.ebridge.ratls.tls;
