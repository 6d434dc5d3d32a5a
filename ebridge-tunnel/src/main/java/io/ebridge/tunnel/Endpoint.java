package io.ebridge.tunnel;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Something that listens in the enclave on behalf of the bridge. Closing it stops accepting and cuts what it relays; closing
 * the bridge closes it too.
 */
public interface Endpoint extends AutoCloseable {
    /**
     * {@return where it listens: a {@link io.ebridge.vsock.VsockAddress} or an {@link InetSocketAddress}}
     */
    SocketAddress address();

    @Override
    void close();
}
