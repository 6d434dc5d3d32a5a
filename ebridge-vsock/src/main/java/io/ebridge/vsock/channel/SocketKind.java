package io.ebridge.vsock.channel;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.epoll.VSockAddress;

/** The three families that our epoll channels carry on one event loop. */
enum SocketKind {
    VSOCK,
    UNIX,
    TCP;

    LinuxSocket open() {
        return switch (this) {
            case VSOCK -> LinuxSocket.newVSockStream();
            case UNIX -> LinuxSocket.newSocketDomain();
            case TCP -> LinuxSocket.newSocketStream();
        };
    }

    static VSockAddress toNetty(VsockAddress address) {
        return new VSockAddress((int) address.cid().value(), (int) address.port());
    }

    /** Netty reads CIDs and ports as signed numbers, and a peer that is gone has no address. */
    static VsockAddress fromNetty(@org.jspecify.annotations.Nullable VSockAddress address) {
        return address == null
                ? VsockAddress.anyCid(VsockAddress.ANY_PORT)
                : new VsockAddress(
                        Cid.of(Integer.toUnsignedLong(address.getCid())), Integer.toUnsignedLong(address.getPort()));
    }
}
