package io.ebridge.protocol;

import java.time.Duration;
import java.util.Objects;

/**
 * Every limit that this module enforces on what the other side sends and on how long it may take. {@link #DEFAULT} suits the wire format
 * as it is; change single values with {@link #toBuilder()}.
 *
 * <p>Byte limits count what stands before a message's line feed. A value exactly at a limit is allowed. A limit takes effect as soon as it
 * is passed: nothing beyond it is buffered, and no line feed is waited for.
 *
 * <p>Step limits bound a whole step from its start. They do not start over when some bytes arrive, so that a peer cannot stretch a step by
 * sending slowly.
 *
 * @param environmentBytes largest environment message, in bytes; 1 to 64 MiB, default 1 MiB
 * @param environmentVariables most variables in an environment; 0 to 1,000,000, default 10,000
 * @param settingsBytes largest settings message, in bytes; 1 to 64 MiB, default 256 KiB
 * @param tunnels most server tunnels in one configuration, and most client tunnels; 0 to 65,535, default 256
 * @param targetLineBytes longest target line, in bytes; 8 to 65,536, default 512
 * @param logLineBytes longest piece of a log line, in bytes; 16 to 1 MiB, default 8 KiB
 * @param handshakeStep longest time for each step of the startup handshake; default 10 s
 * @param targetLineTime longest time in which a host waits for a target line; default 10 s
 * @param targetReplyTime longest time in which an enclave waits for the answer to a target line. The host connects in that time, perhaps
 *     to several addresses in turn; default 30 s
 * @param minHeartbeat shortest heartbeat interval that is accepted; default 100 ms
 * @param maxHeartbeat longest heartbeat interval that is accepted; default 1 h
 * @param maxRequestTimeout longest request timeout of a client tunnel that is accepted; default 24 h
 */
public record Limits(
        int environmentBytes,
        int environmentVariables,
        int settingsBytes,
        int tunnels,
        int targetLineBytes,
        int logLineBytes,
        Duration handshakeStep,
        Duration targetLineTime,
        Duration targetReplyTime,
        Duration minHeartbeat,
        Duration maxHeartbeat,
        Duration maxRequestTimeout) {

    private static final int MIB = 1 << 20;

    /** The defaults given with each component. */
    public static final Limits DEFAULT = new Limits(
            MIB,
            10_000,
            256 << 10,
            256,
            512,
            8 << 10,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMillis(100),
            Duration.ofHours(1),
            Duration.ofHours(24));

    /**
     * Checks every value against its bounds. Every duration must be positive and at most 30 days.
     *
     * @param environmentBytes largest environment message
     * @param environmentVariables most variables
     * @param settingsBytes largest settings message
     * @param tunnels most tunnels of each kind
     * @param targetLineBytes longest target line
     * @param logLineBytes longest piece of a log line
     * @param handshakeStep longest step of the handshake
     * @param targetLineTime longest wait for a target line
     * @param targetReplyTime longest wait for the answer to one
     * @param minHeartbeat shortest heartbeat interval
     * @param maxHeartbeat longest heartbeat interval
     * @param maxRequestTimeout longest request timeout
     * @throws IllegalArgumentException if a value is out of bounds; the message names it
     */
    public Limits {
        range("environmentBytes", environmentBytes, 1, 64 * MIB);
        range("environmentVariables", environmentVariables, 0, 1_000_000);
        range("settingsBytes", settingsBytes, 1, 64 * MIB);
        range("tunnels", tunnels, 0, 65_535);
        range("targetLineBytes", targetLineBytes, 8, 65_536);
        range("logLineBytes", logLineBytes, 16, MIB);
        range("handshakeStep", handshakeStep);
        range("targetLineTime", targetLineTime);
        range("targetReplyTime", targetReplyTime);
        range("minHeartbeat", minHeartbeat);
        range("maxHeartbeat", maxHeartbeat);
        range("maxRequestTimeout", maxRequestTimeout);
        if (minHeartbeat.compareTo(maxHeartbeat) > 0) {
            throw new IllegalArgumentException("minHeartbeat must not be longer than maxHeartbeat");
        }
    }

    /**
     * Starts from the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder(DEFAULT);
    }

    /**
     * Starts from these limits.
     *
     * @return a builder
     */
    public Builder toBuilder() {
        return new Builder(this);
    }

    private static void range(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be from " + min + " to " + max + ", not " + value);
        }
    }

    private static void range(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofDays(30)) > 0) {
            throw new IllegalArgumentException(name + " must be more than 0 and at most 30 days");
        }
    }

    /** Collects changed limits. Bounds are those of the record's components. */
    public static final class Builder {
        private int environmentBytes;
        private int environmentVariables;
        private int settingsBytes;
        private int tunnels;
        private int targetLineBytes;
        private int logLineBytes;
        private Duration handshakeStep;
        private Duration targetLineTime;
        private Duration targetReplyTime;
        private Duration minHeartbeat;
        private Duration maxHeartbeat;
        private Duration maxRequestTimeout;

        private Builder(Limits from) {
            environmentBytes = from.environmentBytes;
            environmentVariables = from.environmentVariables;
            settingsBytes = from.settingsBytes;
            tunnels = from.tunnels;
            targetLineBytes = from.targetLineBytes;
            logLineBytes = from.logLineBytes;
            handshakeStep = from.handshakeStep;
            targetLineTime = from.targetLineTime;
            targetReplyTime = from.targetReplyTime;
            minHeartbeat = from.minHeartbeat;
            maxHeartbeat = from.maxHeartbeat;
            maxRequestTimeout = from.maxRequestTimeout;
        }

        /**
         * Sets the largest environment message.
         *
         * @param bytes its size before the line feed
         * @return this builder
         */
        public Builder environmentBytes(int bytes) {
            environmentBytes = bytes;
            return this;
        }

        /**
         * Sets how many variables an environment may have.
         *
         * @param count the number of variables
         * @return this builder
         */
        public Builder environmentVariables(int count) {
            environmentVariables = count;
            return this;
        }

        /**
         * Sets the largest settings message.
         *
         * @param bytes its size before the line feed
         * @return this builder
         */
        public Builder settingsBytes(int bytes) {
            settingsBytes = bytes;
            return this;
        }

        /**
         * Sets how many tunnels of each kind a configuration may have.
         *
         * @param count the number of server tunnels, and of client tunnels
         * @return this builder
         */
        public Builder tunnels(int count) {
            tunnels = count;
            return this;
        }

        /**
         * Sets the longest target line.
         *
         * @param bytes its size before the line feed
         * @return this builder
         */
        public Builder targetLineBytes(int bytes) {
            targetLineBytes = bytes;
            return this;
        }

        /**
         * Sets the longest piece of a log line.
         *
         * @param bytes its size before escaping
         * @return this builder
         */
        public Builder logLineBytes(int bytes) {
            logLineBytes = bytes;
            return this;
        }

        /**
         * Sets the time for each step of the startup handshake.
         *
         * @param time the longest time
         * @return this builder
         */
        public Builder handshakeStep(Duration time) {
            handshakeStep = time;
            return this;
        }

        /**
         * Sets how long a host waits for a target line.
         *
         * @param time the longest time
         * @return this builder
         */
        public Builder targetLineTime(Duration time) {
            targetLineTime = time;
            return this;
        }

        /**
         * Sets how long an enclave waits for the answer to its target line.
         *
         * @param time the longest time
         * @return this builder
         */
        public Builder targetReplyTime(Duration time) {
            targetReplyTime = time;
            return this;
        }

        /**
         * Sets the bounds of a heartbeat interval.
         *
         * @param min the shortest interval
         * @param max the longest interval
         * @return this builder
         */
        public Builder heartbeat(Duration min, Duration max) {
            minHeartbeat = min;
            maxHeartbeat = max;
            return this;
        }

        /**
         * Sets the longest request timeout of a client tunnel.
         *
         * @param time the longest timeout
         * @return this builder
         */
        public Builder maxRequestTimeout(Duration time) {
            maxRequestTimeout = time;
            return this;
        }

        /**
         * Makes the limits.
         *
         * @return the limits
         * @throws IllegalArgumentException if a value is out of bounds; the message names it
         */
        public Limits build() {
            return new Limits(
                    environmentBytes,
                    environmentVariables,
                    settingsBytes,
                    tunnels,
                    targetLineBytes,
                    logLineBytes,
                    handshakeStep,
                    targetLineTime,
                    targetReplyTime,
                    minHeartbeat,
                    maxHeartbeat,
                    maxRequestTimeout);
        }
    }
}
