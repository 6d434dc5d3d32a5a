package io.ebridge.samples.verify;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.CertificateEvidence;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.intel.EnclaveReport;
import io.ebridge.attest.intel.IntelPlatform;
import io.ebridge.attest.intel.QuoteDetails;
import io.ebridge.attest.intel.TcbAssessment;
import io.ebridge.attest.intel.TcbPart;
import io.ebridge.attest.nitro.NitroDocument;
import io.ebridge.attest.nitro.NitroResult;
import io.ebridge.attest.sgx.SgxResult;
import io.ebridge.attest.tdx.TdReport;
import io.ebridge.attest.tdx.TdxResult;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Results in the words of the manifest, leaves by dotted path. */
final class ResultFields {

    private ResultFields() {}

    static Map<String, Object> of(AttestationResult result) {
        Map<String, Object> fields = new TreeMap<>();
        window(result.validity(), fields);
        fields.put("debug", String.valueOf(result.appraisal().debug()));
        if (result instanceof NitroResult nitro) {
            nitro(nitro, fields);
        } else if (result instanceof SgxResult sgx) {
            intel(sgx.quote(), sgx.platform(), sgx.tcb(), fields);
            sgx(sgx.report(), fields);
        } else if (result instanceof TdxResult tdx) {
            intel(tdx.quote(), tdx.platform(), tdx.tcb(), fields);
            tdx(tdx.report(), fields);
        } else {
            SnpFields.add(result, fields);
        }
        return fields;
    }

    static Map<String, Object> of(CollateralReport report) {
        Map<String, Object> fields = new TreeMap<>();
        window(report.validity(), fields);
        for (CollateralReport.Piece piece : report.pieces()) {
            piece.facts().forEach((name, value) -> fields.put("fields." + name, value));
        }
        return fields;
    }

    static void addBinding(CertificateEvidence evidence, Map<String, Object> fields) {
        fields.put(
                "binding.scheme",
                evidence.scheme().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
        fields.put("binding.claims", String.join(",", new TreeSet<>(evidence.claims())));
        evidence.hashAlgorithm()
                .ifPresent(name -> fields.put(
                        "binding.hash_alg",
                        name.toLowerCase(java.util.Locale.ROOT).replace("_", "")));
        fields.put("binding.public_key_sha256", evidence.publicKeySha256().hex());
    }

    private static void window(ValidityWindow window, Map<String, Object> fields) {
        fields.put("valid_from", window.from().toString());
        fields.put("valid_until", window.until().toString());
    }

    private static void nitro(NitroResult result, Map<String, Object> fields) {
        NitroDocument document = result.document();
        document.pcrs().forEach((index, value) -> fields.put("measurements.pcr" + index, value.hex()));
        fields.put("nonce", hexOrNull(document.nonce()));
        fields.put("user_data", hexOrNull(document.userData()));
        fields.put("public_key", hexOrNull(document.publicKey()));
        fields.put("module_id", document.moduleId());
        fields.put("timestamp", document.timestamp().toString());
        fields.put("timestamp_ms", String.valueOf(document.timestamp().toEpochMilli()));
        fields.put("payload_map", document.indefiniteMap() ? "indefinite" : "definite");
        fields.put(
                "null_fields",
                String.join(
                        ",",
                        java.util.stream.Stream.of("public_key", "user_data", "nonce")
                                .filter(document.nullFields()::contains)
                                .toList()));
        fields.put(
                "age_seconds",
                String.valueOf(result.freshness().age().map(Duration::toSeconds).orElse(-1L)));
    }

    private static void intel(
            QuoteDetails quote, IntelPlatform platform, Optional<TcbAssessment> tcb, Map<String, Object> fields) {
        fields.put("quote_version", String.valueOf(quote.version()));
        fields.put("trailing_bytes", String.valueOf(quote.trailingBytes()));
        fields.put("cert_data_type", String.valueOf(quote.certificationDataType()));
        fields.put("fmspc", platform.fmspc().hex());
        tcb.ifPresent(assessment -> {
            fields.put("tcb_status", assessment.status().label());
            fields.put("advisories", String.join(",", assessment.advisories()));
            fields.put("tcb_evaluation_data_number", String.valueOf(assessment.evaluationDataNumber()));
            part("platform", assessment.platform(), fields);
            assessment.module().ifPresent(part -> part("module", part, fields));
            assessment.quotingEnclave().ifPresent(part -> part("qe", part, fields));
        });
    }

    private static void part(String name, TcbPart part, Map<String, Object> fields) {
        String prefix = "tcb_detail." + name + ".";
        fields.put(prefix + "id", part.id());
        fields.put(prefix + "status", part.status().label());
        fields.put(prefix + "tcb_date", part.tcbDate().map(Object::toString).orElse("null"));
        fields.put(prefix + "advisories", String.join(",", new TreeSet<>(part.advisories())));
        part.isvSvn().ifPresent(svn -> fields.put(prefix + "isv_svn", String.valueOf(svn)));
    }

    private static void sgx(EnclaveReport report, Map<String, Object> fields) {
        fields.put("measurements.mrenclave", report.mrEnclave().hex());
        fields.put("measurements.mrsigner", report.mrSigner().hex());
        fields.put("report_data", report.reportData().hex());
        fields.put("fields.isv_prod_id", String.valueOf(report.isvProdId()));
        fields.put("fields.isv_svn", String.valueOf(report.isvSvn()));
        fields.put("fields.attributes", report.attributes().hex());
        fields.put("fields.miscselect", report.miscSelect().hex());
        fields.put("fields.config_id", report.configId().hex());
        fields.put("fields.config_svn", String.valueOf(report.configSvn()));
    }

    private static void tdx(TdReport report, Map<String, Object> fields) {
        fields.put("measurements.mrtd", report.mrTd().hex());
        for (int i = 0; i < report.rtmr().size(); i++) {
            fields.put("measurements.rtmr" + i, report.rtmr().get(i).hex());
        }
        fields.put("report_data", report.reportData().hex());
        fields.put("fields.body", report.teeTcbSvn2().isPresent() ? "td15" : "td10");
        fields.put("fields.tee_tcb_svn", report.teeTcbSvn().hex());
        fields.put("fields.mrseam", report.mrSeam().hex());
        fields.put("fields.mrsignerseam", report.mrSignerSeam().hex());
        fields.put("fields.seam_attributes", report.seamAttributes().hex());
        fields.put("fields.td_attributes", report.tdAttributes().hex());
        fields.put("fields.xfam", report.xfam().hex());
        fields.put("fields.mrconfigid", report.mrConfigId().hex());
        fields.put("fields.mrowner", report.mrOwner().hex());
        fields.put("fields.mrownerconfig", report.mrOwnerConfig().hex());
        fields.put("fields.sept_ve_disable", String.valueOf((report.attributeBits() >> 28 & 1) == 1));
        report.teeTcbSvn2().ifPresent(value -> fields.put("fields.tee_tcb_svn2", value.hex()));
        report.mrServiceTd().ifPresent(value -> fields.put("fields.mrservicetd", value.hex()));
    }

    private static String hexOrNull(Optional<Bytes> value) {
        return value.map(Bytes::hex).orElse("null");
    }
}
