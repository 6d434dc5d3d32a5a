/** Attested TLS for both roles. */
@org.jspecify.annotations.NullMarked
module io.ebridge.ratls {
    requires static org.jspecify;
    requires io.ebridge.attest;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.util;
    requires io.netty.common;
    requires io.netty.buffer;
    requires io.netty.transport;
    requires io.netty.handler;
}
