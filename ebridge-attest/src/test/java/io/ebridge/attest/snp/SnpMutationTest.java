package io.ebridge.attest.snp;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.x509.X509;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Changes one byte at a time. Of a report every change is rejected: no byte of it is outside the signature, reserved, or
 * part of the signature. Of a certificate too: every byte is signed, or is signature, or frames them.
 */
class SnpMutationTest {

    private static final int[] MASKS = {0x01, 0x80, 0xff};

    private final EvidenceVerifier verifier =
            SnpVectors.verifier(SnpVectors.IN_2026).cacheEntries(64).build();

    private boolean accepted(byte[] report, Collateral collateral) {
        try {
            AttestationResult result = verifier.insecureWithoutAppraisal(
                    Evidence.of(EvidenceFormat.SNP, report).withCollateral(collateral), SnpVectors.NO_CRL);
            return result != null;
        } catch (EvidenceRejectedException e) {
            return false;
        }
    }

    private void sweepReport(IntPredicate chosen) {
        byte[] report = SnpVectors.file(SnpVectors.MICROSOFT + "turin_attestation_report.bin");
        Collateral collateral = SnpVectors.microsoft("turin");
        assertThat(accepted(report, collateral)).isTrue();
        List<Integer> survivors = new ArrayList<>();
        for (int i = 0; i < report.length; i++) {
            if (chosen.test(i)) {
                for (int mask : MASKS) {
                    byte[] changed = report.clone();
                    changed[i] ^= (byte) mask;
                    if (accepted(changed, collateral)) {
                        survivors.add(i);
                    }
                }
            }
        }
        assertThat(survivors).isEmpty();
    }

    private void sweepCertificates(IntPredicate chosen) throws Exception {
        byte[] report = SnpVectors.file(SnpVectors.MICROSOFT + "turin_attestation_report.bin");
        Kind[] kinds = {Kind.VCEK, Kind.ASK, Kind.ARK};
        byte[][] ders = {
            der(SnpVectors.MICROSOFT + "turin_vcek.pem"),
            der(SnpVectors.MICROSOFT + "turin_ask.pem"),
            der(SnpVectors.MICROSOFT + "turin_ark.pem")
        };
        List<String> survivors = new ArrayList<>();
        for (int which = 0; which < kinds.length; which++) {
            for (int i = 0; i < ders[which].length; i++) {
                if (chosen.test(i)) {
                    byte[] changed = ders[which].clone();
                    changed[i] ^= 0x01;
                    Collateral.Builder collateral = Collateral.builder();
                    for (int other = 0; other < kinds.length; other++) {
                        collateral.add(kinds[other], other == which ? changed : ders[other]);
                    }
                    if (accepted(report, collateral.build())) {
                        survivors.add(kinds[which] + " byte " + i);
                    }
                }
            }
        }
        assertThat(survivors).isEmpty();
    }

    private static byte[] der(String pem) throws Exception {
        return X509.certificateBlocks(SnpVectors.file(pem)).get(0);
    }

    /** Fields that decide how the rest is read, the frames of the signature, and one in sixteen of the others. */
    @Test
    void structuralBytesOfAReport() {
        sweepReport(i -> i < 0x10 || (i >= 0x30 && i < 0x50) || (i >= 0x180 && i < 0x210) || i >= 0x2A0 || i % 16 == 5);
    }

    @Test
    void oneInSixteenBytesOfTheCertificates() throws Exception {
        sweepCertificates(i -> i < 16 || i % 16 == 3);
    }

    @Test
    @Tag("soak")
    void everyByteOfAReport() {
        sweepReport(i -> true);
    }

    @Test
    @Tag("soak")
    void everyByteOfTheCertificates() throws Exception {
        sweepCertificates(i -> true);
    }
}
