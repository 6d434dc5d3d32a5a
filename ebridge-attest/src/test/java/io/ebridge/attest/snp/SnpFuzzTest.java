package io.ebridge.attest.snp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.vectors.Vectors;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes give a report or a typed error, and any bytes as evidence or collateral a verdict. */
class SnpFuzzTest {

    private static final EvidenceVerifier VERIFIER = EvidenceVerifier.builder()
            .clock(() -> Instant.parse("2026-03-07T00:00:00Z"))
            .build();

    static Stream<Arguments> seeds() {
        return Stream.concat(
                Stream.of(Arguments.of((Object) new byte[SnpReport.LENGTH])),
                Vectors.seeds("snp").map(bytes -> Arguments.of((Object) bytes)));
    }

    @MethodSource("seeds")
    @FuzzTest
    void report(byte[] input) {
        try {
            SnpReport report = SnpReport.parse(Bytes.of(input));
            assertThat(SnpReport.parse(Bytes.of(input))).isEqualTo(report);
        } catch (EvidenceRejectedException e) {
            assertThat(e.reason().formats()).contains(EvidenceFormat.SNP);
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void evidenceWithItselfAsCollateral(byte[] input) {
        if (input.length == 0 || input.length > EvidenceFormat.SNP.maxBytes()) {
            return;
        }
        Evidence evidence = Evidence.of(EvidenceFormat.SNP, input).withCollateral(allKinds(input));
        try {
            VERIFIER.insecureWithoutAppraisal(evidence, Strictness.full().insecureSignaturesOnly());
        } catch (EvidenceRejectedException e) {
            assertThat(e.reason().formats()).contains(EvidenceFormat.SNP);
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void collateral(byte[] input) {
        if (input.length == 0 || input.length > Collateral.MAX_PIECE_BYTES) {
            return;
        }
        try {
            assertThat(VERIFIER.checkCollateral(EvidenceFormat.SNP, allKinds(input), Strictness.full())
                            .pieces())
                    .isNotEmpty();
        } catch (EvidenceRejectedException e) {
            assertThat(e.reason().formats()).contains(EvidenceFormat.SNP);
        }
    }

    private static Collateral allKinds(byte[] input) {
        Collateral.Builder builder = Collateral.builder();
        for (Collateral.Kind kind : List.of(
                Collateral.Kind.VCEK,
                Collateral.Kind.VLEK,
                Collateral.Kind.ASK,
                Collateral.Kind.ASVK,
                Collateral.Kind.ARK,
                Collateral.Kind.AMD_CRL)) {
            builder.add(kind, input);
        }
        return builder.build();
    }
}
