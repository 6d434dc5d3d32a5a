package io.ebridge.samples.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Real evidence on which published verifiers part ways, each case by name: what is expected here and why. */
class PeerDifferencesTest {

    private static void holds(String id, Map<String, String> expected) {
        ManifestCase test = Manifest.cases().stream()
                .filter(candidate -> candidate.id().equals(id))
                .findFirst()
                .orElseThrow();
        assertThat(test.expected()).as("the manifest on " + id).containsAllEntriesOf(expected);
        assertThat(CaseJudge.judge(test)).as(test.text("note")).isEmpty();
    }

    @Test
    void tdxComponentsCountFromIndexTwoWhereTheModuleHasAVersion() {
        // Comparing all 16 would give OutOfDate, and NotSupported for the second.
        holds("tdx-zkdcap-quote-v4-tcb20250213", Map.of("tcb_status", "UpToDate"));
        holds("tdx-go-tdx-guest-cos-113-tdx-quote-tcb20250527", Map.of("tcb_status", "UpToDate"));
        holds("tdx-trustee-td-quote-tcb20250604", Map.of("tcb_status", "OutOfDate"));
    }

    @Test
    void anOutdatedPlatformStaysOutdatedUnderAnUpToDateModule() {
        holds(
                "tdx-dcap-rs-quote-tdx-00806f050000-tcb20250213",
                Map.of(
                        "tcb_status", "OutOfDate",
                        "tcb_detail.platform.status", "OutOfDate",
                        "tcb_detail.module.status", "UpToDate"));
    }

    @Test
    void noMatchingLevelIsNotSupportedRatherThanOutdated() {
        holds("tdx-dcap-qvl-quote-from-tappd-tcb20250619", Map.of("tcb_status", "NotSupported"));
    }

    @Test
    void bothRootCertificatesOfIntelAreOneAnchor() {
        holds("sgx-fortanix-quote-signature", Map.of("authentic", "true"));
        holds("sgx-ra-tls-rsa3072", Map.of("authentic", "true"));
    }

    @Test
    void aRootOfTheSameNameAndAnotherKeyIsUnknown() {
        holds("sgx-intel-qvl-synthetic-production-anchor", Map.of("reason", "unknown_root"));
        holds("tdx-intel-qvl-synthetic-production-anchor", Map.of("reason", "unknown_root"));
    }

    @Test
    void zerosMayFollowAQuoteAndNothingElseMay() {
        holds("tdx-dcap-qvl-near-quote-tcb20250902", Map.of("trailing_bytes", "70"));
        holds("tdx-go-tdx-guest-cos-113-tdx-quote-tcb20250213", Map.of("trailing_bytes", "3065"));
        holds("tdx-go-tdx-guest-spr-e4-strict", Map.of("reason", "trailing_data"));
    }

    @Test
    void jsonIsVerifiedOverItsExactBytes() {
        Manifest.cases().stream()
                .filter(test -> "tcb_info_signature".equals(test.expected().get("reason")))
                .forEach(test -> holds(test.id(), Map.of("authentic", "false")));
        assertThat(Manifest.cases())
                .anyMatch(test -> test.collateral().getOrDefault("tcb_info", List.of()).stream()
                                .anyMatch(path -> path.contains("reserialised"))
                        && "false".equals(test.expected().get("authentic")));
    }

    @Test
    void quotingEnclavesIdentityIsHeldAgainstTheQuote() {
        holds("tdx-intel-qvl-synthetic", Map.of("reason", "qe_identity_mismatch"));
    }

    @Test
    void chainsInAnotherOrderNeedTheOption() {
        holds("sgx-fortanix-quote-pck-cert-chain-strict", Map.of("reason", "chain_order"));
        holds("sgx-fortanix-quote-pck-cert-chain-unordered", Map.of("authentic", "true"));
    }

    @Test
    void debugNitroEnclavesShowInTheFirstThreePcrsOnly() {
        holds("nitro-eternis-example", Map.of("debug", "true", "measurements.pcr5", "00".repeat(48)));
        ManifestCase test = Manifest.cases().stream()
                .filter(candidate -> candidate.id().equals("nitro-eternis-example"))
                .findFirst()
                .orElseThrow();
        assertThat(test.expected().get("measurements.pcr4")).isNotEqualTo("00".repeat(48));
    }

    @Test
    void indefinitePayloadMapsReachTheSignature() {
        holds("nitro-veracruz-indefinite-map", Map.of("reason", "bad_signature"));
    }
}
