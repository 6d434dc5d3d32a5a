/**
 * Attested TLS for both roles: a client refuses to talk to anything but the right code, by one line in its TLS set-up.
 *
 * <p><b>What it guarantees.</b> A connection of a STRICT context (the default) carries no application byte in either direction before the peer has
 * shown evidence that is bound to <em>this</em> TLS session: to its exporter value, to both keys, to a fresh nonce, to the peer's configuration root
 * and to the service's name. Evidence that is replayed, relayed, diverted or reflected fails, and a resumed session cannot come about. There is no
 * fallback: where the TLS engine has no exporter, the context is not built.
 *
 * <p><b>What it does not guarantee.</b> That the measured code is free of errors, or that hardware resists physical attack. CERTIFICATE mode, for
 * interoperability, binds evidence to a certificate's key only and can be relayed by whoever holds that key.
 *
 * <pre>{@code
 * // A client, anywhere.
 * SSLContext tls = AttestedTls.client(policy).verifier(verifier).sslContext();
 * HttpClient http = HttpClient.newBuilder().sslContext(tls).build();
 *
 * // The service, inside the enclave.
 * ServiceIdentity identity = ServiceIdentity.builder("orders.example.com", provider)
 *         .configuration("app.config", configBytes)
 *         .build();
 * SSLContext server = AttestedTls.server(identity).sslContext();
 * }</pre>
 *
 * <p>The protocol is written down in {@code PROTOCOL.md} beside the sources. Nothing is registered with the JVM's security providers and no JVM-wide
 * property is set.
 */
@org.jspecify.annotations.NullMarked
module io.ebridge.ratls {
    requires static transitive org.jspecify;
    requires transitive io.ebridge.attest;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.util;
    requires static org.conscrypt;
    requires static io.netty.tcnative.classes.openssl;
    requires static io.netty.common;
    requires static io.netty.buffer;
    requires static transitive io.netty.transport;
    requires static transitive io.netty.handler;

    exports io.ebridge.ratls;
    exports io.ebridge.ratls.certificate;
    exports io.ebridge.ratls.configuration;
    exports io.ebridge.ratls.net;
    exports io.ebridge.ratls.netty;
}
