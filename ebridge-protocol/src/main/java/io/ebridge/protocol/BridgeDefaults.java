package io.ebridge.protocol;

import java.time.Duration;

/** The well-known addresses and times of the bridge. All of them can be configured where they are used. */
public final class BridgeDefaults {
    /** The VSOCK port of the host for the handshake and for heartbeats. */
    public static final long INIT_PORT = 5000;

    /** The VSOCK port of the host that takes log bytes. */
    public static final long LOG_PORT = 4999;

    /** The CID at which an enclave finds its host on AWS Nitro: the parent instance. */
    public static final long HOST_CID = 3;

    /** The heartbeat interval that is used unless another is set: 30 seconds. */
    public static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(30);

    /** What a request timeout of zero means: 5 minutes. */
    public static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(5);

    private BridgeDefaults() {}
}
