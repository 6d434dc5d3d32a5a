package io.ebridge.protocol;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * What both sides need for heartbeats: the id of this run of the enclave, and how often it shows signs of life.
 *
 * <p>The id is not a secret and proves nothing; it tells one run of an enclave from the next. Ids made here never contain the byte
 * {@code 0x0A}, because peers that split heartbeats at line feeds could not read them; ids of others may contain it.
 *
 * @param enclaveId the id; not all zero, and not beginning with the bytes {@code 06 0A}, which begin a handshake on the same port
 * @param interval the longest time without a heartbeat; more than 0, on the wire in nanoseconds. {@link Limits} bounds it further
 */
public record WatchdogConfig(UUID enclaveId, Duration interval) {
    private static final int ATTEMPTS = 1000;

    /**
     * Checks the values.
     *
     * @param enclaveId the id
     * @param interval the interval
     * @throws IllegalArgumentException if a value is not allowed; the message names the member
     */
    public WatchdogConfig {
        Objects.requireNonNull(enclaveId, "enclaveId");
        Objects.requireNonNull(interval, "interval");
        Members.check(
                enclaveId.getMostSignificantBits() != 0 || enclaveId.getLeastSignificantBits() != 0,
                "enclaveId",
                "must not be all zero");
        Members.check(
                enclaveId.getMostSignificantBits() >>> 48 != 0x060A,
                "enclaveId",
                "must not begin with the bytes 06 0A, which begin a handshake");
        Members.nanos(interval, "interval");
        Members.check(!interval.isZero(), "interval", "must be more than 0");
    }

    /**
     * Makes a watchdog with an id of its own.
     *
     * @param interval the interval
     * @return the watchdog's configuration
     * @throws IllegalArgumentException if the interval is not allowed
     */
    public static WatchdogConfig every(Duration interval) {
        return new WatchdogConfig(newId(), interval);
    }

    /**
     * Makes a random (version 4) id without the byte {@code 0x0A}.
     *
     * @return the id
     */
    public static UUID newId() {
        return newId(new SecureRandom());
    }

    static UUID newId(RandomGenerator random) {
        byte[] bytes = new byte[16];
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            random.nextBytes(bytes);
            bytes[6] = (byte) ((bytes[6] & 0x0F) | 0x40);
            bytes[8] = (byte) ((bytes[8] & 0x3F) | 0x80);
            if (!containsLineFeed(bytes)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                return new UUID(buffer.getLong(), buffer.getLong());
            }
        }
        throw new IllegalStateException("the source of randomness yields nothing but line feeds");
    }

    private static boolean containsLineFeed(byte[] bytes) {
        for (byte b : bytes) {
            if (b == '\n') {
                return true;
            }
        }
        return false;
    }
}
