package io.ebridge.attest.vectors;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.CertificateEvidence;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.x509.X509;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Judges a case and says where the verdict differs from what the manifest expects. */
final class CaseJudge {

    private static final Map<String, Collateral.Kind> KINDS = Map.ofEntries(
            Map.entry("pck_chain", Collateral.Kind.PCK_CHAIN),
            Map.entry("pck_crl", Collateral.Kind.PCK_CRL),
            Map.entry("pck_crl_chain", Collateral.Kind.PCK_CRL_CHAIN),
            Map.entry("root_ca_crl", Collateral.Kind.ROOT_CA_CRL),
            Map.entry("tcb_info", Collateral.Kind.TCB_INFO),
            Map.entry("tcb_info_chain", Collateral.Kind.TCB_INFO_CHAIN),
            Map.entry("qe_identity", Collateral.Kind.QE_IDENTITY),
            Map.entry("qe_identity_chain", Collateral.Kind.QE_IDENTITY_CHAIN),
            Map.entry("tcb_eval_numbers", Collateral.Kind.TCB_EVAL_NUMBERS),
            Map.entry("tcb_eval_numbers_chain", Collateral.Kind.TCB_EVAL_NUMBERS_CHAIN),
            Map.entry("vcek", Collateral.Kind.VCEK),
            Map.entry("vlek", Collateral.Kind.VLEK),
            Map.entry("ask", Collateral.Kind.ASK),
            Map.entry("asvk", Collateral.Kind.ASVK),
            Map.entry("ark", Collateral.Kind.ARK),
            Map.entry("crl", Collateral.Kind.AMD_CRL));

    private CaseJudge() {}

    /** The differences, one line each; empty if the verdict is as expected. */
    static List<String> judge(Manifest.Case test) {
        Map<String, String> expected = test.expected();
        Map<String, String> actual = new TreeMap<>();
        String message = "";
        try {
            actual.put("authentic", "true");
            actual.putAll(verdict(test));
        } catch (EvidenceRejectedException e) {
            actual.clear();
            actual.put("authentic", "false");
            actual.put("reason", ManifestReasons.of(e.reason()));
            message = e.getMessage();
        }
        List<String> differences = new ArrayList<>();
        if (!expected.get("authentic").equals(actual.get("authentic"))) {
            differences.add("authentic: expected " + expected.get("authentic") + ", got " + actual.get("authentic")
                    + " " + actual.getOrDefault("reason", "") + " (" + message + ")");
            return differences;
        }
        if (!test.authentic()) {
            List<String> reasons = new ArrayList<>();
            reasons.add(expected.get("reason"));
            String alternatives = expected.getOrDefault("reason_alternatives", "");
            reasons.addAll(List.of(alternatives.split(",")));
            if (!reasons.contains(actual.get("reason"))) {
                differences.add("reason: expected " + reasons + ", got " + actual.get("reason") + " (" + message + ")");
            }
            return differences;
        }
        Map<String, String> normal = new TreeMap<>();
        actual.forEach((key, value) -> normal.put(normalKey(key), value));
        expected.forEach((key, value) -> {
            String got = normal.get(normalKey(key));
            if (got == null || !sameValue(value, got)) {
                differences.add(key + ": expected " + value + ", got " + got);
            }
        });
        return differences;
    }

    private static String normalKey(String key) {
        return key.replace("_", "").toLowerCase(java.util.Locale.ROOT);
    }

    private static boolean sameValue(String expected, String actual) {
        return expected.equalsIgnoreCase(actual);
    }

    private static Map<String, String> verdict(Manifest.Case test) throws EvidenceRejectedException {
        String format = test.text("format");
        boolean certificate = format.equals("ratls");
        boolean nitro = format.equals("nitro") || "nitro-user-data".equals(test.textOrNull("scheme"));
        Vendor vendor = nitro ? Vendor.AWS : format.equals("snp") ? Vendor.AMD : Vendor.INTEL;
        X509Certificate anchor =
                X509.certificates(test.file(test.text("anchor"))).get(0);
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .trustAnchors(TrustAnchors.of(vendor, anchor))
                .clock(InstantSource.fixed(test.verifyAt()))
                .build();
        Collateral collateral = collateral(test);
        Strictness strictness = strictness(test);
        if (test.text("mode").equals("collateral_only")) {
            CollateralReport report = verifier.checkCollateral(
                    EvidenceFormat.valueOf(format.toUpperCase(java.util.Locale.ROOT)), collateral, strictness);
            return ResultFields.of(report);
        }
        if (certificate) {
            CertificateEvidence evidence;
            if (nitro) {
                X509Certificate tls = X509.certificates(
                                test.file((String) test.object("collateral").get("tls_certificate")))
                        .get(0);
                evidence = CertificateEvidence.nitroUserData(test.evidence(), tls);
            } else {
                evidence = CertificateEvidence.of(
                        X509.certificates(test.evidence()).get(0));
                evidence =
                        evidence.withCollateral(evidence.evidence().collateral().plus(collateral));
            }
            AttestationResult result = verifier.insecureWithoutAppraisal(evidence, strictness);
            Map<String, String> fields = ResultFields.of(result);
            ResultFields.addBinding(evidence, fields);
            return fields;
        }
        EvidenceFormat evidenceFormat = EvidenceFormat.valueOf(format.toUpperCase(java.util.Locale.ROOT));
        return ResultFields.of(verifier.insecureWithoutAppraisal(
                Evidence.of(evidenceFormat, test.evidence()).withCollateral(collateral), strictness));
    }

    private static Collateral collateral(Manifest.Case test) {
        Collateral.Builder builder = Collateral.builder();
        test.object("collateral").forEach((name, paths) -> {
            if (name.equals("tls_certificate")) {
                return;
            }
            Collateral.Kind kind = KINDS.get(name);
            if (kind == null) {
                throw new IllegalStateException("unknown collateral " + name);
            }
            List<?> list = paths instanceof List<?> many ? many : List.of(paths);
            for (Object path : list) {
                builder.add(kind, test.file((String) path));
            }
        });
        return builder.build();
    }

    private static Strictness strictness(Manifest.Case test) {
        Object missing = test.members().get("collateral_missing");
        List<?> absent = missing instanceof List<?> names ? names : List.of();
        // The mode's name is not enough: a case of mode "full" may name pieces that are absent.
        Strictness strictness = Strictness.full();
        if (absent.contains("tcb_info") && absent.contains("qe_identity")) {
            strictness = strictness.insecureSignaturesOnly();
        } else if (absent.contains("tcb_info") || absent.contains("qe_identity")) {
            strictness = strictness.insecureWithPartialTcb();
        } else if (!absent.isEmpty() || test.text("mode").equals("no_crl")) {
            strictness = strictness.insecureWithoutRevocation();
        }
        if (test.option("tcb_info_v2")) {
            strictness = strictness.insecureAcceptTcbInfoV2();
        }
        if (test.option("unordered_chain")) {
            strictness = strictness.acceptUnorderedChain();
        }
        Object trailing = test.object("options").get("trailing");
        if ("none".equals(trailing)) {
            strictness = strictness.rejectTrailingZeros();
        } else if ("any".equals(trailing)) {
            strictness = strictness.insecureIgnoreTrailingBytes();
        }
        return strictness;
    }

    /** The names that the manifest uses for reasons. */
    static final class ManifestReasons {

        private ManifestReasons() {}

        static String of(RejectionReason reason) {
            String name = reason.name();
            if (name.endsWith("_EXPIRED")) {
                return "expired";
            }
            if (name.endsWith("_NOT_YET_VALID")) {
                return "not_yet_valid";
            }
            if (name.startsWith("TDX_MODULE_")) {
                return "tdx_module_mismatch";
            }
            return switch (name) {
                case "CERTIFICATE_MALFORMED" -> "bad_certificate";
                case "UNSUPPORTED_VERSION", "TCB_INFO_VERSION", "QE_IDENTITY_VERSION" -> "unsupported_version";
                case "TRAILING_DATA" -> "trailing_data";
                case "UNKNOWN_ROOT" -> "unknown_root";
                case "PCK_CHAIN_MISSING" -> "pck_chain_missing";
                case "PCK_CHAIN_ORDER" -> "chain_order";
                case "TCB_INFO_SIGNER", "QE_IDENTITY_SIGNER", "TCB_EVAL_NUMBERS_SIGNER", "PCK_CERTIFICATE_NAME" ->
                    "wrong_issuer";
                case "CRL_ISSUER" -> "crl_issuer";
                case "NITRO_SIGNATURE", "QUOTE_SIGNATURE", "QE_REPORT_SIGNATURE", "SNP_SIGNATURE" -> "bad_signature";
                case "TCB_INFO_SIGNATURE" -> "tcb_info_signature";
                case "QE_IDENTITY_SIGNATURE" -> "qe_identity_signature";
                case "TCB_EVAL_NUMBERS_SIGNATURE" -> "tcb_eval_numbers_signature";
                case "QE_IDENTITY_ID", "QE_MISCSELECT", "QE_ATTRIBUTES", "QE_MRSIGNER", "QE_ISVPRODID" ->
                    "qe_identity_mismatch";
                case "TCB_INFO_FMSPC", "TCB_INFO_PCEID", "TCB_INFO_ID" -> "fmspc_mismatch";
                case "KEY_BINDING" -> "key_binding";
                default -> {
                    if (name.startsWith("CHAIN_")) {
                        yield "bad_chain";
                    }
                    if (name.endsWith("MALFORMED")) {
                        yield "malformed";
                    }
                    yield SnpReasons.of(name);
                }
            };
        }
    }

    /** The part for SNP. */
    static final class SnpReasons {

        private SnpReasons() {}

        static String of(String name) {
            return switch (name) {
                case "SNP_ENDORSEMENT_MISSING" -> "endorsement_missing";
                case "SNP_ENDORSEMENT_TYPE" -> "wrong_endorsement_type";
                case "SNP_TCB_MISMATCH" -> "tcb_mismatch";
                case "SNP_CHIP_ID_MISMATCH" -> "chip_id_mismatch";
                default -> name;
            };
        }
    }
}
