package io.ebridge.protocol;

import java.time.Duration;
import java.util.Objects;

/**
 * A way out: a VSOCK port of the host at which the enclave names a target with a {@linkplain Target target line} and is connected to it,
 * if the host's policy allows it.
 *
 * @param enclaveDialPort the VSOCK port of the host that the enclave dials, 1 to 4294967294
 * @param requestTimeout on the wire in nanoseconds. A host of the reference implementation bounds the whole life of a connection by it;
 *     zero means {@link BridgeDefaults#REQUEST_TIMEOUT} and is turned into that here. {@link Limits} bounds it further
 */
public record ClientTunnel(long enclaveDialPort, Duration requestTimeout) {

    /**
     * Checks the values and turns a timeout of zero into the default.
     *
     * @param enclaveDialPort the VSOCK port of the host
     * @param requestTimeout the timeout, zero for the default
     * @throws IllegalArgumentException if a value is not allowed; the message names the member
     */
    public ClientTunnel {
        Members.vsockPort(enclaveDialPort, "enclaveDialPort");
        Objects.requireNonNull(requestTimeout, "requestTimeout");
        Members.nanos(requestTimeout, "requestTimeout");
        if (requestTimeout.isZero()) {
            requestTimeout = BridgeDefaults.REQUEST_TIMEOUT;
        }
    }

    /**
     * Makes a tunnel with the default timeout.
     *
     * @param enclaveDialPort the VSOCK port of the host that the enclave dials
     * @return the tunnel
     * @throws IllegalArgumentException if the port is not allowed
     */
    public static ClientTunnel of(long enclaveDialPort) {
        return new ClientTunnel(enclaveDialPort, Duration.ZERO);
    }
}
