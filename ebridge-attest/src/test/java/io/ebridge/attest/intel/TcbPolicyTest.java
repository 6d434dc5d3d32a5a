package io.ebridge.attest.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest.Intel.PckCa;
import io.ebridge.attest.RejectionReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TcbPolicyTest {

    private static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");
    private static final Instant OLD = Instant.parse("2023-08-09T00:00:00Z");

    @ParameterizedTest
    @EnumSource(TcbStatus.class)
    void theDefaultAcceptsUpToDateOnly(TcbStatus status) {
        Optional<TcbRefusal> refusal = TcbPolicy.upToDate().judge(assessment(status), NOW);
        if (status == TcbStatus.UP_TO_DATE) {
            assertThat(refusal).isEmpty();
        } else {
            assertThat(refusal).hasValueSatisfying(r -> {
                assertThat(r.reason()).isEqualTo(TcbPolicy.reasonFor(status));
                assertThat(r.detail()).contains(status.label());
            });
        }
    }

    @ParameterizedTest
    @EnumSource(TcbStatus.class)
    void onlyWhatSaysInsecureAcceptsMissingUpdates(TcbStatus status) {
        boolean harmless = !status.outOfDate() && status != TcbStatus.NOT_SUPPORTED && status != TcbStatus.REVOKED;
        if (harmless) {
            TcbPolicy policy = TcbPolicy.builder().accept(status).build();
            assertThat(policy.judge(assessment(status), NOW)).isEmpty();
        } else {
            assertThatThrownBy(() -> TcbPolicy.builder().accept(status)).isInstanceOf(IllegalArgumentException.class);
            TcbPolicy policy = TcbPolicy.builder().insecureAccept(status).build();
            assertThat(policy.judge(assessment(status), NOW)).isEmpty();
        }
    }

    @Test
    void anOpenAdvisoryThatNobodyNamedRefuses() {
        TcbAssessment tcb = assessment(TcbStatus.SW_HARDENING_NEEDED, "INTEL-SA-00334", "INTEL-SA-00615");
        TcbPolicy.Builder builder = TcbPolicy.builder().accept(TcbStatus.SW_HARDENING_NEEDED);
        assertThat(builder.acceptAdvisories("INTEL-SA-00615").build().judge(tcb, NOW))
                .hasValueSatisfying(r -> {
                    assertThat(r.reason()).isEqualTo(RejectionReason.TCB_ADVISORY);
                    assertThat(r.detail()).contains("INTEL-SA-00334");
                });
        assertThat(builder.acceptAdvisories("INTEL-SA-00334").build().judge(tcb, NOW))
                .isEmpty();
        assertThat(TcbPolicy.builder()
                        .accept(TcbStatus.SW_HARDENING_NEEDED)
                        .insecureAcceptAnyAdvisory()
                        .build()
                        .judge(tcb, NOW))
                .isEmpty();
    }

    @Test
    void graceEndsAndHasAnOldestTcbDate() {
        TcbAssessment tcb = assessment(TcbStatus.OUT_OF_DATE, "INTEL-SA-00001");
        TcbPolicy grace = TcbPolicy.builder().acceptOutOfDateUntil(OLD, NOW).build();
        assertThat(grace.judge(tcb, NOW)).isEmpty();
        assertThat(grace.judge(tcb, NOW.plusMillis(1)))
                .hasValueSatisfying(r -> assertThat(r.detail()).contains("grace ended"));
        TcbPolicy newer = TcbPolicy.builder()
                .acceptOutOfDateUntil(OLD.plusSeconds(1), NOW)
                .build();
        assertThat(newer.judge(tcb, NOW)).hasValueSatisfying(r -> {
            assertThat(r.reason()).isEqualTo(RejectionReason.TCB_OUT_OF_DATE);
            assertThat(r.detail()).contains("before the grace");
        });
    }

    @Test
    void graceDoesNotCoverAnOpenConfiguration() {
        TcbAssessment tcb = assessment(TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED);
        TcbPolicy.Builder grace = TcbPolicy.builder().acceptOutOfDateUntil(OLD, NOW);
        assertThat(grace.build().judge(tcb, NOW))
                .hasValueSatisfying(r -> assertThat(r.reason()).isEqualTo(RejectionReason.TCB_CONFIGURATION_NEEDED));
        assertThat(grace.accept(TcbStatus.CONFIGURATION_NEEDED).build().judge(tcb, NOW))
                .isEmpty();
    }

    @Test
    void graceDoesNotCoverWhatIsRevokedOrUnknown() {
        TcbPolicy grace = TcbPolicy.builder().acceptOutOfDateUntil(OLD, NOW).build();
        assertThat(grace.judge(assessment(TcbStatus.REVOKED), NOW)).isPresent();
        assertThat(grace.judge(assessment(TcbStatus.NOT_SUPPORTED), NOW)).isPresent();
    }

    @Test
    void platformFlagsMustBeKnown() {
        TcbPolicy policy = TcbPolicy.builder()
                .requireSmtDisabled()
                .rejectDynamicPlatform()
                .rejectCachedKeys()
                .build();
        assertThat(policy.judge(platform(Optional.empty()))).isPresent();
        assertThat(policy.judge(platform(configuration(false, false, false)))).isEmpty();
        assertThat(policy.judge(platform(configuration(true, false, false)))).isPresent();
        assertThat(policy.judge(platform(configuration(false, true, false)))).isPresent();
        assertThat(policy.judge(platform(configuration(false, false, true))))
                .hasValueSatisfying(r -> assertThat(r.reason()).isEqualTo(RejectionReason.PLATFORM_FLAGS));
        assertThat(TcbPolicy.builder()
                        .sgxTypes(IntelPlatform.SgxType.SCALABLE)
                        .build()
                        .judge(platform(Optional.empty())))
                .isPresent();
        assertThat(TcbPolicy.upToDate().judge(platform(Optional.empty()))).isEmpty();
    }

    @Test
    void refusesArgumentsThatMakeNoSense() {
        TcbPolicy.Builder builder = TcbPolicy.builder();
        assertThatThrownBy(() -> builder.acceptAdvisories("CVE-2024-1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.minEvaluationDataNumber(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.maxCollateralAge(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(builder::sgxTypes).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void policiesAreValues() {
        TcbPolicy one = TcbPolicy.builder()
                .accept(TcbStatus.SW_HARDENING_NEEDED)
                .minEvaluationDataNumber(17)
                .build();
        TcbPolicy two = TcbPolicy.builder()
                .accept(TcbStatus.SW_HARDENING_NEEDED)
                .minEvaluationDataNumber(17)
                .build();
        assertThat(one).isEqualTo(two).hasSameHashCodeAs(two).isNotEqualTo(TcbPolicy.upToDate());
        assertThat(one.toString()).contains("SWHardeningNeeded").contains("17");
    }

    private static TcbAssessment assessment(TcbStatus status, String... advisories) {
        TcbPart platform = new TcbPart("platform", status, Optional.of(OLD), List.of(advisories), OptionalInt.empty());
        return new TcbAssessment(
                status,
                new TreeSet<>(List.of(advisories)),
                platform,
                Optional.empty(),
                Optional.empty(),
                17,
                List.of());
    }

    private static Optional<IntelPlatform.Configuration> configuration(boolean dynamic, boolean cached, boolean smt) {
        return Optional.of(
                new IntelPlatform.Configuration(Optional.of(dynamic), Optional.of(cached), Optional.of(smt)));
    }

    private static IntelPlatform platform(Optional<IntelPlatform.Configuration> configuration) {
        Bytes zero = Bytes.of(new byte[16]);
        return new IntelPlatform(
                PckCa.PLATFORM,
                "1",
                zero,
                Bytes.of(new byte[6]),
                Bytes.of(new byte[2]),
                zero,
                Collections.nCopies(16, 0),
                0,
                IntelPlatform.SgxType.STANDARD,
                Optional.empty(),
                configuration);
    }
}
