package io.ebridge.attest.nitro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.vectors.Vectors;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Policies held against a real document, of a production enclave and of a debug one. */
class NitroPolicyTest {

    private static final String PRODUCTION =
            "nitro/veracruz-project_go-nitro-enclave-attestation-document/aws_nitro_document.cbor";
    private static final String DEBUG = "nitro/EternisAI_remote-attestation-verifier/example_attestation.cbor";
    private static final Instant MADE = Instant.parse("2022-11-09T22:52:00.696Z");
    private static final Instant DEBUG_MADE = Instant.parse("2024-09-09T19:49:12.400Z");
    private static final PcrSet SET = PcrSet.ofHex(
                    "22f9e1c949208da55eb01b9b9fc88f87454f77ba133f0d82320b509621c92482152a99d0a12335b97178c02d6f977d01",
                    "bcdf05fefccaa8e55bf2c8d6dee9e79bbff31e34bf28a99aa19e6b29c37ee80b214a414b7607236edf26fcb78654e63f",
                    "00943ea859140fed74e1025fe41aedb38780eae5656b3f9ef9b4b0e6111350315544db3efcda05725108f72b2ab141f7")
            .named("1.0");
    private static final Bytes NONCE = Bytes.ofHex("c678c86135de539d183acff58886d98dfb9823041af9f934bf909ac0f8d96245");
    private static final Bytes USER_DATA =
            Bytes.ofHex("7c37108079b3e8a36d8a7970de1d6d4ff1461e0e35d9557c4d789df5e0576620");

    private static Evidence document(String path) {
        return Evidence.of(EvidenceFormat.NITRO, Vectors.read(path));
    }

    private static EvidenceVerifier at(Instant now) {
        return EvidenceVerifier.builder().clock(InstantSource.fixed(now)).build();
    }

    private static NitroPolicy policy() {
        return NitroPolicy.builder().allow(SET).build();
    }

    private static void rejects(RejectionReason reason, Instant now, String path, AppraisalPolicy policy) {
        Evidence evidence = document(path);
        assertThatThrownBy(() -> at(now).verify(evidence, policy))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e).hasMessageStartingWith(reason + ": ");
                });
    }

    @Test
    void acceptsTheExpectedEnclaveUnderTheBuiltInRoot() throws EvidenceRejectedException {
        NitroResult result =
                at(MADE.plusSeconds(60)).verify(document(PRODUCTION), policy().withNonce(NONCE.toByteArray()));
        assertThat(result.appraisal().made()).isTrue();
        assertThat(result.appraisal().debug()).isFalse();
        assertThat(result.appraisal().matched()).contains("1.0");
        assertThat(result.freshness().proofs())
                .containsExactlyInAnyOrder(Freshness.Proof.TIMESTAMP, Freshness.Proof.NONCE);
        assertThat(result.freshness().age()).contains(Duration.ofSeconds(60));
        assertThat(result.validity().contains(MADE)).isTrue();
        assertThat(result.authenticity().anchor().subject().getName()).contains("aws.nitro-enclaves");
        assertThat(result.authenticity().revocationChecked()).isFalse();
        assertThat(result.checks())
                .contains(
                        RejectionReason.NITRO_SIGNATURE,
                        RejectionReason.CHAIN_SIGNATURE,
                        RejectionReason.NONCE_MISMATCH,
                        RejectionReason.DEBUG,
                        RejectionReason.MEASUREMENT_MISMATCH)
                .doesNotContain(RejectionReason.REPORT_DATA_MISMATCH, RejectionReason.CERTIFICATE_REVOKED);
    }

    @Test
    void oneOfSeveralSetsMustMatchCompletely() throws EvidenceRejectedException {
        PcrSet other = SET.with(0, Bytes.ofHex("11".repeat(48)));
        rejects(
                RejectionReason.MEASUREMENT_MISMATCH,
                MADE,
                PRODUCTION,
                NitroPolicy.builder().allow(other).build());
        // PCR0 of one set and PCR1 and PCR2 of another do not add up to a match.
        PcrSet mixed = PcrSet.of(Map.of(1, SET.values().get(1), 2, Bytes.ofHex("22".repeat(48))));
        rejects(
                RejectionReason.MEASUREMENT_MISMATCH,
                MADE,
                PRODUCTION,
                NitroPolicy.builder().allow(other).allow(mixed).build());
        NitroResult result = at(MADE).verify(
                        document(PRODUCTION),
                        NitroPolicy.builder().allow(other).allow(SET).build());
        assertThat(result.appraisal().matched()).contains("1.0");
        at(MADE).verify(
                        document(PRODUCTION),
                        NitroPolicy.builder().pcr0(SET.values().get(0)).build());
    }

    @Test
    void aDocumentThatIsTooOldIsStaleEvenWhileItsCertificateIsValid() throws EvidenceRejectedException {
        Instant later = MADE.plus(Duration.ofHours(2));
        rejects(RejectionReason.NITRO_TIMESTAMP_STALE, later, PRODUCTION, policy());
        at(later)
                .verify(
                        document(PRODUCTION),
                        NitroPolicy.builder()
                                .allow(SET)
                                .maxAge(Duration.ofHours(3))
                                .build());
    }

    @Test
    void aClockThatIsBehindNeedsSkewAndGetsItAtTheStartOnly() throws EvidenceRejectedException {
        Instant early = MADE.minusSeconds(2);
        rejects(RejectionReason.NITRO_TIMESTAMP_FUTURE, early, PRODUCTION, policy());
        Instant earlier = MADE.minusSeconds(8);
        rejects(RejectionReason.CERTIFICATE_NOT_YET_VALID, earlier, PRODUCTION, policy());
        NitroPolicy lenient = NitroPolicy.builder()
                .allow(SET)
                .clockSkew(Duration.ofSeconds(10))
                .build();
        at(earlier).verify(document(PRODUCTION), lenient);
        NitroPolicy old = NitroPolicy.builder()
                .allow(SET)
                .clockSkew(Duration.ofMinutes(5))
                .maxAge(Duration.ofDays(1))
                .build();
        rejects(RejectionReason.CERTIFICATE_EXPIRED, Instant.parse("2022-11-10T01:52:01Z"), PRODUCTION, old);
    }

    @Test
    void theNonceMustBeThereAndBeTheSame() {
        byte[] other = NONCE.toByteArray();
        other[31] ^= 1;
        rejects(RejectionReason.NONCE_MISMATCH, MADE, PRODUCTION, policy().withNonce(other));
        rejects(
                RejectionReason.NONCE_MISMATCH,
                MADE,
                PRODUCTION,
                policy().withNonce(java.util.Arrays.copyOf(NONCE.toByteArray(), 31)));
    }

    @Test
    void userDataAndPublicKeyAreHeldAgainstWhatIsExpected() throws EvidenceRejectedException {
        at(MADE).verify(document(PRODUCTION), policy().withUserData(USER_DATA.toByteArray()));
        rejects(RejectionReason.REPORT_DATA_MISMATCH, MADE, PRODUCTION, policy().withUserData(new byte[32]));
        rejects(RejectionReason.REPORT_DATA_MISMATCH, MADE, PRODUCTION, policy().withReportData(new byte[64]));
        rejects(RejectionReason.PUBLIC_KEY_MISMATCH, MADE, PRODUCTION, policy().withPublicKeySha256(new byte[32]));
        rejects(
                RejectionReason.PUBLIC_KEY_MISMATCH,
                MADE,
                PRODUCTION,
                NitroPolicy.builder().allow(SET).publicKey(new byte[] {1}).build());
    }

    @Test
    void debugEnclavesNeedPermissionAlthoughPcr4IsNotZero() throws EvidenceRejectedException {
        rejects(RejectionReason.DEBUG, DEBUG_MADE, DEBUG, policy());
        NitroResult result = at(DEBUG_MADE)
                .verify(
                        document(DEBUG),
                        NitroPolicy.builder().allow(SET).insecureAllowDebug().build());
        assertThat(result.appraisal().debug()).isTrue();
        assertThat(result.appraisal().matched())
                .hasValueSatisfying(text -> assertThat(text).contains("debug"));
        assertThat(result.document().pcrs().get(4).isZero()).isFalse();
    }

    @Test
    void archivedDocumentsVerifyAsOfTheirOwnTimeAndAreNeverFresh() throws EvidenceRejectedException {
        Instant years = MADE.plus(Duration.ofDays(1500));
        NitroPolicy archive = NitroPolicy.builder()
                .allow(SET)
                .strictness(Strictness.full().insecureArchived())
                .build()
                .withNonce(NONCE.toByteArray());
        NitroResult result = at(years).verify(document(PRODUCTION), archive);
        assertThat(result.freshness().established()).isFalse();
        assertThat(result.freshness().evaluatedAt()).isEqualTo(MADE);
        rejects(RejectionReason.CERTIFICATE_EXPIRED, years, PRODUCTION, policy());
        byte[] bad = Vectors.read(
                "nitro/veracruz-project_go-nitro-enclave-attestation-document/aws_nitro_document_bad_sig.cbor");
        assertThatThrownBy(() -> at(years).verify(Evidence.of(EvidenceFormat.NITRO, bad), archive))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.NITRO_SIGNATURE));
    }

    @Test
    void aRememberedChainDoesNotOutliveItsWindow() throws EvidenceRejectedException {
        AtomicReference<Instant> now = new AtomicReference<>(MADE);
        EvidenceVerifier verifier = EvidenceVerifier.builder().clock(now::get).build();
        NitroPolicy lasting =
                NitroPolicy.builder().allow(SET).maxAge(Duration.ofDays(1)).build();
        Evidence evidence = document(PRODUCTION);
        for (int i = 0; i < 3; i++) {
            verifier.verify(evidence, lasting);
        }
        now.set(Instant.parse("2022-11-10T01:52:00Z"));
        verifier.verify(evidence, lasting);
        now.set(Instant.parse("2022-11-10T01:52:00.000000001Z"));
        assertThatThrownBy(() -> verifier.verify(evidence, lasting))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.CERTIFICATE_EXPIRED));
        now.set(Instant.parse("2022-11-09T22:51:56.999Z"));
        assertThatThrownBy(() -> verifier.verify(evidence, lasting))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.CERTIFICATE_NOT_YET_VALID));
    }

    @Test
    void evidenceOfAnotherFormatIsRefused() {
        Evidence quote = Evidence.of(EvidenceFormat.SGX, new byte[] {3, 0});
        assertThatThrownBy(() -> at(MADE).verify(quote, policy()))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.FORMAT_MISMATCH));
    }

    @Test
    void aPolicyWithoutReferenceValuesDoesNotBuild() {
        assertThatThrownBy(() -> NitroPolicy.builder().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("reference values");
        assertThatThrownBy(() -> NitroPolicy.builder()
                        .pcr0(Bytes.of(new byte[48]))
                        .insecureAllowDebug()
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("debug");
        assertThatThrownBy(() -> PcrSet.of(Map.of(3, Bytes.ofHex("11".repeat(48)))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PcrSet.of(Map.of(0, Bytes.ofHex("11".repeat(32)))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SET.with(32, Bytes.ofHex("11".repeat(48))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void expectationsHaveTheirLengths() {
        for (int length : List.of(0, 63, 65)) {
            assertThatThrownBy(() -> policy().withReportData(new byte[length]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (int length : List.of(0, 513)) {
            assertThatThrownBy(() -> policy().withNonce(new byte[length])).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> policy().withPublicKeySha256(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NitroPolicy.builder().maxAge(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NitroPolicy.builder().clockSkew(Duration.ofMinutes(6)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void copiesLeaveTheOriginalAsItWas() {
        NitroPolicy original = policy();
        NitroPolicy copy = original.withNonce(new byte[] {1}).withReportData(new byte[64]);
        assertThat(original.nonce()).isEmpty();
        assertThat(original.reportData()).isEmpty();
        assertThat(copy.nonce()).contains(Bytes.of(new byte[] {1}));
        assertThat(copy.allowed()).isEqualTo(original.allowed());
        assertThat(copy).isNotEqualTo(original);
        assertThat(policy()).isEqualTo(original).hasSameHashCodeAs(original);
    }
}
