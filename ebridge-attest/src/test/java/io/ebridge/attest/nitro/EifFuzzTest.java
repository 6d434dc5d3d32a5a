package io.ebridge.attest.nitro;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes, and any signature section inside a sound image, give measurements or a typed error. */
class EifFuzzTest {

    static Stream<Arguments> images() {
        return Stream.of("plain", "single", "signed", "foreign")
                .map(name -> Arguments.of((Object) EifMeasurementsTest.resource(name)));
    }

    @MethodSource("images")
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
