package io.ebridge.attest.snp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import java.time.Instant;
import java.util.List;

/** Any bytes give a report or a typed error, and any bytes as collateral a verdict. */
class SnpFuzzTest {

    private static final EvidenceVerifier VERIFIER = EvidenceVerifier.builder()
            .clock(() -> Instant.parse("2026-03-07T00:00:00Z"))
            .build();

    @FuzzTest
    void report(byte[] input) {
        try {
            SnpReport report = SnpReport.parse(Bytes.of(input));
            if (!report.equals(SnpReport.parse(Bytes.of(input)))) {
                throw new AssertionError("one input, two reports");
            }
        } catch (EvidenceRejectedException e) {
            // A verdict.
        }
    }

    @FuzzTest
    void collateral(byte[] input) {
        if (input.length == 0) {
            return;
        }
        try {
            Collateral.Builder builder = Collateral.builder();
            for (Collateral.Kind kind :
                    List.of(Collateral.Kind.VCEK, Collateral.Kind.ASK, Collateral.Kind.ARK, Collateral.Kind.AMD_CRL)) {
                builder.add(kind, input);
            }
            VERIFIER.checkCollateral(EvidenceFormat.SNP, builder.build(), Strictness.full());
        } catch (EvidenceRejectedException e) {
            // A verdict.
        }
    }
}
