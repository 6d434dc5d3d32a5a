package io.ebridge.samples.verify;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.CertificateEvidence;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Judges a case and says where the verdict differs from what the manifest expects. */
final class CaseJudge {

    private static final Map<String, Collateral.Kind> KINDS = kinds();

    private CaseJudge() {}

    private static Map<String, Collateral.Kind> kinds() {
        Map<String, Collateral.Kind> kinds = new TreeMap<>();
        for (Collateral.Kind kind : Collateral.Kind.values()) {
            kinds.put(kind.name().toLowerCase(Locale.ROOT), kind);
        }
        kinds.put("crl", Collateral.Kind.AMD_CRL);
        return kinds;
    }

    /** The differences, one line each; empty if the verdict is as expected. */
    static List<String> judge(ManifestCase one) {
        Map<String, Object> actual = new TreeMap<>();
        String message = "";
        try {
            actual.putAll(verdict(one));
            actual.put("authentic", "true");
        } catch (EvidenceRejectedException e) {
            actual.clear();
            actual.put("authentic", "false");
            actual.put("reason", ManifestReasons.of(e.reason()));
            message = String.valueOf(e.getMessage());
        } catch (CertificateException e) {
            // The anchor or the certificate beside the evidence: what is in the evidence, the verifier reads.
            actual.clear();
            actual.put("authentic", "false");
            actual.put("reason", "bad_certificate");
            message = String.valueOf(e.getMessage());
        } catch (IllegalArgumentException e) {
            actual.clear();
            actual.put("authentic", "false");
            actual.put("reason", "malformed");
            message = String.valueOf(e.getMessage());
        } catch (UnusableException | DateTimeException e) {
            return List.of("unusable: " + e.getMessage());
        }
        return differences(one.expected(), actual, message);
    }

    private static List<String> differences(Map<String, String> expected, Map<String, Object> actual, String message) {
        List<String> differences = new ArrayList<>();
        String authentic = expected.getOrDefault("authentic", "absent");
        if (!authentic.equals(actual.get("authentic"))) {
            differences.add("authentic: expected " + authentic + ", got " + actual.get("authentic")
                    + (message.isEmpty() ? "" : " (" + actual.get("reason") + "; " + message + ")"));
        } else if (authentic.equals("false")) {
            List<String> reasons = new ArrayList<>();
            reasons.add(expected.getOrDefault("reason", "absent"));
            reasons.addAll(
                    List.of(expected.getOrDefault("reason_alternatives", "").split(",")));
            reasons.removeIf(String::isEmpty);
            if (!reasons.contains(String.valueOf(actual.get("reason")))) {
                differences.add("reason: expected " + String.join(" or ", reasons) + ", got " + actual.get("reason")
                        + " (" + message + ")");
            }
        } else {
            Map<String, String> normal = new TreeMap<>();
            actual.forEach((key, value) -> normal.put(plain(key), String.valueOf(value)));
            expected.forEach((key, value) -> {
                String got = normal.get(plain(key));
                if (got == null || !value.equalsIgnoreCase(got)) {
                    differences.add(key + ": expected " + value + ", got " + (got == null ? "nothing" : got));
                }
            });
        }
        return differences;
    }

    /** The manifest takes some names from the vendors' documents as they are written there. */
    private static String plain(String key) {
        return key.replace("_", "").toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> verdict(ManifestCase one)
            throws EvidenceRejectedException, UnusableException, CertificateException {
        String format = one.text("format");
        boolean certificate = format.equals("ratls");
        boolean nitro = format.equals("nitro") || one.text("scheme").equals("nitro-user-data");
        Vendor vendor = nitro ? Vendor.AWS : format.equals("snp") ? Vendor.AMD : Vendor.INTEL;
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .trustAnchors(TrustAnchors.of(vendor, EvidenceFile.certificate(one.file(one.text("anchor")))))
                .clock(InstantSource.fixed(Instant.parse(one.text("verify_at"))))
                .build();
        Collateral collateral = collateral(one);
        Strictness strictness = strictness(one);
        if (one.text("mode").equals("collateral_only")) {
            return ResultFields.of(verifier.checkCollateral(format(format), collateral, strictness));
        }
        if (certificate) {
            CertificateEvidence evidence = nitro
                    ? CertificateEvidence.nitroUserData(
                            one.evidence(),
                            EvidenceFile.certificate(one.file(one.collateral()
                                    .getOrDefault("tls_certificate", List.of(""))
                                    .get(0))))
                    : CertificateEvidence.of(certificate(one.evidence()));
            CertificateEvidence complete =
                    evidence.withCollateral(evidence.evidence().collateral().plus(collateral));
            AttestationResult result = verifier.insecureWithoutAppraisal(complete, strictness);
            Map<String, Object> fields = ResultFields.of(result);
            ResultFields.addBinding(complete, fields);
            return fields;
        }
        return ResultFields.of(verifier.insecureWithoutAppraisal(
                Evidence.of(format(format), one.evidence()).withCollateral(collateral), strictness));
    }

    private static EvidenceFormat format(String name) throws UnusableException {
        try {
            return EvidenceFormat.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new UnusableException("unknown format " + name, e);
        }
    }

    private static X509Certificate certificate(byte[] bytes) throws EvidenceRejectedException {
        try {
            return EvidenceFile.certificate(bytes);
        } catch (CertificateException e) {
            throw new EvidenceRejectedException(
                    io.ebridge.attest.RejectionReason.CERTIFICATE_MALFORMED, "the certificate does not parse", e);
        }
    }

    private static Collateral collateral(ManifestCase one) throws UnusableException {
        Collateral.Builder builder = Collateral.builder();
        for (Map.Entry<String, List<String>> entry : one.collateral().entrySet()) {
            Collateral.Kind kind = KINDS.get(entry.getKey());
            if (kind == null) {
                if (!entry.getKey().equals("tls_certificate")) {
                    throw new UnusableException("unknown collateral " + entry.getKey());
                }
                continue;
            }
            for (String path : entry.getValue()) {
                builder.add(kind, one.file(path));
            }
        }
        return builder.build();
    }

    /** What a case may do without is what its mode says, and what it says is absent. */
    private static Strictness strictness(ManifestCase one) {
        boolean tcbInfo = one.lacks("tcb_info");
        boolean identity = one.lacks("qe_identity");
        String mode = one.text("mode");
        Strictness strictness = Strictness.full();
        if (mode.equals("signature_only") || (tcbInfo && identity)) {
            strictness = strictness.insecureSignaturesOnly();
        } else if (mode.equals("partial") || tcbInfo || identity) {
            strictness = strictness.insecureWithPartialTcb();
        } else if (mode.equals("no_crl") || one.lacksAnything()) {
            strictness = strictness.insecureWithoutRevocation();
        }
        if (one.option("tcb_info_v2")) {
            strictness = strictness.insecureAcceptTcbInfoV2();
        }
        if (one.option("unordered_chain")) {
            strictness = strictness.acceptUnorderedChain();
        }
        return switch (one.node().path("options").path("trailing").asText("zero")) {
            case "none" -> strictness.rejectTrailingZeros();
            case "any" -> strictness.insecureIgnoreTrailingBytes();
            default -> strictness;
        };
    }
}
