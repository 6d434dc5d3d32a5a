package io.ebridge.tunnel;

import io.ebridge.vsock.VsockStream;
import java.io.IOException;

/** Serves the connections that enclaves make to a service of the host's own; see {@link HostBridge#service}. */
@FunctionalInterface
public interface ServiceHandler {
    /**
     * Serves one connection, on a thread of its own, and may block. The bridge closes the stream when this returns or
     * throws; a stream still in use when the bridge has drained is reset, so that a blocked read ends.
     *
     * @param stream the connection
     * @param enclave who connected
     * @throws IOException if the connection fails; logged at debug level
     * @throws InterruptedException if the bridge closes
     */
    void serve(VsockStream stream, BridgedEnclave enclave) throws IOException, InterruptedException;
}
