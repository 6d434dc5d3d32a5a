package io.ebridge.tunnel;

import java.time.Duration;

/**
 * The limits on what is relayed, with their defaults; those on messages and steps are in
 * {@link io.ebridge.protocol.Limits}. Whatever a peer does, it gets no more than this; what goes beyond is refused
 * or cut, and reported to the {@link BridgeListener}.
 *
 * <p>Memory: a relayed connection whose reader stops holds at most about 512 KiB per direction (one read of up to 256 KiB
 * on top of a write mark of 64 KiB, and what stood in the receive buffer when a peer that could not be dialled yet closed); idle
 * connections hold no buffer. So {@link #maxConnections()} bounds the memory.
 *
 * <p>Names being resolved are limited too, to 32 in all and for one enclave to as many as it leaves free; see {@link NameResolver}.
 *
 * <p>Counts have to be positive, times within 1 ms to 24 h (draining and the TTL may be 0); else the constructor throws
 * {@link IllegalArgumentException}.
 *
 * @param maxConnections relayed connections in all, of all enclaves; default 4096
 * @param maxConnectionsPerTunnel relayed connections of one tunnel or service; default 1024
 * @param maxControlConnections connections of one enclave on the handshake port, heartbeats included; default 16
 * @param maxLogConnections log connections of one enclave; default 8
 * @param maxClientTunnels client tunnels of one enclave; default 16
 * @param connectTimeout how long dialling may take, over all addresses; default 10 s
 * @param idleTimeout a relayed connection on which nothing moved for so long is cut; default 10 min. The
 *     {@code requestTimeout} of a client tunnel shortens it
 * @param halfClosedTimeout the same once one direction has ended; default 2 min
 * @param drainTimeout how long closing waits for relayed connections to end by themselves; default 10 s
 * @param logLinesPerSecond lines of one enclave that reach the consumer, with a burst of the same size; default 2000
 * @param logBytesPerSecond the same in bytes; default 1 MiB. An enclave that sends 32 times as much is read no further
 *     until the second is over
 * @param dnsTtl how long a resolved name is used again; default 30 s
 */
public record TunnelLimits(
        int maxConnections,
        int maxConnectionsPerTunnel,
        int maxControlConnections,
        int maxLogConnections,
        int maxClientTunnels,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration halfClosedTimeout,
        Duration drainTimeout,
        int logLinesPerSecond,
        int logBytesPerSecond,
        Duration dnsTtl) {

    private static final Duration DAY = Duration.ofDays(1);

    /**
     * Checks the values.
     *
     * @param maxConnections relayed connections in all
     * @param maxConnectionsPerTunnel relayed connections of one tunnel
     * @param maxControlConnections connections of one enclave on the handshake port
     * @param maxLogConnections log connections of one enclave
     * @param maxClientTunnels client tunnels of one enclave
     * @param connectTimeout longest dialling
     * @param idleTimeout longest silence
     * @param halfClosedTimeout longest silence once one direction has ended
     * @param drainTimeout longest wait when closing
     * @param logLinesPerSecond log lines of one enclave
     * @param logBytesPerSecond log bytes of one enclave
     * @param dnsTtl longest use of a resolved name
     * @throws IllegalArgumentException if a value is out of its range
     */
    public TunnelLimits {
        positive("maxConnections", maxConnections);
        positive("maxConnectionsPerTunnel", maxConnectionsPerTunnel);
        positive("maxControlConnections", maxControlConnections);
        positive("maxLogConnections", maxLogConnections);
        positive("maxClientTunnels", maxClientTunnels);
        positive("logLinesPerSecond", logLinesPerSecond);
        positive("logBytesPerSecond", logBytesPerSecond);
        within("connectTimeout", connectTimeout, Duration.ofMillis(1));
        within("idleTimeout", idleTimeout, Duration.ofMillis(1));
        within("halfClosedTimeout", halfClosedTimeout, Duration.ofMillis(1));
        within("drainTimeout", drainTimeout, Duration.ZERO);
        within("dnsTtl", dnsTtl, Duration.ZERO);
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " " + value + " is not positive");
        }
    }

    private static void within(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0 || value.compareTo(DAY) > 0) {
            throw new IllegalArgumentException(name + " " + value + " is not within " + least + " to " + DAY);
        }
    }

    /**
     * {@return the defaults}
     */
    public static TunnelLimits defaults() {
        return builder().build();
    }

    /**
     * {@return a builder that holds the defaults}
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Changes single limits. Not safe for use by several threads. */
    public static final class Builder {
        private int maxConnections = 4096;
        private int maxConnectionsPerTunnel = 1024;
        private int maxControlConnections = 16;
        private int maxLogConnections = 8;
        private int maxClientTunnels = 16;
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration idleTimeout = Duration.ofMinutes(10);
        private Duration halfClosedTimeout = Duration.ofMinutes(2);
        private Duration drainTimeout = Duration.ofSeconds(10);
        private int logLinesPerSecond = 2000;
        private int logBytesPerSecond = 1 << 20;
        private Duration dnsTtl = Duration.ofSeconds(30);

        private Builder() {}

        /**
         * Sets {@link TunnelLimits#maxConnections()}.
         *
         * @param value a count
         * @return this
         */
        public Builder maxConnections(int value) {
            maxConnections = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#maxConnectionsPerTunnel()}.
         *
         * @param value a count
         * @return this
         */
        public Builder maxConnectionsPerTunnel(int value) {
            maxConnectionsPerTunnel = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#maxControlConnections()}.
         *
         * @param value a count
         * @return this
         */
        public Builder maxControlConnections(int value) {
            maxControlConnections = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#maxLogConnections()}.
         *
         * @param value a count
         * @return this
         */
        public Builder maxLogConnections(int value) {
            maxLogConnections = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#maxClientTunnels()}.
         *
         * @param value a count
         * @return this
         */
        public Builder maxClientTunnels(int value) {
            maxClientTunnels = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#connectTimeout()}.
         *
         * @param value a time
         * @return this
         */
        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#idleTimeout()}.
         *
         * @param value a time
         * @return this
         */
        public Builder idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#halfClosedTimeout()}.
         *
         * @param value a time
         * @return this
         */
        public Builder halfClosedTimeout(Duration value) {
            halfClosedTimeout = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#drainTimeout()}.
         *
         * @param value a time
         * @return this
         */
        public Builder drainTimeout(Duration value) {
            drainTimeout = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#logLinesPerSecond()}.
         *
         * @param value a count
         * @return this
         */
        public Builder logLinesPerSecond(int value) {
            logLinesPerSecond = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#logBytesPerSecond()}.
         *
         * @param value bytes
         * @return this
         */
        public Builder logBytesPerSecond(int value) {
            logBytesPerSecond = value;
            return this;
        }

        /**
         * Sets {@link TunnelLimits#dnsTtl()}.
         *
         * @param value a time
         * @return this
         */
        public Builder dnsTtl(Duration value) {
            dnsTtl = value;
            return this;
        }

        /**
         * {@return the limits}
         *
         * @throws IllegalArgumentException if a value is out of its range, see {@link TunnelLimits}
         */
        public TunnelLimits build() {
            return new TunnelLimits(
                    maxConnections,
                    maxConnectionsPerTunnel,
                    maxControlConnections,
                    maxLogConnections,
                    maxClientTunnels,
                    connectTimeout,
                    idleTimeout,
                    halfClosedTimeout,
                    drainTimeout,
                    logLinesPerSecond,
                    logBytesPerSecond,
                    dnsTtl);
        }
    }
}
