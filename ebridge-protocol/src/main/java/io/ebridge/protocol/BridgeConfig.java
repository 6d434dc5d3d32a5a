package io.ebridge.protocol;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The settings that an enclave sends to its host: which tunnels it asks for, and how it shows signs of life. An immutable value, the same
 * on both sides.
 *
 * <pre>{@code
 * BridgeConfig config = BridgeConfig.builder("orders")
 *         .serve(5001, 8080)
 *         .outbound(5002)
 *         .build();
 * }</pre>
 *
 * <p><b>Guaranteed:</b> every value is within what the wire can carry, no TCP port of the host and no VSOCK port is claimed twice.
 * <b>Not guaranteed:</b> that a host will allow any of it.
 *
 * <p>On the wire it is one JSON object, see {@link #toJson()} and {@link #fromJson}. {@code null} and missing lists are empty, members
 * that are not known are ignored, and our own additions are left out where they have their default, so peers of any age understand each
 * other.
 *
 * @param appName the application's name, for logs and metrics; at most 256 characters without control characters, may be empty
 * @param watchdog the heartbeat
 * @param logger the host's log level
 * @param servers the ways in
 * @param clients the ways out
 */
public record BridgeConfig(
        String appName,
        WatchdogConfig watchdog,
        LoggerConfig logger,
        List<ServerTunnel> servers,
        List<ClientTunnel> clients) {

    private static final int MAX_NAME = 256;

    /**
     * Checks the values and copies the lists.
     *
     * @param appName the application's name
     * @param watchdog the heartbeat
     * @param logger the host's log level
     * @param servers the ways in
     * @param clients the ways out
     * @throws IllegalArgumentException if a value is not allowed; the message names the member
     */
    public BridgeConfig {
        Objects.requireNonNull(appName, "appName");
        Objects.requireNonNull(watchdog, "watchdog");
        Objects.requireNonNull(logger, "logger");
        servers = List.copyOf(servers);
        clients = List.copyOf(clients);
        Members.check(appName.length() <= MAX_NAME, "appName", "must not be longer than 256 characters");
        Members.check(
                appName.codePoints().noneMatch(Text::mustEscape), "appName", "must not contain control characters");
        Set<Integer> tcp = new HashSet<>();
        for (int i = 0; i < servers.size(); i++) {
            int port = servers.get(i).bridgeTcpPort();
            Members.check(
                    port == 0 || tcp.add(port),
                    "servers[" + i + "].bridgeTcpPort",
                    "claims port " + port + " a second time");
        }
        Set<Long> vsock = new HashSet<>();
        for (int i = 0; i < clients.size(); i++) {
            long port = clients.get(i).enclaveDialPort();
            Members.check(
                    vsock.add(port), "clients[" + i + "].enclaveDialPort", "claims port " + port + " a second time");
        }
    }

    /**
     * Starts a configuration with a new enclave id, a heartbeat interval of 30 seconds, the host's log level left alone and no tunnels.
     *
     * @param appName the application's name
     * @return a builder
     */
    public static Builder builder(String appName) {
        return new Builder(appName);
    }

    /**
     * Starts a configuration with all values of this one.
     *
     * @return a builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder(appName);
        builder.enclaveId = watchdog.enclaveId();
        builder.interval = watchdog.interval();
        builder.logger = logger;
        builder.servers.addAll(servers);
        builder.clients.addAll(clients);
        return builder;
    }

    /**
     * Fills in the enclave's CID wherever it is still open. An enclave does this before it sends its settings.
     *
     * @param cid the enclave's CID
     * @return this configuration, with the CID
     * @throws IllegalArgumentException if the CID is not allowed
     */
    public BridgeConfig withEnclaveCid(long cid) {
        return new BridgeConfig(
                appName,
                watchdog,
                logger,
                servers.stream().map(server -> server.withEnclaveCid(cid)).toList(),
                clients);
    }

    /**
     * Writes the settings as they travel, without the line feed: one line of JSON, durations as integers in nanoseconds.
     *
     * @return the JSON object
     */
    public String toJson() {
        return SettingsJson.write(this);
    }

    /**
     * Reads settings as they travel.
     *
     * @param json one JSON object
     * @param limits the limits
     * @return the settings
     * @throws ProtocolException if it is too long, not JSON, or a member is missing or not allowed; the exception names the member
     */
    public static BridgeConfig fromJson(String json, Limits limits) throws ProtocolException {
        Objects.requireNonNull(limits, "limits");
        if (json.length() > limits.settingsBytes()) {
            throw SettingsJson.tooLong(limits);
        }
        return SettingsJson.read(json.getBytes(StandardCharsets.UTF_8), limits);
    }

    /** Checks what depends on limits. */
    void requireWithin(Limits limits) {
        Duration interval = watchdog.interval();
        Members.check(
                interval.compareTo(limits.minHeartbeat()) >= 0 && interval.compareTo(limits.maxHeartbeat()) <= 0,
                "watchdog.interval",
                "must be from " + limits.minHeartbeat() + " to " + limits.maxHeartbeat() + ", not " + interval);
        for (int i = 0; i < clients.size(); i++) {
            Duration timeout = clients.get(i).requestTimeout();
            Members.check(
                    timeout.compareTo(limits.maxRequestTimeout()) <= 0,
                    "clients[" + i + "].requestTimeout",
                    "must be at most " + limits.maxRequestTimeout() + ", not " + timeout);
        }
        Members.check(servers.size() <= limits.tunnels(), "servers", "must not be more than " + limits.tunnels());
        Members.check(clients.size() <= limits.tunnels(), "clients", "must not be more than " + limits.tunnels());
    }

    /** Collects a configuration. */
    public static final class Builder {
        private final String appName;
        private @Nullable UUID enclaveId;
        private Duration interval = BridgeDefaults.HEARTBEAT_INTERVAL;
        private LoggerConfig logger = LoggerConfig.UNCHANGED;
        private final List<ServerTunnel> servers = new ArrayList<>();
        private final List<ClientTunnel> clients = new ArrayList<>();

        private Builder(String appName) {
            this.appName = Objects.requireNonNull(appName, "appName");
        }

        /**
         * Sets the id of this run of the enclave; a new one is made otherwise.
         *
         * @param id the id
         * @return this builder
         */
        public Builder enclaveId(UUID id) {
            enclaveId = Objects.requireNonNull(id, "id");
            return this;
        }

        /**
         * Sets the longest time without a heartbeat.
         *
         * @param longest the interval, 30 seconds by default
         * @return this builder
         */
        public Builder heartbeat(Duration longest) {
            interval = Objects.requireNonNull(longest, "longest");
            return this;
        }

        /**
         * Sets the host's log level.
         *
         * @param level a level of {@link LoggerConfig}
         * @return this builder
         * @throws IllegalArgumentException if there is no such level
         */
        public Builder logLevel(String level) {
            logger = new LoggerConfig(level);
            return this;
        }

        /**
         * Asks for a way in.
         *
         * @param enclaveListenPort the VSOCK port on which the enclave listens
         * @param bridgeTcpPort the TCP port on which the host listens
         * @return this builder
         * @throws IllegalArgumentException if a port is not allowed
         */
        public Builder serve(long enclaveListenPort, int bridgeTcpPort) {
            return serve(ServerTunnel.of(enclaveListenPort, bridgeTcpPort));
        }

        /**
         * Asks for a way in.
         *
         * @param tunnel the tunnel
         * @return this builder
         */
        public Builder serve(ServerTunnel tunnel) {
            servers.add(Objects.requireNonNull(tunnel, "tunnel"));
            return this;
        }

        /**
         * Asks for a way out.
         *
         * @param enclaveDialPort the VSOCK port of the host that the enclave dials
         * @return this builder
         * @throws IllegalArgumentException if the port is not allowed
         */
        public Builder outbound(long enclaveDialPort) {
            return outbound(ClientTunnel.of(enclaveDialPort));
        }

        /**
         * Asks for a way out.
         *
         * @param tunnel the tunnel
         * @return this builder
         */
        public Builder outbound(ClientTunnel tunnel) {
            clients.add(Objects.requireNonNull(tunnel, "tunnel"));
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if a value is not allowed or a port is claimed twice; the message names the member
         */
        public BridgeConfig build() {
            UUID id = enclaveId == null ? WatchdogConfig.newId() : enclaveId;
            return new BridgeConfig(appName, new WatchdogConfig(id, interval), logger, servers, clients);
        }
    }
}
