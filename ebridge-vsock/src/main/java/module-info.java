/** VSOCK addresses and transports. */
@org.jspecify.annotations.NullMarked
module io.ebridge.vsock {
    requires static org.jspecify;
    requires io.netty.common;
    requires io.netty.buffer;
    requires io.netty.transport;
    requires io.netty.transport.unix.common;
    requires io.netty.transport.classes.epoll;
}
