/** The whole suite on a laptop, for tests. */
@org.jspecify.annotations.NullMarked
module io.ebridge.testkit {
    requires static transitive org.jspecify;
    requires jdk.httpserver;
    requires transitive io.ebridge.protocol;
    requires transitive io.ebridge.vsock;
    requires transitive io.ebridge.tunnel;
    requires transitive io.ebridge.attest;
    requires io.netty.common;
    requires io.netty.buffer;
    requires io.netty.transport;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.util;
    requires static org.junit.jupiter.api;
    requires static org.assertj.core;

    exports io.ebridge.testkit;
    exports io.ebridge.testkit.assertions;
    exports io.ebridge.testkit.attest;
    exports io.ebridge.testkit.junit;
}
