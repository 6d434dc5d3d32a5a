package io.ebridge.attest.snp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Policies against real reports. */
class SnpPolicyTest {

    private static final Instant VLEK_TIME = Instant.parse("2025-01-09T22:14:21Z");
    private static final String AWS = "CN=cc-us-east-2.amazonaws.com";

    private static SnpResult verify(Evidence evidence, Instant at, SnpPolicy policy) throws EvidenceRejectedException {
        return SnpVectors.verifier(at).build().verify(evidence, policy);
    }

    private static byte[] measurement(Evidence evidence) throws EvidenceRejectedException {
        return SnpReport.parse(evidence.bytes()).measurement().toByteArray();
    }

    private static SnpPolicy.Builder policyFor(Evidence evidence) throws EvidenceRejectedException {
        return SnpPolicy.builder().measurement(measurement(evidence)).insecureWithoutRevocation();
    }

    private static RejectionReason rejected(Evidence evidence, Instant at, UnaryOperator<SnpPolicy.Builder> change)
            throws Exception {
        SnpPolicy policy = change.apply(policyFor(evidence)).build();
        EvidenceRejectedException e =
                catchThrowableOfType(EvidenceRejectedException.class, () -> verify(evidence, at, policy));
        assertThat(e).as("rejection").isNotNull();
        assertThat(e.reason().formats()).contains(io.ebridge.attest.EvidenceFormat.SNP);
        return e.reason();
    }

    private static RejectionReason turin(UnaryOperator<SnpPolicy.Builder> change) throws Exception {
        return rejected(SnpVectors.microsoftEvidence("turin"), SnpVectors.IN_2026, change);
    }

    private static RejectionReason genoa(UnaryOperator<SnpPolicy.Builder> change) throws Exception {
        return rejected(SnpVectors.microsoftEvidence("genoa"), SnpVectors.IN_2026, change);
    }

    @Test
    void aPolicyWithoutReferencesDoesNotBuild() {
        assertThatIllegalStateException().isThrownBy(() -> SnpPolicy.builder().build());
    }

    @Test
    void aReferenceIdentifiesSomething() {
        assertThatIllegalArgumentException().isThrownBy(() -> SnpReference.ofMeasurement(new byte[48]));
        assertThatIllegalArgumentException().isThrownBy(() -> SnpReference.ofMeasurement(new byte[47]));
        assertThatIllegalArgumentException().isThrownBy(() -> SnpReference.ofIdKey(new byte[48]));
        assertThatIllegalArgumentException().isThrownBy(() -> SnpReference.ofAuthorKey(new byte[48]));
    }

    @ParameterizedTest
    @EnumSource(SnpProduct.class)
    void aPlainPolicyAcceptsEachProduct(SnpProduct product) throws Exception {
        Evidence evidence = SnpVectors.microsoftEvidence(product.line().toLowerCase(java.util.Locale.ROOT));
        SnpResult result =
                verify(evidence, SnpVectors.IN_2026, policyFor(evidence).build());
        assertThat(result.product()).isEqualTo(product);
        assertThat(result.appraisal().made()).isTrue();
        assertThat(result.appraisal().matched())
                .hasValueSatisfying(text -> assertThat(text).startsWith("measurement "));
        assertThat(result.validity().contains(SnpVectors.IN_2026)).isTrue();
        assertThat(result.freshness().established()).isFalse();
        assertThat(result.checks())
                .contains(
                        RejectionReason.SNP_SIGNATURE,
                        RejectionReason.SNP_CHIP_ID_MISMATCH,
                        RejectionReason.SNP_TCB_MISMATCH,
                        RejectionReason.DEBUG,
                        RejectionReason.SNP_VMPL)
                .doesNotContain(
                        RejectionReason.SNP_TCB_TOO_OLD,
                        RejectionReason.SNP_MITIGATION_MISSING,
                        RejectionReason.CERTIFICATE_REVOKED,
                        RejectionReason.SNP_HOST_DATA_MISMATCH);
    }

    @Test
    void fullStrictnessWantsARevocationList() throws Exception {
        Evidence evidence = SnpVectors.microsoftEvidence("genoa");
        SnpPolicy policy =
                SnpPolicy.builder().measurement(measurement(evidence)).build();
        assertThat(catchThrowableOfType(
                                EvidenceRejectedException.class, () -> verify(evidence, SnpVectors.IN_2026, policy))
                        .reason())
                .isEqualTo(RejectionReason.CRL_MISSING);
    }

    @Test
    void aDebugGuestIsRejectedUnlessAskedFor() throws Exception {
        Evidence evidence = SnpVectors.debugEvidence();
        Instant at = Instant.parse("2023-01-10T00:00:00Z");
        assertThat(rejected(evidence, at, builder -> builder)).isEqualTo(RejectionReason.DEBUG);
        SnpResult result =
                verify(evidence, at, policyFor(evidence).insecureAllowDebug().build());
        assertThat(result.appraisal().debug()).isTrue();
        assertThat(result.checks()).doesNotContain(RejectionReason.DEBUG);
    }

    @Test
    void firmwareThatIsNotCommittedIsRejectedUnlessAskedFor() throws Exception {
        Evidence evidence = SnpVectors.evidence(
                SnpVectors.TRUSTEE + "test-report.bin",
                SnpVectors.chain(
                        SnpVectors.TRUSTEE + "test-vcek.der",
                        SnpVectors.GOOGLE + "ask_ark_milan.pem",
                        SnpVectors.GOOGLE + "ask_ark_milan.pem"));
        assertThat(rejected(evidence, SnpVectors.IN_2023, builder -> builder))
                .isEqualTo(RejectionReason.SNP_PROVISIONAL_FIRMWARE);
        SnpResult result = verify(
                evidence,
                SnpVectors.IN_2023,
                policyFor(evidence).insecureAllowProvisionalFirmware().build());
        assertThat(result.currentTcb().atLeast(result.committedTcb())).isTrue();
        assertThat(result.currentTcb()).isNotEqualTo(result.committedTcb());
    }

    @Test
    void aLoadedKeyNeedsItsProviderNamed() throws Exception {
        Evidence evidence = SnpVectors.vlekEvidence();
        UnaryOperator<SnpPolicy.Builder> asAws = builder -> builder.vmpl(1).insecureAllowProvisionalFirmware();
        assertThat(rejected(evidence, VLEK_TIME, asAws)).isEqualTo(RejectionReason.SNP_CSP_ID);
        assertThat(rejected(evidence, VLEK_TIME, builder -> asAws.apply(builder)
                        .vlekProvider("CN=cc-us-east-1.amazonaws.com")))
                .isEqualTo(RejectionReason.SNP_CSP_ID);
        SnpResult result = verify(
                evidence,
                VLEK_TIME,
                asAws.apply(policyFor(evidence).vlekProvider(AWS)).build());
        assertThat(result.cspId()).hasValue(AWS);
    }

    @Test
    void theVmplIsZeroUnlessAskedFor() throws Exception {
        assertThat(rejected(SnpVectors.vlekEvidence(), VLEK_TIME, builder -> builder.vlekProvider(AWS)
                        .insecureAllowProvisionalFirmware()))
                .isEqualTo(RejectionReason.SNP_VMPL);
        assertThat(turin(builder -> builder.vmpl(1).vmpl(2))).isEqualTo(RejectionReason.SNP_VMPL);
    }

    @Test
    void minimumVersionsAreComparedComponentByComponent() throws Exception {
        // Turin: fmc 1, boot loader 1, TEE 1, SNP 4, microcode 81.
        SnpTcb exact = new SnpTcb(1, 1, 1, 4, 81);
        Evidence evidence = SnpVectors.microsoftEvidence("turin");
        SnpResult result = verify(
                evidence,
                SnpVectors.IN_2026,
                policyFor(evidence)
                        .minTcb(SnpProduct.TURIN, exact)
                        .minLaunchTcb(SnpProduct.TURIN, exact)
                        .build());
        assertThat(result.reportedTcb()).isEqualTo(exact);
        assertThat(result.checks()).contains(RejectionReason.SNP_TCB_TOO_OLD, RejectionReason.SNP_LAUNCH_TCB_TOO_OLD);
        for (SnpTcb higher : new SnpTcb[] {
            new SnpTcb(2, 0, 0, 0, 0),
            new SnpTcb(0, 2, 0, 0, 0),
            new SnpTcb(0, 0, 2, 0, 0),
            new SnpTcb(0, 0, 0, 5, 0),
            new SnpTcb(0, 0, 0, 0, 82)
        }) {
            assertThat(turin(builder -> builder.minTcb(SnpProduct.TURIN, higher)))
                    .isEqualTo(RejectionReason.SNP_TCB_TOO_OLD);
            assertThat(turin(builder -> builder.minLaunchTcb(SnpProduct.TURIN, higher)))
                    .isEqualTo(RejectionReason.SNP_LAUNCH_TCB_TOO_OLD);
            // Another product's minimum does not apply.
            verify(
                    evidence,
                    SnpVectors.IN_2026,
                    policyFor(evidence).minTcb(SnpProduct.MILAN, higher).build());
        }
    }

    @Test
    void aShortfallNamesTheComponent() throws Exception {
        Evidence evidence = SnpVectors.microsoftEvidence("genoa");
        SnpPolicy policy = policyFor(evidence)
                .minTcb(SnpProduct.GENOA, SnpTcb.of(10, 0, 24, 84))
                .build();
        assertThat(catchThrowableOfType(
                        EvidenceRejectedException.class, () -> verify(evidence, SnpVectors.IN_2026, policy)))
                .hasMessageContaining("snp 23 < 24")
                .hasMessageNotContaining("microcode 84");
    }

    @Test
    void minFirmware() throws Exception {
        assertThat(turin(builder -> builder.minFirmware(new SnpFirmware(1, 55, 66))))
                .isEqualTo(RejectionReason.SNP_FIRMWARE_TOO_OLD);
        Evidence evidence = SnpVectors.microsoftEvidence("turin");
        verify(
                evidence,
                SnpVectors.IN_2026,
                policyFor(evidence).minFirmware(new SnpFirmware(1, 55, 65)).build());
    }

    @Test
    void mitigationsOfVersion5() throws Exception {
        Evidence evidence = SnpVectors.microsoftEvidence("turin");
        verify(
                evidence,
                SnpVectors.IN_2026,
                policyFor(evidence).requireMitigations(0x3f).build());
        assertThat(turin(builder -> builder.requireMitigations(0x40)))
                .isEqualTo(RejectionReason.SNP_MITIGATION_MISSING);
        assertThat(genoa(builder -> builder.requireMitigations(1))).isEqualTo(RejectionReason.SNP_MITIGATION_MISSING);
    }

    @Test
    void features() throws Exception {
        assertThat(genoa(builder -> builder.require(SnpFeature.NO_SMT))).isEqualTo(RejectionReason.SNP_FEATURE);
        assertThat(genoa(builder -> builder.require(SnpFeature.SINGLE_SOCKET))).isEqualTo(RejectionReason.SNP_FEATURE);
        assertThat(genoa(builder -> builder.require(SnpFeature.CIPHERTEXT_HIDING)))
                .isEqualTo(RejectionReason.SNP_FEATURE);
        assertThat(genoa(builder -> builder.require(SnpFeature.PLATFORM_SMT_OFF)))
                .isEqualTo(RejectionReason.SNP_FEATURE);
        Evidence evidence = SnpVectors.microsoftEvidence("genoa");
        SnpResult result = verify(
                evidence,
                SnpVectors.IN_2026,
                policyFor(evidence)
                        .require(SnpFeature.ALIAS_CHECK)
                        .require(SnpFeature.TSME)
                        .require(SnpFeature.ECC)
                        .require(SnpFeature.NO_CXL)
                        .build());
        assertThat(result.checks()).contains(RejectionReason.SNP_FEATURE);
    }

    @Test
    void productAndChip() throws Exception {
        assertThat(turin(builder -> builder.product(SnpProduct.GENOA)))
                .isEqualTo(RejectionReason.SNP_PRODUCT_NOT_ALLOWED);
        byte[] other = new byte[64];
        other[0] = 1;
        assertThat(turin(builder -> builder.chip(other))).isEqualTo(RejectionReason.SNP_CHIP_NOT_ALLOWED);
        Evidence evidence = SnpVectors.microsoftEvidence("turin");
        byte[] own = SnpReport.parse(evidence.bytes()).chipId().toByteArray();
        verify(
                evidence,
                SnpVectors.IN_2026,
                policyFor(evidence)
                        .product(SnpProduct.TURIN)
                        .chip(other)
                        .chip(own)
                        .build());
    }

    @Test
    void theClosestReferenceSaysWhatIsWrong() throws Exception {
        Evidence evidence = SnpVectors.microsoftEvidence("genoa");
        SnpReport report = SnpReport.parse(evidence.bytes());
        byte[] ones = new byte[48];
        java.util.Arrays.fill(ones, (byte) 1);
        SnpReference own = SnpReference.ofMeasurement(measurement(evidence));
        assertThat(only(evidence, SnpReference.ofMeasurement(ones))).isEqualTo(RejectionReason.MEASUREMENT_MISMATCH);
        assertThat(only(evidence, own.withIdKey(ones))).isEqualTo(RejectionReason.SNP_ID_KEY_MISMATCH);
        assertThat(only(evidence, own.withAuthorKey(ones))).isEqualTo(RejectionReason.SNP_AUTHOR_KEY_MISMATCH);
        assertThat(only(evidence, own.withFamilyAndImage(new byte[16], new byte[] {
                    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
                })))
                .isEqualTo(RejectionReason.SNP_IMAGE_MISMATCH);
        assertThat(only(evidence, own.withMinGuestSvn(report.guestSvn() + 1)))
                .isEqualTo(RejectionReason.SNP_GUEST_SVN_TOO_LOW);
        byte[] hostData = report.hostData().toByteArray();
        hostData[31] ^= 1;
        assertThat(only(evidence, own.withHostData(hostData))).isEqualTo(RejectionReason.SNP_HOST_DATA_MISMATCH);
        // Among several sets the nearest counts, whatever their order; and one that matches is enough.
        assertThat(only(evidence, own.withHostData(hostData), SnpReference.ofMeasurement(ones)))
                .isEqualTo(RejectionReason.SNP_HOST_DATA_MISMATCH);
        SnpPolicy both = SnpPolicy.builder()
                .insecureWithoutRevocation()
                .allow(SnpReference.ofMeasurement(ones))
                .allow(own.withHostData(report.hostData().toByteArray())
                        .withIdKey(report.idKeyDigest().toByteArray())
                        .withFamilyAndImage(
                                report.familyId().toByteArray(),
                                report.imageId().toByteArray())
                        .withMinGuestSvn(report.guestSvn()))
                .build();
        assertThat(verify(evidence, SnpVectors.IN_2026, both).checks())
                .contains(RejectionReason.SNP_HOST_DATA_MISMATCH, RejectionReason.SNP_ID_KEY_MISMATCH);
    }

    private static RejectionReason only(Evidence evidence, SnpReference... references) {
        SnpPolicy.Builder builder = SnpPolicy.builder().insecureWithoutRevocation();
        for (SnpReference reference : references) {
            builder.allow(reference);
        }
        SnpPolicy policy = builder.build();
        return catchThrowableOfType(EvidenceRejectedException.class, () -> verify(evidence, SnpVectors.IN_2026, policy))
                .reason();
    }

    @Test
    void reportDataIsProofAndNonceNeedsIt() throws Exception {
        Evidence evidence = SnpVectors.microsoftEvidence("genoa");
        byte[] data = SnpReport.parse(evidence.bytes()).reportData().toByteArray();
        SnpPolicy policy = policyFor(evidence).build();
        SnpResult result = verify(
                evidence,
                SnpVectors.IN_2026,
                policy.withReportData(data).withNonce(new byte[] {1}).withPublicKeySha256(new byte[32]));
        assertThat(result.freshness().proofs()).containsExactly(Freshness.Proof.REPORT_DATA);
        data[63] ^= 1;
        assertThat(reason(evidence, policy.withReportData(data))).isEqualTo(RejectionReason.REPORT_DATA_MISMATCH);
        assertThat(reason(evidence, policy.withNonce(new byte[] {1}))).isEqualTo(RejectionReason.NONCE_NOT_CARRIED);
        assertThat(reason(evidence, policy.withPublicKeySha256(new byte[32])))
                .isEqualTo(RejectionReason.PUBLIC_KEY_NOT_CARRIED);
    }

    private static RejectionReason reason(Evidence evidence, SnpPolicy policy) {
        return catchThrowableOfType(EvidenceRejectedException.class, () -> verify(evidence, SnpVectors.IN_2026, policy))
                .reason();
    }

    @Test
    void policiesAreValues() throws Exception {
        Evidence evidence = SnpVectors.microsoftEvidence("genoa");
        SnpPolicy one = policyFor(evidence).require(SnpFeature.ECC).build();
        assertThat(one)
                .isEqualTo(policyFor(evidence).require(SnpFeature.ECC).build())
                .hasSameHashCodeAs(policyFor(evidence).require(SnpFeature.ECC).build())
                .isNotEqualTo(policyFor(evidence).build())
                .isNotEqualTo(one.withReportData(new byte[64]));
        assertThat(one.required()).containsExactly(SnpFeature.ECC);
        assertThat(one.vmpls()).containsExactly(0);
        assertThat(one.products()).containsExactly(SnpProduct.values());
    }
}
