package com.example.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.provider.NitroProvider;
import io.ebridge.testkit.attest.Defect;
import io.ebridge.testkit.attest.FakeNsm;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import io.ebridge.testkit.junit.EbridgeTest;
import org.junit.jupiter.api.Test;

@EbridgeTest(evidence = EvidenceFormat.TDX, bridge = false)
class OrderGateTest {
    private final byte[] reportData = new byte[64];

    @Test
    void acceptsTheRightCode(FakeQuotingEnclave enclave) throws Exception {
        OrderGate gate = new OrderGate(enclave.verifier(), enclave.policy());

        gate.check(enclave.quote(EvidenceRequest.of(reportData)), reportData);
    }

    @Test
    void acceptsTheDocumentOfANitroModule() throws Exception {
        FakeQuotingEnclave enclave = FakeQuotingEnclave.nitro();
        EvidenceProvider provider = NitroProvider.of(new FakeNsm(enclave));
        OrderGate gate = new OrderGate(enclave.verifier(), enclave.policy());

        gate.check(provider.quote(EvidenceRequest.of(reportData)), reportData);
    }

    @Test
    void refusesAnEnclaveThatCanBeDebugged(FakeQuotingEnclave enclave) {
        OrderGate gate = new OrderGate(enclave.verifier(), enclave.policy());

        EvidenceRejectedException rejected = catchThrowableOfType(
                EvidenceRejectedException.class,
                () -> gate.check(
                        enclave.with(Defect.TDX_DEBUG).quote(EvidenceRequest.of(reportData)), reportData));

        assertThat(rejected.reason()).isEqualTo(RejectionReason.DEBUG);
    }

    @Test
    void aProductionVerifierRefusesTheTestkit(FakeQuotingEnclave enclave) {
        EvidenceVerifier production = EvidenceVerifier.builder()
                .collateral(enclave.collateralSource())
                .build();
        OrderGate gate = new OrderGate(production, enclave.policy());

        assertThat(catchThrowableOfType(
                        EvidenceRejectedException.class,
                        () -> gate.check(enclave.quote(EvidenceRequest.of(reportData)), reportData)))
                .isNotNull();
    }
}
