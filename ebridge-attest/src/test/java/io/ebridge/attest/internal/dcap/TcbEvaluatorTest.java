package io.ebridge.attest.internal.dcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest.Intel.PckCa;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.intel.IntelPlatform;
import io.ebridge.attest.intel.TcbAssessment;
import io.ebridge.attest.intel.TcbPart;
import io.ebridge.attest.intel.TcbShortfall;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.tdx.TdReport;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules for levels, modules, relaunch and convergence, on documents made for each. */
class TcbEvaluatorTest {

    private static final Optional<TcbShortfall> NONE = Optional.empty();

    @ParameterizedTest
    @CsvSource({
        "UP_TO_DATE, UP_TO_DATE, UP_TO_DATE",
        "UP_TO_DATE, OUT_OF_DATE, OUT_OF_DATE",
        "SW_HARDENING_NEEDED, UP_TO_DATE, SW_HARDENING_NEEDED",
        "SW_HARDENING_NEEDED, OUT_OF_DATE, OUT_OF_DATE",
        "CONFIGURATION_NEEDED, OUT_OF_DATE, OUT_OF_DATE_CONFIGURATION_NEEDED",
        "CONFIGURATION_AND_SW_HARDENING_NEEDED, OUT_OF_DATE, OUT_OF_DATE_CONFIGURATION_NEEDED",
        "CONFIGURATION_AND_SW_HARDENING_NEEDED, UP_TO_DATE, CONFIGURATION_AND_SW_HARDENING_NEEDED",
        "OUT_OF_DATE, OUT_OF_DATE, OUT_OF_DATE",
        "OUT_OF_DATE, UP_TO_DATE, OUT_OF_DATE",
        "OUT_OF_DATE_CONFIGURATION_NEEDED, OUT_OF_DATE, OUT_OF_DATE_CONFIGURATION_NEEDED",
        "OUT_OF_DATE_CONFIGURATION_NEEDED, UP_TO_DATE, OUT_OF_DATE_CONFIGURATION_NEEDED",
        "RELAUNCH_ADVISED, UP_TO_DATE, RELAUNCH_ADVISED",
        "UP_TO_DATE, REVOKED, REVOKED",
        "NOT_SUPPORTED, REVOKED, REVOKED",
        "REVOKED, UP_TO_DATE, REVOKED",
        "UP_TO_DATE, NOT_SUPPORTED, NOT_SUPPORTED",
        "NOT_SUPPORTED, OUT_OF_DATE, NOT_SUPPORTED"
    })
    void convergence(TcbStatus whole, TcbStatus part, TcbStatus together) {
        assertThat(TcbEvaluator.converge(whole, part)).isEqualTo(together);
    }

    @Test
    void convergenceNeverMakesAnythingBetter() {
        for (TcbStatus whole : TcbStatus.values()) {
            for (TcbStatus part :
                    List.of(TcbStatus.UP_TO_DATE, TcbStatus.OUT_OF_DATE, TcbStatus.NOT_SUPPORTED, TcbStatus.REVOKED)) {
                TcbStatus together = TcbEvaluator.converge(whole, part);
                assertThat(together).isGreaterThanOrEqualTo(whole);
                assertThat(together).isGreaterThanOrEqualTo(part);
            }
        }
    }

    @Test
    void levelsAreTakenHighestFirstWhateverTheDocumentsOrder() throws Exception {
        List<String> levels = new ArrayList<>(List.of(
                level(7, 11, "\"UpToDate\"", "", null),
                level(6, 11, "\"OutOfDate\"", "\"INTEL-SA-00002\"", null),
                level(5, 10, "\"OutOfDateConfigurationNeeded\"", "\"INTEL-SA-00003\"", null),
                level(1, 1, "\"Revoked\"", "\"INTEL-SA-00004\"", null)));
        Random order = new Random(7);
        for (int round = 0; round < 50; round++) {
            Collections.shuffle(levels, order);
            TcbInfo info = sgx(levels);
            assertThat(status(info, platform(7, 11))).isEqualTo(TcbStatus.UP_TO_DATE);
            assertThat(status(info, platform(255, 255))).isEqualTo(TcbStatus.UP_TO_DATE);
            assertThat(status(info, platform(7, 10))).isEqualTo(TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED);
            assertThat(status(info, platform(6, 11))).isEqualTo(TcbStatus.OUT_OF_DATE);
            assertThat(status(info, platform(1, 1))).isEqualTo(TcbStatus.REVOKED);
            assertThat(status(info, platform(0, 200))).isEqualTo(TcbStatus.NOT_SUPPORTED);
        }
    }

    @Test
    void oneComponentBelowIsBelow() throws Exception {
        TcbInfo info = sgx(
                List.of(level(7, 11, "\"UpToDate\"", "", null), level(3, 0, "\"OutOfDate\"", "\"INTEL-SA-1\"", null)));
        for (int i = 0; i < 16; i++) {
            List<Integer> components = new ArrayList<>(Collections.nCopies(16, 9));
            components.set(i, 6);
            IntelPlatform platform = platform(components, 11);
            TcbAssessment tcb = TcbEvaluator.assess(info, platform, null, Optional.empty(), NONE);
            assertThat(tcb.status()).isEqualTo(TcbStatus.OUT_OF_DATE);
            int index = i;
            assertThat(tcb.shortfalls()).singleElement().satisfies(shortfall -> {
                assertThat(shortfall.component()).startsWith("sgx[" + index + "]");
                assertThat(shortfall.actual()).isEqualTo(6);
                assertThat(shortfall.required()).isEqualTo(7);
            });
            assertThat(tcb.advisories()).containsExactly("INTEL-SA-1");
        }
    }

    @Test
    void tdxComponentsZeroAndOneCountOnlyForModulesWithoutVersion() throws Exception {
        TcbInfo info = tdx(List.of(level(1, 1, "\"UpToDate\"", "", new int[] {5, 0, 7})));
        assertThat(tdxStatus(info, td(new int[] {5, 0, 7}, null))).isEqualTo(TcbStatus.UP_TO_DATE);
        assertThat(tdxStatus(info, td(new int[] {4, 0, 7}, null))).isEqualTo(TcbStatus.NOT_SUPPORTED);
        assertThat(tdxStatus(info, td(new int[] {4, 1, 7}, null))).isEqualTo(TcbStatus.UP_TO_DATE);
        assertThat(tdxStatus(info, td(new int[] {4, 1, 6}, null))).isEqualTo(TcbStatus.NOT_SUPPORTED);
    }

    @Test
    void theModuleIsJudgedByItsIdentity() throws Exception {
        TcbInfo info = tdx(List.of(level(1, 1, "\"UpToDate\"", "", new int[] {9, 0, 7})));
        TcbAssessment old =
                TcbEvaluator.assess(info, platform(1, 1), td(new int[] {2, 1, 7}, null), Optional.empty(), NONE);
        assertThat(old.platform().status()).isEqualTo(TcbStatus.UP_TO_DATE);
        assertThat(old.module().orElseThrow().status()).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(old.status()).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(old.advisories()).containsExactly("INTEL-SA-00077");
        assertThat(old.shortfalls()).containsExactly(new TcbShortfall("TDX_01", "isvsvn", 2, 4));
        assertThat(tdxStatus(info, td(new int[] {1, 1, 7}, null))).isEqualTo(TcbStatus.NOT_SUPPORTED);
    }

    @Test
    void relaunchIsAdvisedWhereTheModuleWasUpdatedUnderTheTd() throws Exception {
        TcbInfo info = tdx(List.of(
                level(5, 1, "\"UpToDate\"", "", new int[] {4, 0, 7}),
                level(5, 1, "\"OutOfDate\"", "\"INTEL-SA-00009\"", new int[] {2, 0, 6})));
        int[] launched = {2, 1, 6};
        assertThat(tdxStatus(info, td(launched, new int[] {4, 1, 7}))).isEqualTo(TcbStatus.RELAUNCH_ADVISED);
        assertThat(tdxStatus(info, td(launched, new int[] {4, 0, 7}))).isEqualTo(TcbStatus.RELAUNCH_ADVISED);
        assertThat(tdxStatus(info, td(launched, launched))).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tdxStatus(info, td(launched, new int[] {4, 1, 6}))).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tdxStatus(info, td(launched, new int[] {3, 1, 7}))).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tdxStatus(info, td(launched, null))).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tdxStatus(info, td(new int[] {4, 1, 7}, new int[] {4, 1, 7})))
                .isEqualTo(TcbStatus.UP_TO_DATE);
        assertThatThrownBy(() -> tdxStatus(info, td(launched, new int[] {4, 9, 7})))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.TDX_MODULE_UNKNOWN));
    }

    @Test
    void relaunchDoesNotHelpAnOldQuotingEnclave() throws Exception {
        TcbInfo info = tdx(List.of(
                level(5, 1, "\"UpToDate\"", "", new int[] {4, 0, 7}),
                level(5, 1, "\"OutOfDate\"", "", new int[] {2, 0, 6})));
        TdReport td = td(new int[] {2, 1, 6}, new int[] {4, 1, 7});
        TcbPart qe = new TcbPart(
                "TD_QE", TcbStatus.OUT_OF_DATE, Optional.of(Instant.EPOCH), List.of("INTEL-SA-5"), OptionalInt.of(1));
        TcbAssessment tcb = TcbEvaluator.assess(info, platform(5, 1), td, Optional.of(qe), NONE);
        assertThat(tcb.status()).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tcb.advisories()).contains("INTEL-SA-5");
    }

    @Test
    void relaunchKeepsAnOpenConfiguration() throws Exception {
        TcbInfo info = tdx(List.of(
                level(5, 1, "\"ConfigurationNeeded\"", "", new int[] {4, 0, 7}),
                level(5, 1, "\"OutOfDateConfigurationNeeded\"", "", new int[] {2, 0, 6})));
        assertThat(tdxStatus(info, td(new int[] {2, 1, 6}, new int[] {4, 1, 7})))
                .isEqualTo(TcbStatus.RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
    }

    @ParameterizedTest
    @CsvSource({
        "\"svn\":7, \"svn\":-1",
        "\"svn\":7, \"svn\":7.0",
        "\"svn\":7, \"svn\":\"7\"",
        "\"svn\":7, \"svm\":7",
        "2025-01-01T, 2025-13-01T",
        "2025-01-01T, 2025-1-01T",
        "UpToDate, uptodate",
        "UpToDate, RelaunchAdvised",
        "tcbType\":0, tcbType\":1",
        "00606A000000, 00606A00000",
        "00606A000000, 00606A00000G",
        "\"SGX\", \"SEV\"",
        "\"tcbLevels\", \"tcbLevel\"",
        "pcesvn\":11, pcesvn\":65536"
    })
    void aDocumentThatIsNotExactlyRightDoesNotParse(String from, String to) {
        String json = document("SGX", "", List.of(level(7, 11, "\"UpToDate\"", "", null)));
        assertThat(json).contains(from);
        String altered = json.replaceFirst(java.util.regex.Pattern.quote(from), to);
        assertThatThrownBy(() -> parse(altered))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.TCB_INFO_MALFORMED));
    }

    private static TcbStatus status(TcbInfo info, IntelPlatform platform) throws EvidenceRejectedException {
        return TcbEvaluator.assess(info, platform, null, Optional.empty(), NONE).status();
    }

    private static TcbStatus tdxStatus(TcbInfo info, TdReport td) throws EvidenceRejectedException {
        return TcbEvaluator.assess(info, platform(9, 9), td, Optional.empty(), NONE)
                .status();
    }

    private static IntelPlatform platform(int component, int pceSvn) {
        return platform(Collections.nCopies(16, component), pceSvn);
    }

    private static IntelPlatform platform(List<Integer> components, int pceSvn) {
        return new IntelPlatform(
                PckCa.PLATFORM,
                "1",
                zero(16),
                Bytes.ofHex("00606a000000"),
                zero(2),
                zero(16),
                components,
                pceSvn,
                IntelPlatform.SgxType.STANDARD,
                Optional.empty(),
                Optional.empty());
    }

    private static TdReport td(int[] teeTcbSvn, int[] teeTcbSvn2) {
        return new TdReport(
                svn(teeTcbSvn),
                zero(48),
                zero(48),
                zero(8),
                zero(8),
                zero(8),
                zero(48),
                zero(48),
                zero(48),
                zero(48),
                List.of(zero(48), zero(48), zero(48), zero(48)),
                zero(64),
                teeTcbSvn2 == null ? Optional.empty() : Optional.of(svn(teeTcbSvn2)),
                teeTcbSvn2 == null ? Optional.empty() : Optional.of(zero(48)));
    }

    private static Bytes svn(int[] first) {
        byte[] all = new byte[16];
        for (int i = 0; i < first.length; i++) {
            all[i] = (byte) first[i];
        }
        return Bytes.of(all);
    }

    private static Bytes zero(int length) {
        return Bytes.of(new byte[length]);
    }

    private static TcbInfo sgx(List<String> levels) throws EvidenceRejectedException {
        return parse(document("SGX", "", levels));
    }

    private static TcbInfo tdx(List<String> levels) throws EvidenceRejectedException {
        String module = "\"mrsigner\":\"" + "0".repeat(96) + "\",\"attributes\":\"" + "0".repeat(16)
                + "\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"";
        String identity = "{\"id\":\"TDX_01\"," + module + ",\"tcbLevels\":["
                + "{\"tcb\":{\"isvsvn\":2},\"tcbDate\":\"2023-08-09T00:00:00Z\",\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"INTEL-SA-00077\"]},"
                + "{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}";
        return parse(
                document("TDX", "\"tdxModule\":{" + module + "},\"tdxModuleIdentities\":[" + identity + "],", levels));
    }

    private static TcbInfo parse(String json) throws EvidenceRejectedException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return TcbInfo.parse(SignedDocument.parse(DocumentKind.TCB_INFO, bytes), false);
    }

    private static String document(String id, String tdx, List<String> levels) {
        return "{\"tcbInfo\":{\"id\":\"" + id + "\",\"version\":3,\"issueDate\":\"2025-01-01T00:00:00Z\","
                + "\"nextUpdate\":\"2025-02-01T00:00:00Z\",\"fmspc\":\"00606A000000\",\"pceId\":\"0000\",\"tcbType\":0,"
                + "\"tcbEvaluationDataNumber\":17," + tdx + "\"tcbLevels\":[" + String.join(",", levels)
                + "]},\"signature\":\"" + "ab".repeat(64) + "\"}";
    }

    private static String level(int component, int pceSvn, String status, String advisories, int[] tdx) {
        String tdxComponents = "";
        if (tdx != null) {
            List<String> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                all.add("{\"svn\":" + (i < tdx.length ? tdx[i] : 0) + "}");
            }
            tdxComponents = ",\"tdxtcbcomponents\":[" + String.join(",", all) + "]";
        }
        return "{\"tcb\":{\"sgxtcbcomponents\":["
                + String.join(",", Collections.nCopies(16, "{\"svn\":" + component + "}")) + "],\"pcesvn\":" + pceSvn
                + tdxComponents + "},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":" + status
                + ",\"advisoryIDs\":[" + advisories + "]}";
    }
}
