package io.ebridge.attest.provider;

import io.ebridge.attest.Availability;
import io.ebridge.attest.EvidenceUnavailableException;
import java.nio.file.Path;

/**
 * The Nitro Secure Module as a device that answers one CBOR request with one CBOR response. {@link #kernel()} is the real
 * one; a test hands in its own.
 *
 * <p>Source: Linux, drivers/misc/nsm.c and include/uapi/linux/nsm.h: requests of up to {@value #MAX_REQUEST} bytes,
 * responses of up to {@value #MAX_RESPONSE}. Implementations are thread-safe.
 */
public interface NsmDevice {

    /** The longest request in bytes. */
    int MAX_REQUEST = 0x1000;

    /** The longest response in bytes. */
    int MAX_RESPONSE = 0x3000;

    /**
     * Whether the device can be used, and if not, why. Sends nothing.
     *
     * @return whether it can be used, with the reason if not
     */
    Availability available();

    /**
     * Sends a request and waits for its response.
     *
     * @param request a CBOR item of 1 to {@value #MAX_REQUEST} bytes
     * @return the response, a CBOR item of at most {@value #MAX_RESPONSE} bytes
     * @throws EvidenceUnavailableException if there is no device, it refuses, or this Java runtime cannot talk to it
     */
    byte[] exchange(byte[] request) throws EvidenceUnavailableException;

    /**
     * The device {@code /dev/nsm}. It takes an {@code ioctl}, which Java 22 and later can make
     * ({@code --enable-native-access=io.ebridge.attest} silences the runtime's warning); on older runtimes it says so
     * from {@link #available()} and {@link #exchange}.
     *
     * @return the device; it is opened for each request and needs no closing
     */
    static NsmDevice kernel() {
        return at(Path.of("/dev/nsm"));
    }

    /**
     * A device file at another place.
     *
     * @param device the file
     * @return the device
     */
    static NsmDevice at(Path device) {
        return new KernelNsmDevice(device);
    }
}
