package io.ebridge.ratls.strict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.testkit.attest.FakeNitro;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The same result object comes back where a verdict was shared, another where the evidence was verified anew. */
class RecentVerdictsTest {

    private static final byte[] DATA = Bytes.of(new byte[64]).toByteArray();

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-01T12:00:00Z"));
    private final AtomicLong nanos = new AtomicLong();
    private final RecentVerdicts recent = new RecentVerdicts(nanos::get);
    private final FakeQuotingEnclave enclave = FakeQuotingEnclave.nitro().clock(now::get);
    private final EvidenceVerifier verifier = EvidenceVerifier.builder()
            .trustAnchors(enclave.trustAnchors())
            .clock(now::get)
            .build();

    private Evidence evidence() throws Exception {
        return enclave.quote(DATA, null);
    }

    private AttestationResult verify(Evidence evidence, AppraisalPolicy policy) throws EvidenceRejectedException {
        return recent.verify(verifier, evidence, policy);
    }

    private AppraisalPolicy expecting(byte[] reportData) {
        return enclave.policy().withReportData(reportData);
    }

    @Test
    void aVerdictIsSharedForASecondAndNoLonger() throws Exception {
        Evidence evidence = evidence();
        AttestationResult first = verify(evidence, expecting(DATA));
        nanos.set(Recent.LIFE_NANOS);
        assertThat(verify(evidence, expecting(DATA))).isSameAs(first);
        nanos.set(Recent.LIFE_NANOS + 1);
        assertThat(verify(evidence, expecting(DATA))).isNotSameAs(first);
    }

    @Test
    void itDoesNotOutliveTheWindowOfItsResult() throws Exception {
        Evidence evidence = evidence();
        AppraisalPolicy patient = expecting(DATA);
        AttestationResult first = verify(evidence, patient);
        Instant until = first.validity().until();
        assertThat(until).isAfter(now.get());
        // The clock stands still for the second, and jumps in wall time.
        now.set(until.plusNanos(1));
        assertThatThrownBy(() -> verify(evidence, patient)).isInstanceOf(EvidenceRejectedException.class);
        now.set(first.validity().from().minusNanos(1));
        assertThatThrownBy(() -> verify(evidence, patient)).isInstanceOf(EvidenceRejectedException.class);
    }

    @Test
    void norTheAgeThatThePolicyAllows() throws Exception {
        Evidence evidence = evidence();
        AttestationResult first = verify(evidence, expecting(DATA));
        Instant made = first.freshness().producedAt().orElseThrow();
        now.set(made.plus(AppraisalPolicy.DEFAULT_MAX_AGE));
        assertThat(verify(evidence, expecting(DATA))).isSameAs(first);
        now.set(made.plus(AppraisalPolicy.DEFAULT_MAX_AGE).plusMillis(1));
        assertThatThrownBy(() -> verify(evidence, expecting(DATA)))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.NITRO_TIMESTAMP_STALE));
    }

    /** What a connection binds for itself is in the policy that it brings, and is compared each time. */
    @Test
    void anotherConnectionsBindingIsNotCoveredByIt() throws Exception {
        Evidence evidence = evidence();
        verify(evidence, expecting(DATA));
        byte[] other = DATA.clone();
        other[63] = 1;
        assertThatThrownBy(() -> verify(evidence, expecting(other)))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.REPORT_DATA_MISMATCH));
    }

    @Test
    void norIsOtherEvidenceOrAnotherPolicy() throws Exception {
        Evidence evidence = evidence();
        AttestationResult first = verify(evidence, expecting(DATA));
        now.set(now.get().plus(Duration.ofSeconds(1)));
        assertThat(verify(evidence(), expecting(DATA))).isNotSameAs(first);
        FakeQuotingEnclave other = FakeQuotingEnclave.of(FakeNitro.standard().image("other"));
        assertThatThrownBy(() -> verify(evidence, other.policy().withReportData(DATA)))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.MEASUREMENT_MISMATCH));
        assertThat(verify(evidence, expecting(DATA))).isSameAs(first);
    }

    @Test
    void rejectionsAreNotRemembered() throws Exception {
        Evidence evidence = evidence();
        Instant then = now.get();
        now.set(then.plus(Duration.ofDays(1)));
        assertThatThrownBy(() -> verify(evidence, expecting(DATA))).isInstanceOf(EvidenceRejectedException.class);
        now.set(then);
        assertThat(verify(evidence, expecting(DATA))).isNotNull();
    }

    @Test
    void thereIsRoomForSoManyAndTheOldestGoes() throws Exception {
        byte[][] data = new byte[Recent.MAX + 1][64];
        Evidence[] evidence = new Evidence[data.length];
        AttestationResult[] results = new AttestationResult[data.length];
        for (int i = 0; i < data.length; i++) {
            data[i][0] = (byte) (i + 1);
            evidence[i] = enclave.quote(data[i], null);
            results[i] = verify(evidence[i], expecting(data[i]));
        }
        for (int i = 1; i < data.length; i++) {
            assertThat(verify(evidence[i], expecting(data[i]))).isSameAs(results[i]);
        }
        assertThat(verify(evidence[0], expecting(data[0]))).isNotSameAs(results[0]);
    }
}
