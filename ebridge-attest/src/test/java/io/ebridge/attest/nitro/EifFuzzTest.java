package io.ebridge.attest.nitro;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Any bytes, and any signature section inside a sound image, give measurements or a typed error. */
class EifFuzzTest {

    @FuzzTest
    void anything(byte[] input) {
        try {
            EifMeasurements.of(new ByteArrayInputStream(input)).toString();
        } catch (IOException e) {
            requireTyped(e);
        }
    }

    @FuzzTest
    void signatureSection(byte[] input) {
        try {
            EifSignature.signingCertificate(input, new byte[48]);
        } catch (IOException e) {
            requireTyped(e);
        }
    }

    private static void requireTyped(IOException e) {
        if (!(e instanceof EifFormatException)) {
            throw new AssertionError("a memory stream does not fail", e);
        }
    }
}
