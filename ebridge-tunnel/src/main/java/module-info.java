/** Both sides of the bridge between an enclave and its host. */
@org.jspecify.annotations.NullMarked
module io.ebridge.tunnel {
    requires static org.jspecify;
    requires io.ebridge.protocol;
    requires io.ebridge.vsock;
    requires io.netty.common;
    requires io.netty.buffer;
    requires io.netty.transport;
    requires io.netty.resolver;
    requires static micrometer.core;
}
