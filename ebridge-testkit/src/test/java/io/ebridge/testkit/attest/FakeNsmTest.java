package io.ebridge.testkit.attest;

import static io.ebridge.testkit.assertions.AttestationAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.NitroResult;
import io.ebridge.attest.nitro.PcrSet;
import io.ebridge.attest.provider.NitroProvider;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The Nitro provider works on the fake Secure Module, which behaves as the real one does. */
class FakeNsmTest {
    private final FakeQuotingEnclave nitro = Fixtures.at(FakeNitro.standard());

    @Test
    void nitroProviderOnTheFakeModule() throws Exception {
        EvidenceProvider provider = NitroProvider.of(new FakeNsm(nitro));
        EvidenceRequest request = Fixtures.request(EvidenceFormat.NITRO);

        assertThat(provider.available().available()).isTrue();
        assertThat(provider.quote(request)).isAcceptedBy(nitro.verifier(), Fixtures.expecting(nitro, request));
        assertThat(provider.quote(request)).isEqualTo(nitro.quote(request));
    }

    @Test
    void modulesPcrsCanBeExtendedAndThenLocked() throws Exception {
        FakeNsm nsm = new FakeNsm(nitro);
        byte[] data = {1, 2, 3};

        assertThat(name(nsm.exchange(extend(0, data)))).isEqualTo("Error ReadOnlyIndex");
        assertThat(name(nsm.exchange(extend(32, data)))).isEqualTo("Error InvalidIndex");
        assertThat(name(nsm.exchange(extend(16, data)))).isEqualTo("ExtendPCR");
        assertThat(name(nsm.exchange(index("LockPCR", 16)))).isEqualTo("LockPCR");
        assertThat(name(nsm.exchange(index("LockPCR", 16)))).isEqualTo("Error ReadOnlyIndex");
        assertThat(name(nsm.exchange(extend(16, data)))).isEqualTo("Error ReadOnlyIndex");
        assertThat(name(nsm.exchange(index("DescribePCR", 16)))).isEqualTo("DescribePCR");
        assertThat(name(nsm.exchange(new Cbor().text("DescribeNSM").toBytes()))).isEqualTo("DescribeNSM");
        assertThat(name(nsm.exchange(new Cbor().text("GetRandom").toBytes()))).isEqualTo("GetRandom");
        assertThat(name(nsm.exchange(new byte[] {(byte) 0xff}))).isEqualTo("Error InvalidOperation");
        assertThat(name(nsm.exchange(new Cbor().text("Dance").toBytes()))).isEqualTo("Error InvalidOperation");
        assertThatThrownBy(() -> nsm.exchange(new byte[0x1001])).isInstanceOf(EvidenceUnavailableException.class);

        // A document reports what is locked, so the extended PCR can be demanded.
        Bytes extended = Bytes.of(Digests.sha384(new byte[48], data));
        NitroPolicy policy = NitroPolicy.builder()
                .allow(PcrSet.of(Map.of(0, Bytes.of(FakeNitro.standard().pcr(0)), 16, extended)))
                .build();
        Evidence evidence = NitroProvider.of(nsm).quote(Fixtures.reportData(), null);
        NitroResult result = nitro.verifier().verify(evidence, policy);
        assertThat(result.document().pcrs()).hasSize(17);
    }

    private static byte[] extend(int pcr, byte[] data) {
        return new Cbor()
                .map(1)
                .text("ExtendPCR")
                .map(2)
                .text("index")
                .integer(pcr)
                .text("data")
                .bytes(data)
                .toBytes();
    }

    private static byte[] index(String request, int pcr) {
        return new Cbor().map(1).text(request).map(1).text("index").integer(pcr).toBytes();
    }

    private static String name(byte[] response) throws Exception {
        CborReader in = CborReader.of(response);
        if (in.peek() == io.ebridge.attest.cbor.CborType.TEXT) {
            return in.readText(64);
        }
        in.openMap(1);
        String variant = in.readText(64);
        return variant.equals("Error") ? "Error " + in.readText(64) : variant;
    }

    @Test
    void enclavesOfOtherFormatsAreRefused() {
        assertThatThrownBy(() -> new FakeNsm(FakeQuotingEnclave.sgx())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEnclaveToldToFailFails() {
        FakeQuotingEnclave failing = nitro.unavailable(Reason.NO_DEVICE);
        assertThat(failing.available().available()).isFalse();
        unavailable(failing, Reason.NO_DEVICE);
        unavailable(NitroProvider.of(new FakeNsm(failing)), Reason.NO_DEVICE);
    }

    private static void unavailable(EvidenceProvider provider, Reason reason) {
        assertThatThrownBy(() -> provider.quote(Fixtures.reportData(), null))
                .isInstanceOfSatisfying(EvidenceUnavailableException.class, e -> assertThat(e.reason())
                        .isEqualTo(reason));
    }
}
