package io.ebridge.ratls.probe;

import io.ebridge.attest.Availability;
import io.ebridge.ratls.TlsProvider;

/** Says, in a process of its own, whether STRICT mode can be had with Netty's BoringSSL. */
public final class StrictProbe {

    private StrictProbe() {}

    /**
     * Prints it.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        Availability availability = TlsProvider.TCNATIVE.strict();
        System.out.println(availability.available() + " " + availability.reason());
    }
}
