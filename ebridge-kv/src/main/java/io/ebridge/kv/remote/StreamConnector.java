package io.ebridge.kv.remote;

import java.io.IOException;
import java.time.Duration;

/** Opens streams to the host; called again after each loss. */
@FunctionalInterface
public interface StreamConnector {

    /**
     * Opens a stream.
     *
     * @param timeout how long it may take
     * @return the stream
     * @throws IOException if the host cannot be reached
     */
    HostStream connect(Duration timeout) throws IOException;
}
