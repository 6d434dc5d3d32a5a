/**
 * VSOCK addresses and transports: kernel AF_VSOCK, and hybrid VSOCK over Unix sockets as Firecracker, Cloud Hypervisor and vhost-device-vsock speak it.
 *
 * <p>{@link io.ebridge.vsock} is the whole of it for callers that block; {@link io.ebridge.vsock.netty} is for those who build on Netty. On a plain module path the kernel transport
 * needs {@code --add-modules io.netty.transport.epoll.linux.x86_64} (or {@code .aarch_64}): Netty's native library is a module that nobody requires.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // The modules that are told more than others are built after this one.
module io.ebridge.vsock {
    requires static transitive org.jspecify;
    requires transitive io.netty.transport;
    requires transitive io.netty.common;
    requires io.netty.buffer;
    requires io.netty.transport.unix.common;
    requires io.netty.transport.classes.epoll;

    exports io.ebridge.vsock;
    exports io.ebridge.vsock.netty;
    // What listens and streams without sockets of their own have in common.
    exports io.ebridge.vsock.channel to
            io.ebridge.testkit,
            io.ebridge.tunnel;
}
