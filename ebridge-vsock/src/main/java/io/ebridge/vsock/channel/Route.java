package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import java.net.SocketAddress;
import java.time.Duration;

/** How one transport gets from VSOCK addresses to the sockets below. */
interface Route {
    /** The socket address to connect to. */
    SocketAddress to(VsockAddress remote) throws VsockException;

    /** What to report as the address of this side. */
    VsockAddress local();

    /** The meaning of a failed connect. */
    VsockException connectFailure(Throwable cause, VsockAddress remote);

    /** How long CONNECT and OK may take; zero where there is no such handshake. */
    Duration handshake();
}
