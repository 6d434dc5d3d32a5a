/**
 * Both sides of the bridge between an enclave and its host: tunnels, logs, watchdog, policies and own services.
 *
 * <p>{@link io.ebridge.tunnel.HostBridge} is for the service on the host, {@link io.ebridge.tunnel.EnclaveBridge} for the one in
 * the enclave; {@link io.ebridge.tunnel} tells the whole story.
 */
@org.jspecify.annotations.NullMarked
module io.ebridge.tunnel {
    requires static transitive org.jspecify;
    requires transitive io.ebridge.protocol;
    requires transitive io.ebridge.vsock;
    requires transitive java.logging;
    requires io.netty.common;
    requires io.netty.buffer;
    requires io.netty.transport;
    requires io.netty.transport.unix.common;
    requires static micrometer.core;

    exports io.ebridge.tunnel;
    exports io.ebridge.tunnel.micrometer;
}
