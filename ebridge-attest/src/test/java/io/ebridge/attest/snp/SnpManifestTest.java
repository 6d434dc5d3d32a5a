package io.ebridge.attest.snp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.json.JsonLimits;
import io.ebridge.attest.json.JsonReader;
import io.ebridge.attest.json.JsonValue;
import io.ebridge.attest.json.JsonValue.ObjectValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every SEV-SNP case of the vectors' manifest, field by field. */
class SnpManifestTest {

    private static final Map<String, Set<RejectionReason>> REASONS = Map.of(
            "malformed", Set.of(RejectionReason.MALFORMED, RejectionReason.SNP_RESERVED),
            "expired", Set.of(RejectionReason.CERTIFICATE_EXPIRED),
            "not_yet_valid", Set.of(RejectionReason.CERTIFICATE_NOT_YET_VALID),
            "endorsement_missing", Set.of(RejectionReason.SNP_ENDORSEMENT_MISSING),
            "wrong_endorsement_type", Set.of(RejectionReason.SNP_ENDORSEMENT_TYPE),
            "bad_signature", Set.of(RejectionReason.SNP_SIGNATURE),
            "bad_chain", Set.of(RejectionReason.CHAIN_ISSUER_NAME, RejectionReason.CHAIN_SIGNATURE),
            "unknown_root", Set.of(RejectionReason.UNKNOWN_ROOT),
            "chip_id_mismatch", Set.of(RejectionReason.SNP_CHIP_ID_MISMATCH),
            "tcb_mismatch", Set.of(RejectionReason.SNP_TCB_MISMATCH));

    private static List<ObjectValue> cases() throws Exception {
        byte[] manifest = SnpVectors.file("manifest.json");
        List<ObjectValue> result = new ArrayList<>();
        for (JsonValue value : JsonReader.read(manifest, new JsonLimits(8 << 20, 32, 1_000_000))
                .asObject()
                .require("cases")
                .asArray()) {
            if (text(value.asObject(), "format").equals("snp")) {
                result.add(value.asObject());
            }
        }
        return result;
    }

    @Test
    void thereAreCases() throws Exception {
        assertThat(cases()).hasSizeGreaterThanOrEqualTo(42);
    }

    @TestFactory
    List<DynamicTest> everyCase() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (ObjectValue one : cases()) {
            tests.add(DynamicTest.dynamicTest(text(one, "id"), () -> judge(one)));
        }
        return tests;
    }

    private static void judge(ObjectValue one) throws Exception {
        ObjectValue expect = one.require("expect").asObject();
        EvidenceVerifier verifier = SnpVectors.verifier(Instant.parse(text(one, "verify_at")))
                .trustAnchors(SnpVectors.anchor(text(one, "anchor")))
                .build();
        Collateral collateral = collateral(one.require("collateral").asObject());
        boolean authentic = expect.require("authentic").asBoolean();
        try {
            if (one.require("evidence").isNull()) {
                CollateralReport report = verifier.checkCollateral(EvidenceFormat.SNP, collateral, Strictness.full());
                assertThat(authentic).isTrue();
                assertWindow(expect, report.validity());
                assertFacts(expect.require("fields").asObject(), report);
            } else {
                assertThat(text(one, "mode")).isEqualTo("no_crl");
                Evidence evidence =
                        Evidence.of(EvidenceFormat.SNP, evidence(one)).withCollateral(collateral);
                SnpResult result = (SnpResult) verifier.insecureWithoutAppraisal(evidence, SnpVectors.NO_CRL);
                assertThat(authentic).isTrue();
                assertWindow(expect, result.validity());
                assertThat(result.authenticity().missing()).containsExactly(Kind.AMD_CRL);
                assertFields(expect, result);
                assertThatFullStrictnessWantsACrl(verifier, evidence);
            }
        } catch (EvidenceRejectedException e) {
            if (authentic) {
                fail("rejected: " + e.getMessage(), e);
            }
            assertThat(allowed(expect)).contains(e.reason());
        }
    }

    private static void assertThatFullStrictnessWantsACrl(EvidenceVerifier verifier, Evidence evidence) {
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                                EvidenceRejectedException.class,
                                () -> verifier.insecureWithoutAppraisal(evidence, Strictness.full()))
                        .reason())
                .isEqualTo(RejectionReason.CRL_MISSING);
    }

    private static Set<RejectionReason> allowed(ObjectValue expect) throws Exception {
        Set<RejectionReason> result = new java.util.HashSet<>(REASONS.get(text(expect, "reason")));
        if (expect.find("reason_alternatives").isPresent()) {
            for (JsonValue value : expect.require("reason_alternatives").asArray()) {
                result.addAll(REASONS.get(value.asString()));
            }
        }
        return result;
    }

    private static byte[] evidence(ObjectValue one) throws Exception {
        byte[] bytes = SnpVectors.file(text(one, "evidence"));
        if (one.find("evidence_offset").isEmpty()) {
            return bytes;
        }
        int from = one.require("evidence_offset").asInt(0, bytes.length);
        return Arrays.copyOfRange(
                bytes, from, from + one.require("evidence_length").asInt(0, bytes.length - from));
    }

    private static Collateral collateral(ObjectValue pieces) throws Exception {
        Collateral.Builder builder = Collateral.builder();
        for (Map.Entry<String, JsonValue> entry : pieces.members().entrySet()) {
            Kind kind = Kind.valueOf(entry.getKey().toUpperCase(Locale.ROOT));
            builder.add(kind, SnpVectors.file(entry.getValue().asString()));
        }
        return builder.build();
    }

    private static void assertWindow(ObjectValue expect, ValidityWindow window) throws Exception {
        assertThat(window.from()).isEqualTo(text(expect, "valid_from"));
        assertThat(window.until()).isEqualTo(text(expect, "valid_until"));
    }

    private static void assertFacts(ObjectValue fields, CollateralReport report) throws Exception {
        for (Map.Entry<String, JsonValue> entry : fields.members().entrySet()) {
            if (entry.getValue() instanceof ObjectValue nested) {
                for (Map.Entry<String, JsonValue> inner : nested.members().entrySet()) {
                    assertThat(fact(report, entry.getKey() + "." + inner.getKey()))
                            .isEqualTo(String.valueOf(inner.getValue().asInt(0, 255)));
                }
            } else {
                assertThat(fact(report, entry.getKey()))
                        .isEqualTo(entry.getValue().asString());
            }
        }
    }

    private static String fact(CollateralReport report, String name) {
        return report.pieces().stream()
                .map(piece -> piece.facts().get(name))
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElse("absent");
    }

    private static void assertFields(ObjectValue expect, SnpResult result) throws Exception {
        SnpReport report = result.report();
        assertThat(report.debug()).isEqualTo(expect.require("debug").asBoolean());
        assertThat(report.reportData().hex()).isEqualTo(text(expect, "report_data"));
        assertThat(report.measurement().hex())
                .isEqualTo(text(expect.require("measurements").asObject(), "measurement"));
        for (Map.Entry<String, JsonValue> entry :
                expect.require("fields").asObject().members().entrySet()) {
            assertThat(field(entry.getKey(), result)).as(entry.getKey()).isEqualTo(plain(entry.getValue()));
        }
    }

    private static String plain(JsonValue value) throws Exception {
        return value instanceof JsonValue.NumberValue number ? number.literal() : value.asString();
    }

    private static String field(String name, SnpResult result) {
        SnpReport report = result.report();
        return switch (name) {
            case "report_version" -> String.valueOf(report.version());
            case "guest_svn" -> String.valueOf(report.guestSvn());
            case "policy" -> report.policy().toString();
            case "vmpl" -> String.valueOf(report.vmpl());
            case "platform_info" -> report.platformInfo().toString();
            case "signing_key" -> report.signingKey().name().toLowerCase(Locale.ROOT);
            case "product" -> result.product().line();
            case "current_tcb" -> report.currentTcb().hex();
            case "reported_tcb" -> report.reportedTcb().hex();
            case "committed_tcb" -> report.committedTcb().hex();
            case "launch_tcb" -> report.launchTcb().hex();
            case "host_data" -> report.hostData().hex();
            case "id_key_digest" -> report.idKeyDigest().hex();
            case "author_key_digest" -> report.authorKeyDigest().hex();
            case "family_id" -> report.familyId().hex();
            case "image_id" -> report.imageId().hex();
            case "report_id" -> report.reportId().hex();
            case "report_id_ma" -> report.reportIdMigrationAgent().hex();
            case "chip_id" -> report.chipId().hex();
            case "csp_id" -> result.cspId().orElse("absent");
            case "launch_mit_vector" ->
                String.format("0x%016x", report.launchMitigations().orElse(-1));
            case "current_mit_vector" ->
                String.format("0x%016x", report.currentMitigations().orElse(-1));
            default -> "no such field: " + name + " of " + Bytes.of(new byte[0]);
        };
    }

    private static String text(ObjectValue object, String name) throws Exception {
        return object.require(name).asString();
    }
}
