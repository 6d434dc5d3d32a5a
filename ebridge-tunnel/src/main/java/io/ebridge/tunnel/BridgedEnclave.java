package io.ebridge.tunnel;

import io.ebridge.vsock.Cid;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * An enclave whose bridge is up.
 *
 * @param cid its CID
 * @param enclaveId the id that its heartbeats carry, new with each start of the enclave
 * @param appName the name it gives itself; not verified, and escaped where it is not plain text
 * @param since when its handshake was completed
 * @param listening per TCP port that it claimed, where the host listens
 */
public record BridgedEnclave(
        Cid cid, UUID enclaveId, String appName, Instant since, Map<Integer, InetSocketAddress> listening) {

    /**
     * Copies the map.
     *
     * @param cid its CID
     * @param enclaveId its id
     * @param appName its name
     * @param since when it was bridged
     * @param listening where the host listens for it
     */
    public BridgedEnclave {
        listening = Map.copyOf(listening);
    }
}
