package io.ebridge.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.intel.IntelPlatform.SgxType;
import io.ebridge.attest.intel.TcbPolicy;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.PcrSet;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import io.ebridge.attest.snp.SnpFeature;
import io.ebridge.attest.snp.SnpFirmware;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpReference;
import io.ebridge.attest.snp.SnpTcb;
import io.ebridge.attest.tdx.TdAttribute;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxReference;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies live in configuration: what is written reads back as an equal policy, and mistakes are named. */
class PolicyJsonTest {

    private static Bytes bytes(int length) {
        byte[] value = new byte[length];
        Arrays.fill(value, (byte) (length + 1));
        return Bytes.of(value);
    }

    static Stream<AppraisalPolicy> policies() {
        TcbPolicy tcb = TcbPolicy.builder()
                .accept(TcbStatus.SW_HARDENING_NEEDED, TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED)
                .insecureAccept(TcbStatus.OUT_OF_DATE)
                .acceptAdvisories("INTEL-SA-00615", "INTEL-SA-00289")
                .acceptOutOfDateUntil(Instant.parse("2025-01-01T00:00:00Z"), Instant.parse("2026-12-31T00:00:00Z"))
                .minEvaluationDataNumber(17)
                .maxCollateralAge(Duration.ofDays(7))
                .requireSmtDisabled()
                .rejectDynamicPlatform()
                .rejectCachedKeys()
                .sgxTypes(SgxType.SCALABLE)
                .build();
        return Stream.of(
                NitroPolicy.builder().pcr0(bytes(48)).build(),
                NitroPolicy.builder()
                        .allow(PcrSet.of(Map.of(0, bytes(48), 8, bytes(48))).named("release \"1\" \\ é\n"))
                        .allow(PcrSet.of(Map.of(1, bytes(48), 2, bytes(48))))
                        .maxAge(Duration.ofSeconds(30))
                        .clockSkew(Duration.ofSeconds(5))
                        .userData(new byte[] {1, 2})
                        .publicKey(new byte[] {3})
                        .insecureAllowDebug()
                        .strictness(Strictness.full().insecureArchived())
                        .build()
                        .withNonce(new byte[] {9})
                        .withPublicKeySha256(new byte[32])
                        .withReportData(new byte[64]),
                SgxPolicy.builder().allow(SgxReference.code(bytes(32))).build(),
                SgxPolicy.builder()
                        .allow(SgxReference.signer(bytes(32), 1, 2)
                                .withConfig(bytes(64), 3)
                                .withExtendedProduct(bytes(16), bytes(16)))
                        .tcb(tcb)
                        .strictness(Strictness.full()
                                .insecureSignaturesOnly()
                                .insecureAcceptTcbInfoV2()
                                .acceptUnorderedChain()
                                .insecureIgnoreTrailingBytes())
                        .build(),
                SgxPolicy.builder()
                        .allow(SgxReference.code(bytes(32)))
                        .tcb(TcbPolicy.builder().insecureAcceptAnyAdvisory().build())
                        .strictness(Strictness.full().insecureWithPartialTcb())
                        .build(),
                TdxPolicy.builder()
                        .allow(TdxReference.builder()
                                .mrTd(bytes(48))
                                .insecureFirmwareOnly()
                                .build())
                        .build(),
                TdxPolicy.builder()
                        .allow(TdxReference.builder()
                                .mrTd(bytes(48))
                                .rtmr(0, bytes(48))
                                .rtmr(3, bytes(48))
                                .mrConfigId(bytes(48))
                                .mrOwner(bytes(48))
                                .mrOwnerConfig(bytes(48))
                                .mrSeam(bytes(48))
                                .build())
                        .tcb(tcb)
                        .allowAttributes(TdAttribute.PKS, TdAttribute.PERFMON)
                        .insecureAllowSeptVe()
                        .allowedXfam(7)
                        .allowServiceTd(bytes(48))
                        .strictness(
                                Strictness.full().insecureWithoutRevocation().rejectTrailingZeros())
                        .build(),
                SnpPolicy.builder().measurement(bytes(48).toByteArray()).build(),
                SnpPolicy.builder()
                        .allow(SnpReference.ofMeasurement(bytes(48).toByteArray())
                                .withIdKey(bytes(48).toByteArray())
                                .withAuthorKey(bytes(48).toByteArray())
                                .withFamilyAndImage(
                                        bytes(16).toByteArray(), bytes(16).toByteArray())
                                .withHostData(bytes(32).toByteArray())
                                .withMinGuestSvn(4_000_000_000L))
                        .vmpl(1)
                        .vmpl(2)
                        .vlekProvider("CN=cc-us-east-2.amazonaws.com")
                        .chip(bytes(64).toByteArray())
                        .product(SnpProduct.GENOA)
                        .product(SnpProduct.TURIN)
                        .minTcb(SnpProduct.GENOA, SnpTcb.of(1, 2, 3, 4))
                        .minLaunchTcb(SnpProduct.TURIN, new SnpTcb(1, 2, 3, 4, 5))
                        .minFirmware(new SnpFirmware(1, 55, 21))
                        .require(SnpFeature.NO_SMT)
                        .requireMitigations(-1L)
                        .insecureAllowMigrationAgent()
                        .insecureAllowProvisionalFirmware()
                        .build());
    }

    @ParameterizedTest
    @MethodSource("policies")
    void readsBackWhatItWrote(AppraisalPolicy policy) throws PolicyFormatException {
        String json = policy.toJson();
        AppraisalPolicy again = AppraisalPolicy.fromJson(json);
        assertThat(again).isEqualTo(policy).hasSameClassAs(policy);
        assertThat(again.toJson()).isEqualTo(json);
    }

    @Test
    void whateverWeakensAPolicySaysSo() {
        policies()
                .filter(policy -> !policy.strictness().isSecure() || policy.allowsDebug())
                .forEach(policy -> assertThat(policy.toJson()).contains("insecure"));
        assertThat(NitroPolicy.builder().pcr0(bytes(48)).build().toJson()).doesNotContain("insecure");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|SYNTAX|JSON",
                "[]|SYNTAX|object",
                "{}|MISSING_MEMBER|format",
                "{'format':'sev'}|BAD_VALUE|nitro, sgx, tdx or snp",
                "{'format':'NITRO'}|BAD_VALUE|format",
                "{'format':'nitro'}|INCOMPLETE|reference values",
                "{'format':'sgx','allow':[]}|INCOMPLETE|reference values",
                "{'format':'tdx','allow':[]}|INCOMPLETE|reference values",
                "{'format':'snp','allow':[]}|INCOMPLETE|reference values",
                "{'format':'nitro','allow':[{'pcr0':'00'}]}|BAD_VALUE|allow[0]: PCR0 has 1 bytes",
                "{'format':'nitro','allow':[{'pcr0':'zz'}]}|BAD_VALUE|allow[0].pcr0 must be hexadecimal",
                "{'format':'nitro','allow':[{'pcr32':'00'}]}|UNKNOWN_MEMBER|allow[0].pcr32",
                "{'format':'nitro','allow':{}}|BAD_VALUE|allow must be a list",
                "{'format':'nitro','allow':[1]}|BAD_VALUE|allow[0] must be an object",
                "{'format':'nitro','maxage':'PT5M','allow':[{'pcr0':'@'}]}|UNKNOWN_MEMBER|maxage",
                "{'format':'nitro','max_age':'5m','allow':[{'pcr0':'@'}]}|BAD_VALUE|max_age must be a duration",
                "{'format':'nitro','max_age':'PT0S','allow':[{'pcr0':'@'}]}|BAD_VALUE|maximum age",
                "{'format':'nitro','insecure_allow_debug':'yes','allow':[{'pcr0':'@'}]}|BAD_VALUE|true or false",
                "{'format':'nitro','collateral':'none','allow':[{'pcr0':'@'}]}|BAD_VALUE|insecure_without_revocation",
                "{'format':'nitro','report_data':'00','allow':[{'pcr0':'@'}]}|BAD_VALUE|64 bytes",
                "{'format':'nitro','nonce':'','allow':[{'pcr0':'@'}]}|BAD_VALUE|nonce",
                "{'format':'nitro','format':'nitro'}|SYNTAX|JSON",
                "{'format':'sgx','allow':[{'mrsigner':'00'}]}|BAD_VALUE|allow[0]: MRSIGNER",
                "{'format':'sgx','tcb':{'accept':['Fine']},'allow':[]}|BAD_VALUE|tcb.accept[0] must be a TCB status",
                "{'format':'sgx','tcb':{'accept':['OutOfDate']},'allow':[]}|BAD_VALUE|insecure",
                "{'format':'sgx','tcb':{'accept_out_of_date':{}},'allow':[]}|MISSING_MEMBER|tcb.accept_out_of_date.tcb_date_not_before",
                "{'format':'sgx','tcb':{'accept_advisories':['SA-1']},'allow':[]}|BAD_VALUE|SA-1",
                "{'format':'tdx','allow':[{'mrtd':'@'}]}|INCOMPLETE|insecureFirmwareOnly",
                "{'format':'snp','allow':[{'measurement':'@'}],'vmpls':[4]}|BAD_VALUE|vmpls",
                "{'format':'snp','allow':[{'measurement':'@'}],'min_tcbs':{'Rome':{}}}|UNKNOWN_MEMBER|min_tcbs.Rome",
                "{'format':'snp','allow':[{'measurement':'@'}],'min_firmware':'1.2'}|BAD_VALUE|min_firmware",
            })
    void namesTheMistake(String text, PolicyFormatException.Reason reason, String part) {
        String json = text.replace('\'', '"').replace("@", bytes(48).hex());
        assertThatThrownBy(() -> AppraisalPolicy.fromJson(json))
                .isInstanceOfSatisfying(PolicyFormatException.class, e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e).hasMessageContaining(part);
                });
    }

    @Test
    void lengthAndDepthAreBounded() {
        for (String json : List.of(" ".repeat(2 << 20), "[".repeat(10_000))) {
            assertThatThrownBy(() -> AppraisalPolicy.fromJson(json))
                    .isInstanceOfSatisfying(PolicyFormatException.class, e -> assertThat(e.reason())
                            .isEqualTo(PolicyFormatException.Reason.SYNTAX));
        }
    }
}
