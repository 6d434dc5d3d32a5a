package io.ebridge.protocol;

import java.net.InetAddress;
import java.util.Objects;

/**
 * A way in: a TCP port of the host whose connections are carried to a VSOCK port of the enclave. It is a request; the host's policy
 * decides.
 *
 * @param enclaveCid the enclave's CID, up to 4294967294; {@link #OWN_CID} while the enclave has not filled it in
 * @param enclaveListenPort the VSOCK port on which the enclave listens, 1 to 4294967294
 * @param bridgeTcpPort the TCP port on which the host listens, 1 to 65535, or 0 for any free port
 * @param bindAddress the host's address to listen on; all of them by default. An optional member of ours, which other hosts do not know:
 *     they listen on all addresses
 * @param proxyProtocol whether each connection begins with a PROXY protocol version 2 header that tells the client's address. An optional
 *     member of ours, which other hosts do not know: they send no header
 */
public record ServerTunnel(
        long enclaveCid, long enclaveListenPort, int bridgeTcpPort, InetAddress bindAddress, boolean proxyProtocol) {

    /** Stands for the CID of the enclave itself, whatever it is. */
    public static final long OWN_CID = 0;

    /** All IPv4 addresses of the host, {@code 0.0.0.0}. */
    public static final InetAddress ANY_ADDRESS = IpLiterals.address(new byte[4]);

    /**
     * Checks the values.
     *
     * @param enclaveCid the enclave's CID
     * @param enclaveListenPort the enclave's VSOCK port
     * @param bridgeTcpPort the host's TCP port
     * @param bindAddress the host's address
     * @param proxyProtocol whether a PROXY header is wanted
     * @throws IllegalArgumentException if a value is not allowed; the message names the member
     */
    public ServerTunnel {
        Members.check(
                enclaveCid >= 0 && enclaveCid <= Members.MAX_VSOCK,
                "enclaveCid",
                "must be a CID from 0 to 4294967294, not " + enclaveCid);
        Members.vsockPort(enclaveListenPort, "enclaveListenPort");
        Members.check(
                bridgeTcpPort >= 0 && bridgeTcpPort <= 65_535,
                "bridgeTcpPort",
                "must be a TCP port from 0 to 65535, not " + bridgeTcpPort);
        Objects.requireNonNull(bindAddress, "bindAddress");
    }

    /**
     * Makes a tunnel on all addresses, without PROXY protocol, to the enclave's own CID.
     *
     * @param enclaveListenPort the VSOCK port on which the enclave listens
     * @param bridgeTcpPort the TCP port on which the host listens
     * @return the tunnel
     * @throws IllegalArgumentException if a value is not allowed; the message names the member
     */
    public static ServerTunnel of(long enclaveListenPort, int bridgeTcpPort) {
        return builder(enclaveListenPort, bridgeTcpPort).build();
    }

    /**
     * Starts a tunnel.
     *
     * @param enclaveListenPort the VSOCK port on which the enclave listens
     * @param bridgeTcpPort the TCP port on which the host listens
     * @return a builder
     */
    public static Builder builder(long enclaveListenPort, int bridgeTcpPort) {
        return new Builder(enclaveListenPort, bridgeTcpPort);
    }

    /**
     * Fills in the enclave's CID if it is still open.
     *
     * @param cid the CID
     * @return this tunnel, or one with the CID
     * @throws IllegalArgumentException if the CID is not allowed
     */
    public ServerTunnel withEnclaveCid(long cid) {
        return enclaveCid == OWN_CID
                ? new ServerTunnel(cid, enclaveListenPort, bridgeTcpPort, bindAddress, proxyProtocol)
                : this;
    }

    /** Collects the optional values of a tunnel. */
    public static final class Builder {
        private final long enclaveListenPort;
        private final int bridgeTcpPort;
        private long enclaveCid = OWN_CID;
        private InetAddress bindAddress = ANY_ADDRESS;
        private boolean proxyProtocol;

        private Builder(long enclaveListenPort, int bridgeTcpPort) {
            this.enclaveListenPort = enclaveListenPort;
            this.bridgeTcpPort = bridgeTcpPort;
        }

        /**
         * Sets the enclave's CID, which is otherwise filled in before the settings are sent.
         *
         * @param cid the CID
         * @return this builder
         */
        public Builder enclaveCid(long cid) {
            enclaveCid = cid;
            return this;
        }

        /**
         * Sets the host's address to listen on.
         *
         * @param address the address
         * @return this builder
         */
        public Builder bindAddress(InetAddress address) {
            bindAddress = address;
            return this;
        }

        /**
         * Asks for a PROXY protocol version 2 header in front of each connection.
         *
         * @param wanted whether it is wanted
         * @return this builder
         */
        public Builder proxyProtocol(boolean wanted) {
            proxyProtocol = wanted;
            return this;
        }

        /**
         * Makes the tunnel.
         *
         * @return the tunnel
         * @throws IllegalArgumentException if a value is not allowed; the message names the member
         */
        public ServerTunnel build() {
            return new ServerTunnel(enclaveCid, enclaveListenPort, bridgeTcpPort, bindAddress, proxyProtocol);
        }
    }
}
