package io.ebridge.attest.nitro;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.vectors.Vectors;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes are, verifying them gives a result or a reason. */
class NitroFuzzTest {

    private static final EvidenceVerifier VERIFIER = EvidenceVerifier.builder()
            .clock(InstantSource.fixed(Instant.parse("2022-11-09T22:52:00.696Z")))
            .build();

    static Stream<Arguments> seeds() {
        return Stream.concat(
                Stream.of(Arguments.of(
                        (Object) new byte[] {(byte) 0x84, 0x44, (byte) 0xA1, 0x01, 0x38, 0x22, (byte) 0xA0})),
                Vectors.seeds("nitro").map(bytes -> Arguments.of((Object) bytes)));
    }

    @MethodSource("seeds")
    @FuzzTest
    void verify(byte[] data) {
        if (data.length == 0 || data.length > EvidenceFormat.NITRO.maxBytes()) {
            return;
        }
        Evidence evidence = Evidence.of(EvidenceFormat.NITRO, data);
        try {
            assertThat(VERIFIER.insecureWithoutAppraisal(evidence, Strictness.full())
                            .checks())
                    .isNotEmpty();
        } catch (EvidenceRejectedException e) {
            assertThat(e.reason().formats()).contains(EvidenceFormat.NITRO);
        }
        try {
            VERIFIER.insecureWithoutAppraisal(evidence, Strictness.full().insecureArchived());
        } catch (EvidenceRejectedException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
