package io.ebridge.testkit.assertions;

import static io.ebridge.testkit.assertions.AttestationAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.testkit.attest.Defect;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AttestationAssertionsTest {
    private static final Instant NOW = Instant.parse("2026-06-15T09:10:11Z");
    private final FakeQuotingEnclave fake =
            FakeQuotingEnclave.tdx().clock(() -> NOW).attachingCollateral();
    private final EvidenceVerifier verifier = fake.verifier();

    private Evidence evidence() throws Exception {
        return fake.quote(new byte[64], null);
    }

    @Test
    void passWhereTheyShould() throws Exception {
        assertThat(evidence())
                .hasFormat(EvidenceFormat.TDX)
                .hasAttached(Collateral.Kind.TCB_INFO)
                .isAcceptedBy(verifier, fake.policy().withReportData(new byte[64]))
                .hasFormat(EvidenceFormat.TDX)
                .isNotDebug()
                .isComplete()
                .isFreshBy(Freshness.Proof.REPORT_DATA)
                .hasChecked(RejectionReason.QUOTE_SIGNATURE, RejectionReason.CERTIFICATE_REVOKED)
                .isValidAt(NOW);
        assertThat(evidence())
                .isRejectedBy(verifier, fake.policy().withReportData(other()), RejectionReason.REPORT_DATA_MISMATCH)
                .concerns(RejectionReason.Aspect.APPRAISAL)
                .mentions("report data");
    }

    private static byte[] other() {
        byte[] data = new byte[64];
        data[0] = 1;
        return data;
    }

    @Test
    void failWhereTheyShould() throws Exception {
        Evidence good = evidence();
        Evidence bad = fake.with(Defect.TDX_DEBUG).quote(new byte[64], null);
        fails("labelled TDX", () -> assertThat(good).hasFormat(EvidenceFormat.SGX));
        fails("bytes look like", () -> assertThat(
                        Evidence.of(EvidenceFormat.SGX, good.bytes().toByteArray()))
                .hasFormat(EvidenceFormat.SGX));
        fails("VCEK to be attached", () -> assertThat(good).hasAttached(Collateral.Kind.VCEK));
        fails("it was rejected: DEBUG", () -> assertThat(bad).isAcceptedBy(verifier, fake.policy()));
        fails("it was accepted", () -> assertThat(good).isRejectedBy(verifier, fake.policy(), RejectionReason.DEBUG));
        fails("but it was for DEBUG", () -> assertThat(bad)
                .isRejectedBy(verifier, fake.policy(), RejectionReason.QUOTE_SIGNATURE));

        AttestationResult result = verifier.verify(good, fake.policy());
        fails("for TDX", () -> assertThat(result).hasFormat(EvidenceFormat.NITRO));
        fails("freshness by", () -> assertThat(result).isFreshBy());
        fails("[SNP_VMPL]", () -> assertThat(result).hasChecked(RejectionReason.SNP_VMPL));
        fails("validity at", () -> assertThat(result).isValidAt(NOW.minusSeconds(400L * 86_400)));
        AttestationResult lax = verifier.insecureWithoutAppraisal(bad, Strictness.full());
        fails("no policy was applied", () -> assertThat(lax).isComplete());
        fails("can be debugged", () -> assertThat(lax).isNotDebug());

        EvidenceRejectedException e = new EvidenceRejectedException(RejectionReason.DEBUG, "detail");
        fails("concerns FRESHNESS", () -> assertThat(e).concerns(RejectionReason.Aspect.FRESHNESS));
        fails("mentions \"other\"", () -> assertThat(e).mentions("other"));
        fails("not to be null", () -> assertThat((Evidence) null).hasFormat(EvidenceFormat.SGX));
    }

    private static void fails(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable assertion) {
        assertThatThrownBy(assertion).isInstanceOf(AssertionError.class).hasMessageContaining(message);
    }
}
