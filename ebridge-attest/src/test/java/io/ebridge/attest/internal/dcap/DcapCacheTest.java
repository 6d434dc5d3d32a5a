package io.ebridge.attest.internal.dcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.tdx.TdxResult;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is remembered between verifications saves signatures, and never changes a verdict. */
class DcapCacheTest {

    @TestFactory
    Stream<DynamicTest> aWarmVerdictIsTheColdOne() throws Exception {
        return DcapCases.authenticQuotes().stream()
                .map(c -> DynamicTest.dynamicTest(c.id(), () -> {
                    EvidenceVerifier verifier = c.verifier();
                    EvidenceVerifier forgetful =
                            c.builder().clock(c::now).cacheEntries(0).build();
                    Evidence evidence = c.full();
                    AttestationResult cold = verifier.insecureWithoutAppraisal(evidence, c.strictness());
                    assertThat(verifier.insecureWithoutAppraisal(evidence, c.strictness()))
                            .isEqualTo(cold);
                    assertThat(verifier.insecureWithoutAppraisal(c.full(), c.strictness()))
                            .isEqualTo(cold);
                    assertThat(forgetful.insecureWithoutAppraisal(evidence, c.strictness()))
                            .isEqualTo(cold);
                }));
    }

    @Test
    void coldCostsTenOrElevenSignaturesAndWarmOne() throws Exception {
        for (String id : new String[] {"sgx-dcap-qvl-sgx-quote-tcb20250619", "tdx-dcap-qvl-tdx-quote-tcb20250619"}) {
            DcapCases.Case c = DcapCases.named(id);
            CountingProvider counter = new CountingProvider();
            EvidenceVerifier verifier =
                    c.builder().clock(c::now).signatureProvider(counter).build();
            Evidence evidence = c.full();
            verifier.insecureWithoutAppraisal(evidence, Strictness.full());
            // Eleven where quote and collateral carry two different certificates of the one root.
            assertThat(counter.taken()).as("cold " + id).isBetween(10, 11);
            verifier.insecureWithoutAppraisal(evidence, Strictness.full());
            assertThat(counter.taken()).as("warm " + id).isEqualTo(1);
            verifier.insecureWithoutAppraisal(c.full(), Strictness.full());
            assertThat(counter.taken()).as("warm, other copies " + id).isEqualTo(1);
        }
    }

    @Test
    void aRememberedVerdictEndsWithItsWindow() throws Exception {
        DcapCases.Case c = DcapCases.named("tdx-dcap-qvl-tdx-quote-tcb20250619");
        AtomicReference<Instant> now = new AtomicReference<>(c.at());
        EvidenceVerifier verifier = c.builder().clock(now::get).build();
        Evidence evidence = c.full();
        AttestationResult result = verifier.insecureWithoutAppraisal(evidence, Strictness.full());
        now.set(result.validity().until());
        verifier.insecureWithoutAppraisal(evidence, Strictness.full());
        now.set(result.validity().until().plusMillis(1));
        assertThatThrownBy(() -> verifier.insecureWithoutAppraisal(evidence, Strictness.full()))
                .isInstanceOf(EvidenceRejectedException.class)
                .hasMessageContaining("ended at");
        now.set(result.validity().from().minusMillis(1));
        assertThatThrownBy(() -> verifier.insecureWithoutAppraisal(evidence, Strictness.full()))
                .isInstanceOf(EvidenceRejectedException.class)
                .hasMessageContaining("starts at");
        now.set(result.validity().from());
        verifier.insecureWithoutAppraisal(evidence, Strictness.full());
    }

    @Test
    void aRememberedVerdictDoesNotSpeakForALaxerOne() throws Exception {
        DcapCases.Case c = DcapCases.named("sgx-dcap-qvl-sgx-quote-no-crl");
        EvidenceVerifier verifier = c.verifier();
        verifier.insecureWithoutAppraisal(c.full(), Strictness.full().insecureWithoutRevocation());
        assertThatThrownBy(() -> verifier.insecureWithoutAppraisal(c.full(), Strictness.full()))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.CRL_MISSING));
    }

    @Test
    void theNewestDocumentThatIsCurrentIsChosenAmongMany() throws Exception {
        DcapCases.Case older = DcapCases.named("tdx-zkdcap-quote-v4-tcb20250527");
        DcapCases.Case newer = DcapCases.named("tdx-zkdcap-quote-v4-tcb20250604");
        DcapCases.Case other = DcapCases.named("tdx-dcap-qvl-near-quote-tcb20250902");
        Collateral.Builder bag = Collateral.builder()
                .addAll(other.collateral())
                .addAll(older.collateral())
                .addAll(newer.collateral());
        AtomicReference<Instant> now = new AtomicReference<>(newer.at());
        EvidenceVerifier verifier = newer.builder().clock(now::get).build();
        Evidence evidence = Evidence.of(newer.format(), newer.evidence()).withCollateral(bag.build());
        TdxResult result = (TdxResult) verifier.insecureWithoutAppraisal(evidence, Strictness.full());
        TdxResult alone = (TdxResult) verifier.insecureWithoutAppraisal(newer.full(), Strictness.full());
        assertThat(result.tcb()).isEqualTo(alone.tcb());
        assertThat(result.validity().from()).isAfterOrEqualTo(alone.validity().from());
    }
}
