package io.ebridge.attest.provider;

import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;

/** Stands in where Java has no way to make an ioctl; the class for Java 22 and later, in the same jar, replaces it. */
final class NsmIoctl {

    private static final String MISSING = "talking to the Nitro Secure Module needs Java 22 or later (this is "
            + Runtime.version().feature() + ") and the packaged, multi-release jar of ebridge-attest";

    private NsmIoctl() {}

    /** What is missing for {@link #exchange} to work, or nothing. */
    static String missing() {
        return MISSING;
    }

    static byte[] exchange(String device, byte[] request, long ioctl) throws EvidenceUnavailableException {
        throw new EvidenceUnavailableException(
                Reason.UNSUPPORTED_RUNTIME, MISSING + "; asked for " + request.length + " bytes to " + device, null);
    }
}
