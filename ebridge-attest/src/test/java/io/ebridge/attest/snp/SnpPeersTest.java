package io.ebridge.attest.snp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What other verifiers let pass, by name. */
class SnpPeersTest {

    private static RejectionReason reason(EvidenceVerifier verifier, Evidence evidence) {
        return catchThrowableOfType(
                        EvidenceRejectedException.class,
                        () -> verifier.insecureWithoutAppraisal(evidence, SnpVectors.NO_CRL))
                .reason();
    }

    private static RejectionReason changed(int at, int value) {
        byte[] report = SnpVectors.file(SnpVectors.MICROSOFT + "genoa_attestation_report.bin");
        report[at] = (byte) value;
        return reason(
                SnpVectors.verifier(SnpVectors.IN_2026).build(),
                Evidence.of(EvidenceFormat.SNP, report).withCollateral(SnpVectors.microsoft("genoa")));
    }

    @Test
    void certificateWindowsAreChecked() {
        Evidence evidence = SnpVectors.vlekEvidence();
        assertThat(reason(
                        SnpVectors.verifier(Instant.parse("2025-12-10T22:14:22Z"))
                                .build(),
                        evidence))
                .isEqualTo(RejectionReason.CERTIFICATE_EXPIRED);
        assertThat(reason(
                        SnpVectors.verifier(Instant.parse("2024-12-10T22:14:20Z"))
                                .build(),
                        evidence))
                .isEqualTo(RejectionReason.CERTIFICATE_NOT_YET_VALID);
    }

    @Test
    void aReportByAVlekIsNotJudgedWithAVcek() {
        Evidence evidence = SnpVectors.evidence(
                SnpVectors.TRUSTEE + "test-vlek-report.bin",
                SnpVectors.chain(
                        SnpVectors.TRUSTEE + "test-vcek.der",
                        SnpVectors.GOOGLE + "ask_ark_milan.pem",
                        SnpVectors.GOOGLE + "ask_ark_milan.pem"));
        assertThat(reason(
                        SnpVectors.verifier(Instant.parse("2025-01-09T00:00:00Z"))
                                .build(),
                        evidence))
                .isEqualTo(RejectionReason.SNP_ENDORSEMENT_TYPE);
    }

    @Test
    void aReportThatTheHostAskedForIsNotTheGuests() {
        byte[] report = SnpVectors.file(SnpVectors.MICROSOFT + "genoa_attestation_report.bin");
        java.util.Arrays.fill(report, 0x30, 0x34, (byte) 0xff);
        assertThat(reason(
                        SnpVectors.verifier(SnpVectors.IN_2026).build(),
                        Evidence.of(EvidenceFormat.SNP, report).withCollateral(SnpVectors.microsoft("genoa"))))
                .isEqualTo(RejectionReason.SNP_HOST_REPORT);
    }

    @Test
    void reservedBitsAndBytesAreZero() {
        assertThat(changed(0x4C, 1)).isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x18B, 1)).isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x1EB, 1)).isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x1EF, 1)).isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x1F8, 1)).as("a mitigation vector in version 3").isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x29F, 1)).isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x2A0 + 48, 1)).as("above r").isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x2E8 + 71, 1)).as("above s").isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x330, 1)).as("behind the signature").isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x49F, 1)).as("the last byte").isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x0A, 0x01)).as("guest policy bit 17").isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x0F, 0x80)).as("guest policy bit 63").isEqualTo(RejectionReason.SNP_RESERVED);
        assertThat(changed(0x48, 0x20)).as("key information bit 5").isEqualTo(RejectionReason.SNP_RESERVED);
    }

    @Test
    void versionsAlgorithmsAndKeysThatAreNotKnown() {
        for (int version : new int[] {0, 1, 4, 6, 255}) {
            assertThat(changed(0, version)).isEqualTo(RejectionReason.UNSUPPORTED_VERSION);
        }
        assertThat(changed(0x34, 0)).isEqualTo(RejectionReason.SNP_SIGNATURE_ALGORITHM);
        assertThat(changed(0x48, 7 << 2)).as("no key").isEqualTo(RejectionReason.SNP_NOT_SIGNED);
        assertThat(changed(0x48, 2 << 2)).as("a key that does not exist").isEqualTo(RejectionReason.SNP_NOT_SIGNED);
        assertThat(changed(0x189, 0x50)).as("an unknown processor").isEqualTo(RejectionReason.SNP_PRODUCT);
        assertThat(changed(0x189, 0x01)).as("Milan, by its own word").isEqualTo(RejectionReason.SNP_PRODUCT);
    }

    @Test
    void anOlderVcekOfTheSameChipIsNotEnough() {
        // Two certificates for one chip and TCB, issued years apart: the one that is valid now is chosen.
        Collateral both = Collateral.builder()
                .add(Kind.VCEK, SnpVectors.file(SnpVectors.MICROSOFT + "crypto_milan_vcek.pem"))
                .add(Kind.VCEK, SnpVectors.file(SnpVectors.MICROSOFT + "milan_vcek.pem"))
                .add(Kind.VCEK, SnpVectors.file(SnpVectors.VIRTEE + "vcek_milan.der"))
                .add(Kind.ASK, SnpVectors.file(SnpVectors.MICROSOFT + "milan_ask.pem"))
                .add(Kind.ASVK, SnpVectors.file(SnpVectors.GOOGLE + "ask_ark_milan_vlek.pem"))
                .add(Kind.ARK, SnpVectors.file(SnpVectors.MICROSOFT + "milan_ark.pem"))
                .add(Kind.ARK, SnpVectors.file(SnpVectors.MICROSOFT + "genoa_ark.pem"))
                .build();
        assertThat(catchThrowableOfType(EvidenceRejectedException.class, () -> SnpVectors.verifier(SnpVectors.IN_2026)
                        .build()
                        .insecureWithoutAppraisal(
                                SnpVectors.evidence(SnpVectors.MICROSOFT + "milan_attestation_report.bin", both),
                                SnpVectors.NO_CRL)))
                .isNull();
    }

    @Test
    void collateralIsFoundByContent() throws Exception {
        Collateral everything = Collateral.ofContents(java.util.List.of(
                SnpVectors.file(SnpVectors.TRUSTEE + "turin_ask_ark_asvk.pem"),
                SnpVectors.file(SnpVectors.TRUSTEE + "genoa_ask_ark_asvk.pem"),
                SnpVectors.file(SnpVectors.TRUSTEE + "milan_ask_ark_asvk.pem"),
                SnpVectors.file(SnpVectors.MICROSOFT + "turin_vcek.pem"),
                SnpVectors.file(SnpVectors.MICROSOFT + "genoa_vcek.pem"),
                SnpVectors.file(SnpVectors.TRUSTEE + "test-vlek.der")));
        EvidenceVerifier verifier = SnpVectors.verifier(SnpVectors.IN_2026).build();
        for (String line : new String[] {"turin", "genoa"}) {
            SnpResult result = (SnpResult) verifier.insecureWithoutAppraisal(
                    SnpVectors.evidence(SnpVectors.MICROSOFT + line + "_attestation_report.bin", everything),
                    SnpVectors.NO_CRL);
            assertThat(result.product().line()).isEqualToIgnoringCase(line);
        }
    }

    @Test
    void aWarmVerifierSaysTheSame() throws Exception {
        EvidenceVerifier verifier = SnpVectors.verifier(SnpVectors.IN_2026).build();
        Evidence evidence = SnpVectors.microsoftEvidence("turin");
        assertThat(verifier.insecureWithoutAppraisal(evidence, SnpVectors.NO_CRL))
                .isEqualTo(verifier.insecureWithoutAppraisal(evidence, SnpVectors.NO_CRL));
    }

    @Test
    void aWarmVerifierStillLooksAtTheClock() throws Exception {
        Instant[] now = {SnpVectors.IN_2026};
        EvidenceVerifier verifier =
                EvidenceVerifier.builder().clock(() -> now[0]).build();
        Evidence evidence = SnpVectors.microsoftEvidence("turin");
        SnpResult result = (SnpResult) verifier.insecureWithoutAppraisal(evidence, SnpVectors.NO_CRL);
        now[0] = result.validity().until();
        verifier.insecureWithoutAppraisal(evidence, SnpVectors.NO_CRL);
        now[0] = result.validity().until().plusMillis(1);
        assertThat(reason(verifier, evidence)).isEqualTo(RejectionReason.CERTIFICATE_EXPIRED);
    }

    @Test
    void theChipIdOfTurinIsPaddedWithZeros() throws Exception {
        SnpReport report = SnpReport.parse(SnpVectors.microsoftEvidence("turin").bytes());
        assertThat(report.chipId().slice(8, 56).isZero()).isTrue();
        byte[] bytes = SnpVectors.file(SnpVectors.MICROSOFT + "turin_attestation_report.bin");
        bytes[0x1A0 + 63] = 1;
        assertThat(reason(
                        SnpVectors.verifier(SnpVectors.IN_2026).build(),
                        Evidence.of(EvidenceFormat.SNP, bytes).withCollateral(SnpVectors.microsoft("turin"))))
                .isIn(RejectionReason.SNP_SIGNATURE, RejectionReason.SNP_CHIP_ID_MISMATCH);
    }

    @Test
    void nothingIsAcceptedWithoutAnyCollateral() {
        assertThat(catchThrowableOfType(EvidenceRejectedException.class, () -> SnpVectors.verifier(SnpVectors.IN_2026)
                                .build()
                                .insecureWithoutAppraisal(
                                        Evidence.of(
                                                EvidenceFormat.SNP,
                                                SnpVectors.file(SnpVectors.MICROSOFT + "genoa_attestation_report.bin")),
                                        Strictness.full().insecureSignaturesOnly()))
                        .reason())
                .isEqualTo(RejectionReason.SNP_ENDORSEMENT_MISSING);
    }

    @Test
    void tcbLayoutsDiffer() {
        Bytes raw = Bytes.ofHex("0102030405060708");
        assertThat(SnpTcb.read(SnpProduct.MILAN, raw)).isEqualTo(SnpTcb.of(1, 2, 7, 8));
        assertThat(SnpTcb.read(SnpProduct.GENOA, raw)).isEqualTo(SnpTcb.of(1, 2, 7, 8));
        assertThat(SnpTcb.read(SnpProduct.TURIN, raw)).isEqualTo(new SnpTcb(1, 2, 3, 4, 8));
    }
}
