/** Engines, sockets and contexts that run the STRICT protocol inside a TLS stack of the JDK's, Conscrypt's or Netty's. */
package io.ebridge.ratls.tls;
