package io.ebridge.attest.internal.dcap;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.intel.QuoteDetails;
import io.ebridge.attest.intel.TcbAssessment;
import io.ebridge.attest.intel.TcbPart;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonValue;
import io.ebridge.attest.json.JsonValue.ObjectValue;
import io.ebridge.attest.sgx.SgxResult;
import io.ebridge.attest.tdx.TdxResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every SGX and TDX case of the real vectors gives the verdict in the manifest, field by field. */
class DcapManifestTest {

    private static final Map<String, Set<RejectionReason>> REASONS = Map.ofEntries(
            Map.entry(
                    "malformed",
                    Set.of(
                            RejectionReason.MALFORMED,
                            RejectionReason.TCB_INFO_MALFORMED,
                            RejectionReason.QE_IDENTITY_MALFORMED,
                            RejectionReason.TCB_EVAL_NUMBERS_MALFORMED)),
            Map.entry("bad_certificate", Set.of(RejectionReason.CERTIFICATE_MALFORMED)),
            Map.entry(
                    "unsupported_version",
                    Set.of(
                            RejectionReason.UNSUPPORTED_VERSION,
                            RejectionReason.TCB_INFO_VERSION,
                            RejectionReason.QE_IDENTITY_VERSION)),
            Map.entry("trailing_data", Set.of(RejectionReason.TRAILING_DATA)),
            Map.entry("pck_chain_missing", Set.of(RejectionReason.PCK_CHAIN_MISSING)),
            Map.entry("chain_order", Set.of(RejectionReason.PCK_CHAIN_ORDER)),
            Map.entry(
                    "bad_chain",
                    Set.of(
                            RejectionReason.CHAIN_LENGTH,
                            RejectionReason.CHAIN_ISSUER_NAME,
                            RejectionReason.CHAIN_SIGNATURE)),
            Map.entry("unknown_root", Set.of(RejectionReason.UNKNOWN_ROOT)),
            Map.entry("bad_signature", Set.of(RejectionReason.QUOTE_SIGNATURE, RejectionReason.QE_REPORT_SIGNATURE)),
            Map.entry("wrong_issuer", Set.of(RejectionReason.TCB_INFO_SIGNER, RejectionReason.QE_IDENTITY_SIGNER)),
            Map.entry("crl_issuer", Set.of(RejectionReason.CRL_ISSUER)),
            Map.entry("tcb_info_signature", Set.of(RejectionReason.TCB_INFO_SIGNATURE)),
            Map.entry("tcb_eval_numbers_signature", Set.of(RejectionReason.TCB_EVAL_NUMBERS_SIGNATURE)),
            Map.entry("qe_identity_signature", Set.of(RejectionReason.QE_IDENTITY_SIGNATURE)),
            Map.entry(
                    "qe_identity_mismatch",
                    Set.of(
                            RejectionReason.QE_IDENTITY_ID,
                            RejectionReason.QE_MRSIGNER,
                            RejectionReason.QE_ATTRIBUTES,
                            RejectionReason.QE_MISCSELECT,
                            RejectionReason.QE_ISVPRODID)),
            Map.entry("fmspc_mismatch", Set.of(RejectionReason.TCB_INFO_FMSPC)),
            Map.entry(
                    "tdx_module_mismatch",
                    Set.of(
                            RejectionReason.TDX_MODULE_UNKNOWN,
                            RejectionReason.TDX_MODULE_SIGNER,
                            RejectionReason.TDX_MODULE_ATTRIBUTES)),
            Map.entry(
                    "expired",
                    Set.of(
                            RejectionReason.CERTIFICATE_EXPIRED,
                            RejectionReason.CRL_EXPIRED,
                            RejectionReason.TCB_INFO_EXPIRED,
                            RejectionReason.QE_IDENTITY_EXPIRED,
                            RejectionReason.TCB_EVAL_NUMBERS_EXPIRED)),
            Map.entry(
                    "not_yet_valid",
                    Set.of(
                            RejectionReason.CERTIFICATE_NOT_YET_VALID,
                            RejectionReason.CRL_NOT_YET_VALID,
                            RejectionReason.TCB_INFO_NOT_YET_VALID,
                            RejectionReason.QE_IDENTITY_NOT_YET_VALID,
                            RejectionReason.TCB_EVAL_NUMBERS_NOT_YET_VALID)));

    @TestFactory
    Stream<DynamicTest> everyCase() throws Exception {
        return Vectors.cases().stream().map(c -> DynamicTest.dynamicTest(c.id(), () -> judge(c)));
    }

    private static void judge(Vectors.Case c) throws Exception {
        ObjectValue expect = c.expect();
        EvidenceVerifier verifier = c.verifier();
        try {
            ValidityWindow validity;
            if (c.hasEvidence()) {
                Evidence evidence = Evidence.of(c.format(), c.evidence()).withCollateral(c.collateral());
                AttestationResult cold = verifier.insecureWithoutAppraisal(evidence, c.strictness());
                assertThat(expect.require("authentic").asBoolean())
                        .as("authentic")
                        .isTrue();
                compare(expect, cold);
                AttestationResult warm = verifier.insecureWithoutAppraisal(evidence, c.strictness());
                assertThat(warm).isEqualTo(cold);
                validity = cold.validity();
            } else {
                validity = verifier.checkCollateral(c.format(), c.collateral(), c.strictness())
                        .validity();
                assertThat(expect.require("authentic").asBoolean())
                        .as("authentic")
                        .isTrue();
            }
            assertThat(validity.from())
                    .as("valid_from")
                    .isEqualTo(Instant.parse(expect.require("valid_from").asString()));
            assertThat(validity.until())
                    .as("valid_until")
                    .isEqualTo(Instant.parse(expect.require("valid_until").asString()));
        } catch (EvidenceRejectedException e) {
            assertThat(expect.require("authentic").asBoolean())
                    .as("authentic, but rejected: " + e.getMessage())
                    .isFalse();
            List<RejectionReason> allowed =
                    new ArrayList<>(REASONS.get(expect.require("reason").asString()));
            Optional<JsonValue> alternatives = expect.find("reason_alternatives");
            if (alternatives.isPresent()) {
                for (JsonValue alternative : alternatives.get().asArray()) {
                    allowed.addAll(REASONS.get(alternative.asString()));
                }
            }
            assertThat(e.reason()).as(e.getMessage()).isIn(allowed);
        }
    }

    private static void compare(ObjectValue expect, AttestationResult result) throws JsonException {
        QuoteDetails quote;
        Optional<TcbAssessment> tcb;
        String fmspc;
        Map<String, String> measured = new TreeMap<>();
        Map<String, String> fields = new TreeMap<>();
        String reportData;
        if (result instanceof SgxResult sgx) {
            quote = sgx.quote();
            tcb = sgx.tcb();
            fmspc = sgx.platform().fmspc().hex();
            reportData = sgx.report().reportData().hex();
            measured.put("mrenclave", sgx.report().mrEnclave().hex());
            measured.put("mrsigner", sgx.report().mrSigner().hex());
            fields.put("attributes", sgx.report().attributes().hex());
            fields.put("miscselect", sgx.report().miscSelect().hex());
            fields.put("config_id", sgx.report().configId().hex());
            ObjectValue f = expect.require("fields").asObject();
            assertThat(f.require("isv_prod_id").asInt(0, 65535))
                    .isEqualTo(sgx.report().isvProdId());
            assertThat(f.require("isv_svn").asInt(0, 65535))
                    .isEqualTo(sgx.report().isvSvn());
            assertThat(f.require("config_svn").asInt(0, 65535))
                    .isEqualTo(sgx.report().configSvn());
        } else {
            TdxResult tdx = (TdxResult) result;
            quote = tdx.quote();
            tcb = tdx.tcb();
            fmspc = tdx.platform().fmspc().hex();
            reportData = tdx.report().reportData().hex();
            measured.put("mrtd", tdx.report().mrTd().hex());
            for (int i = 0; i < 4; i++) {
                measured.put("rtmr" + i, tdx.report().rtmr().get(i).hex());
            }
            fields.put("tee_tcb_svn", tdx.report().teeTcbSvn().hex());
            fields.put("mrseam", tdx.report().mrSeam().hex());
            fields.put("mrsignerseam", tdx.report().mrSignerSeam().hex());
            fields.put("seam_attributes", tdx.report().seamAttributes().hex());
            fields.put("td_attributes", tdx.report().tdAttributes().hex());
            fields.put("xfam", tdx.report().xfam().hex());
            fields.put("mrconfigid", tdx.report().mrConfigId().hex());
            fields.put("mrowner", tdx.report().mrOwner().hex());
            fields.put("mrownerconfig", tdx.report().mrOwnerConfig().hex());
            fields.put("body", tdx.report().teeTcbSvn2().isPresent() ? "td15" : "td10");
            tdx.report().teeTcbSvn2().ifPresent(v -> fields.put("tee_tcb_svn2", v.hex()));
            tdx.report().mrServiceTd().ifPresent(v -> fields.put("mrservicetd", v.hex()));
        }
        assertThat(result.appraisal().debug())
                .as("debug")
                .isEqualTo(expect.require("debug").asBoolean());
        assertThat(quote.version()).isEqualTo(expect.require("quote_version").asInt(0, 9));
        assertThat(quote.trailingBytes())
                .isEqualTo(expect.require("trailing_bytes").asInt(0, 1 << 20));
        assertThat(quote.certificationDataType())
                .isEqualTo(expect.require("cert_data_type").asInt(0, 9));
        assertThat(fmspc).isEqualTo(expect.require("fmspc").asString());
        assertThat(reportData).isEqualTo(expect.require("report_data").asString());
        assertThat(strings(expect.require("measurements").asObject())).isEqualTo(measured);
        assertThat(strings(expect.require("fields").asObject())).isEqualTo(fields);

        Optional<JsonValue> status = expect.find("tcb_status");
        assertThat(tcb.isPresent()).as("TCB is assessed").isEqualTo(status.isPresent());
        if (status.isPresent()) {
            TcbAssessment assessment = tcb.orElseThrow();
            assertThat(assessment.status().label()).isEqualTo(status.get().asString());
            List<String> advisories = new ArrayList<>();
            for (JsonValue id : expect.require("advisories").asArray()) {
                advisories.add(id.asString());
            }
            assertThat(assessment.advisories()).containsExactlyInAnyOrderElementsOf(advisories);
            assertThat(assessment.evaluationDataNumber())
                    .isEqualTo(expect.require("tcb_evaluation_data_number").asInt(0, 1 << 20));
            ObjectValue detail = expect.require("tcb_detail").asObject();
            comparePart(detail.find("platform"), Optional.of(assessment.platform()));
            comparePart(detail.find("module"), assessment.module());
            comparePart(detail.find("qe"), assessment.quotingEnclave());
        }
    }

    private static void comparePart(Optional<JsonValue> expected, Optional<TcbPart> actual) throws JsonException {
        assertThat(actual.isPresent()).isEqualTo(expected.isPresent());
        if (expected.isPresent()) {
            ObjectValue object = expected.get().asObject();
            TcbPart part = actual.orElseThrow();
            assertThat(part.status().label()).isEqualTo(object.require("status").asString());
            Optional<JsonValue> date = object.find("tcb_date");
            if (date.isPresent()) {
                assertThat(part.tcbDate()).contains(Instant.parse(date.get().asString()));
            }
            Optional<JsonValue> id = object.find("id");
            if (id.isPresent()) {
                assertThat(part.id()).isEqualTo(id.get().asString());
            }
            Optional<JsonValue> svn = object.find("isv_svn");
            if (svn.isPresent()) {
                assertThat(part.isvSvn()).hasValue(svn.get().asInt(0, 65535));
            }
        }
    }

    private static Map<String, String> strings(ObjectValue object) throws JsonException {
        Map<String, String> strings = new TreeMap<>();
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
            if (member.getValue() instanceof JsonValue.StringValue text) {
                strings.put(member.getKey(), text.text());
            }
        }
        return strings;
    }
}
