package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.CertificateEvidence.Scheme;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import java.security.Signature;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The verifier's lone failures: evidence that is wrong in one way is rejected for that reason, and none other. */
class DefectTest {
    /** Reasons that no evidence or collateral can bring about, and what tests them instead. */
    private static final Map<RejectionReason, String> NOT_FROM_EVIDENCE = new EnumMap<>(Map.of(
            RejectionReason.NONCE_NOT_CARRIED, "an expectation that the format cannot carry: notCarried, below",
            RejectionReason.PUBLIC_KEY_NOT_CARRIED, "an expectation that the format cannot carry: notCarried, below"));

    static Stream<Arguments> defects() {
        return Arrays.stream(Defect.values()).filter(d -> d.schemes().isEmpty()).flatMap(d -> d.formats().stream()
                .map(f -> Arguments.of(d, f)));
    }

    static Stream<Arguments> carriers() {
        return Arrays.stream(Scheme.values())
                .flatMap(s -> Defect.formats(s).stream().map(f -> Arguments.of(s, f)));
    }

    static Stream<Arguments> carrierDefects() {
        return Arrays.stream(Defect.values()).flatMap(d -> d.schemes().stream()
                .flatMap(s -> Defect.formats(s).stream().map(f -> Arguments.of(d, s, f))));
    }

    private static String judge(FakeQuotingEnclave enclave, Scheme scheme) throws Exception {
        try {
            boolean nonce = scheme == Scheme.TCG_DICE || scheme == Scheme.NITRO_USER_DATA;
            FakeCertificate peer =
                    nonce ? FakeCertificate.of(enclave, scheme, Fixtures.nonce()) : FakeCertificate.of(enclave, scheme);
            AppraisalPolicy policy = enclave.strictPolicy();
            enclave.verifier().verify(peer.evidence(), nonce ? policy.withNonce(Fixtures.nonce()) : policy);
            return "accepted";
        } catch (EvidenceRejectedException e) {
            return e.reason().name();
        }
    }

    @ParameterizedTest(name = "{0} by {1} of {2}")
    @MethodSource("carrierDefects")
    void certificatesAreRejectedForTheirOwnReason(Defect defect, Scheme scheme, EvidenceFormat format)
            throws Exception {
        FakeQuotingEnclave right = Fixtures.at(FakeQuotingEnclave.of(format).platform());
        assertThat(judge(right.with(defect), scheme)).isEqualTo(defect.reason().name());
        // Evidence by itself does not show it.
        EvidenceRequest request = Fixtures.request(format);
        right.verifier().verify(right.with(defect).quote(request), Fixtures.expecting(right, request));
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("carriers")
    void certificatesWithoutDefectAreAccepted(Scheme scheme, EvidenceFormat format) throws Exception {
        FakeQuotingEnclave right = Fixtures.at(FakeQuotingEnclave.of(format).platform());
        assertThat(judge(right, scheme)).isEqualTo("accepted");
        FakeCertificate peer = FakeCertificate.of(right, scheme);
        assertThat(peer.evidence().scheme()).isEqualTo(scheme);
        assertThat(peer.evidence().evidence().format()).isEqualTo(format);
        assertThat(peer.certificate())
                .isEqualTo(FakeCertificate.of(right, scheme).certificate());
        assertThat(peer.certificate().getSubjectX500Principal().getName()).contains("INSECURE TEST");
        peer.certificate().verify(peer.certificate().getPublicKey());
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(peer.privateKey());
        signature.update(Fixtures.nonce());
        byte[] signed = signature.sign();
        signature.initVerify(peer.certificate());
        signature.update(Fixtures.nonce());
        assertThat(signature.verify(signed)).as("the key is the certificate's").isTrue();
        assertThat(right.verifier().verify(peer.evidence(), right.policy()).checks())
                .contains(
                        RejectionReason.KEY_BINDING,
                        RejectionReason.CERTIFICATE_WITHOUT_EVIDENCE,
                        RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED);
        // What is wrong with the evidence is wrong in the certificate as well.
        Defect inside = format == EvidenceFormat.NITRO ? Defect.NITRO_SIGNATURE_BROKEN : Defect.QE_DEBUG;
        assertThat(judge(right.with(inside), scheme)).isEqualTo(inside.reason().name());
    }

    @Test
    void certificatesCarryOnlyWhatTheirSchemeHas() {
        assertThatThrownBy(() -> FakeCertificate.of(FakeQuotingEnclave.snp(), Scheme.TCG_DICE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FakeCertificate.of(FakeQuotingEnclave.sgx(), Scheme.NITRO_USER_DATA))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FakeCertificate.of(FakeQuotingEnclave.sgx(), Scheme.INTEL_2018, new byte[8]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("defects")
    void rejectedForItsOwnReason(Defect defect, EvidenceFormat format) throws Exception {
        FakeQuotingEnclave wrong =
                Fixtures.at(FakeQuotingEnclave.of(format).platform()).with(defect);
        EvidenceRequest request = Fixtures.request(format);
        EvidenceVerifier verifier = wrong.verifier();
        String got = "accepted";
        try {
            verifier.verify(wrong.quote(request), Fixtures.expecting(wrong, request));
            if (defect.seenInCollateralAlone()) {
                verifier.checkCollateral(format, wrong.collateral(), Strictness.full());
            }
        } catch (EvidenceRejectedException e) {
            got = e.reason() == defect.reason() ? e.reason().name() : e.getMessage();
        }
        assertThat(got).isEqualTo(defect.reason().name());
    }

    @ParameterizedTest
    @EnumSource(EvidenceFormat.class)
    void withoutDefectTheSamePolicyAccepts(EvidenceFormat format) throws Exception {
        FakeQuotingEnclave right = Fixtures.at(FakeQuotingEnclave.of(format).platform());
        EvidenceRequest request = Fixtures.request(format);

        Set<RejectionReason> checks = right.verifier()
                .verify(right.quote(request), Fixtures.expecting(right, request))
                .checks();

        // What the catalogue can violate is among the checks that the verifier says it made.
        Set<RejectionReason> violable = Arrays.stream(Defect.values())
                .filter(d -> d.formats().contains(format) && d.schemes().isEmpty() && !d.seenInCollateralAlone())
                .map(Defect::reason)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(RejectionReason.class)));
        violable.removeAll(optional(format));
        violable.removeAll(checks);
        assertThat(violable)
                .as("violable, but not among the checks of a success")
                .isEmpty();
    }

    /** Checks that the undamaged fake gives no occasion for. */
    private static Set<RejectionReason> optional(EvidenceFormat format) {
        return switch (format) {
            case NITRO -> EnumSet.of(RejectionReason.CERTIFICATE_REVOKED);
            case SGX, TDX -> EnumSet.of(RejectionReason.COLLATERAL_UNAVAILABLE, RejectionReason.PCK_CHAIN_MISSING);
            case SNP -> EnumSet.of(RejectionReason.COLLATERAL_UNAVAILABLE, RejectionReason.SNP_CSP_ID);
        };
    }

    @Test
    void catalogueAndReasonsCoverEachOther() {
        Set<RejectionReason> made =
                Arrays.stream(Defect.values()).map(Defect::reason).collect(Collectors.toSet());
        Set<RejectionReason> all = EnumSet.allOf(RejectionReason.class);
        Set<RejectionReason> unmade = EnumSet.copyOf(all);
        unmade.removeAll(made);

        assertThat(unmade).as("reasons without a defect").isEqualTo(NOT_FROM_EVIDENCE.keySet());
        assertThat(all).as("every defect has a reason of the verifier").containsAll(made);
        assertThat(Defect.values()).allSatisfy(d -> assertThat(d.reason().formats())
                .as("%s claims formats that its reason %s does not have", d, d.reason())
                .containsAll(d.formats()));
    }

    @ParameterizedTest
    @EnumSource(
            value = EvidenceFormat.class,
            names = {"SGX", "TDX", "SNP"})
    void notCarried(EvidenceFormat format) throws Exception {
        FakeQuotingEnclave fake = Fixtures.at(FakeQuotingEnclave.of(format).platform());
        var evidence = fake.quote(EvidenceRequest.of(Fixtures.reportData()));
        assertThatThrownBy(() -> fake.verifier().verify(evidence, fake.policy().withNonce(Fixtures.nonce())))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.NONCE_NOT_CARRIED));
        assertThatThrownBy(
                        () -> fake.verifier().verify(evidence, fake.policy().withPublicKeySha256(Fixtures.keyHash())))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.PUBLIC_KEY_NOT_CARRIED));
    }

    @Test
    void aDefectOfAnotherFormatIsRefused() {
        assertThatThrownBy(() -> FakeQuotingEnclave.nitro().with(Defect.QE_DEBUG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("QE_DEBUG");
    }
}
