package io.ebridge.tunnel;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.protocol.Environment;
import io.ebridge.protocol.Limits;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockTransport;
import java.time.Duration;
import java.util.function.Function;

/** What the builder of an enclave bridge has collected. */
record EnclaveSettings(
        VsockTransport transport,
        Cid hostCid,
        Cid ownCid,
        long initPort,
        long logPort,
        TunnelLimits limits,
        Limits protocolLimits,
        BridgeListener listener,
        Duration firstConnect,
        boolean reconnect,
        int logBuffer,
        int eventLoops,
        Function<Environment, BridgeConfig> configure) {

    VsockAddress host(long port) {
        return new VsockAddress(hostCid, port);
    }
}
