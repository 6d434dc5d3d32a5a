package io.ebridge.testkit.attest;

import static io.ebridge.testkit.assertions.AttestationAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.NitroResult;
import io.ebridge.attest.nitro.PcrSet;
import io.ebridge.attest.provider.ConfigfsTsmProvider;
import io.ebridge.attest.provider.GramineProvider;
import io.ebridge.attest.provider.NitroProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The suite's providers work on the fake devices, and the devices behave as the real ones do. */
class FakeDevicesTest {
    private final FakeQuotingEnclave nitro = Fixtures.at(FakeNitro.standard());
    private final FakeQuotingEnclave sgx = Fixtures.at(FakeSgx.standard());
    private final FakeQuotingEnclave tdx = Fixtures.at(FakeTdx.standard());
    private final FakeQuotingEnclave snp = Fixtures.at(FakeSnp.standard());

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
    void gramineProviderOnTheFakeFiles() throws Exception {
        FakeGramine files = new FakeGramine(sgx);
        EvidenceProvider provider = GramineProvider.of(files);

        assertThat(provider.available().available()).isTrue();
        assertThat(provider.quote(Fixtures.reportData(), null))
                .isAcceptedBy(sgx.verifier(), sgx.policy().withReportData(Fixtures.reportData()));
        files.disturb(1);
        assertThat(provider.quote(Fixtures.reportData(), null))
                .isAcceptedBy(sgx.verifier(), sgx.policy().withReportData(Fixtures.reportData()));
        files.disturb(1000);
        unavailable(provider, Reason.CONTENDED);
        files.disturb(0);
        files.refuse(true);
        unavailable(provider, Reason.DEVICE_REFUSED);
        files.refuse(false);
        files.attestationType("none");
        assertThat(provider.available().available()).isFalse();
    }

    @Test
    void gramineFilesBehave() throws Exception {
        FakeGramine files = new FakeGramine(sgx);
        byte[] before = files.read("quote", 65_536);
        files.write("user_report_data", new byte[] {7});
        byte[] after = files.read("quote", 65_536);

        assertThat(before[48 + 320]).isZero();
        assertThat(after[48 + 320]).isEqualTo((byte) 7);
        assertThat(files.read("user_report_data", 64)).hasSize(64);
        assertThatThrownBy(() -> files.write("user_report_data", new byte[65])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.write("quote", new byte[1])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.read("quote", 100)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.read("nothing", 100)).isInstanceOf(IOException.class);
    }

    @Test
    void configfsProviderOnTheFakeFiles() throws Exception {
        for (FakeQuotingEnclave fake : new FakeQuotingEnclave[] {tdx, snp}) {
            FakeConfigfsTsm files = new FakeConfigfsTsm(fake);
            EvidenceProvider provider = ConfigfsTsmProvider.of(fake.format(), files);

            assertThat(provider.available().available()).isTrue();
            assertThat(provider.quote(Fixtures.reportData(), null))
                    .isAcceptedBy(fake.verifier(), fake.policy().withReportData(Fixtures.reportData()));
            files.disturb(2);
            assertThat(provider.quote(Fixtures.reportData(), null))
                    .isAcceptedBy(fake.verifier(), fake.policy().withReportData(Fixtures.reportData()));
            files.disturb(1000);
            unavailable(provider, Reason.CONTENDED);
            files.disturb(0);
            files.refuse(true);
            unavailable(provider, Reason.DEVICE_REFUSED);
            assertThat(files.directories()).isEmpty();
        }
    }

    @Test
    void hostsCertificatesComeWithTheReport() throws Exception {
        FakeConfigfsTsm files = new FakeConfigfsTsm(snp);
        files.certificates();
        Evidence evidence = ConfigfsTsmProvider.of(EvidenceFormat.SNP, files).quote(Fixtures.reportData(), null);

        assertThat(evidence).hasAttached(Collateral.Kind.VCEK).hasAttached(Collateral.Kind.AMD_CRL);
        EvidenceVerifier withoutSource = EvidenceVerifier.builder()
                .trustAnchors(snp.trustAnchors())
                .clock(Fixtures.CLOCK)
                .build();
        assertThat(evidence).isAcceptedBy(withoutSource, snp.policy());
    }

    @Test
    void privilegeLevelShowsInTheReport() throws Exception {
        FakeConfigfsTsm files = new FakeConfigfsTsm(snp);
        Evidence evidence = ConfigfsTsmProvider.of(EvidenceFormat.SNP, files)
                .withPrivilegeLevel(2)
                .quote(Fixtures.reportData(), null);
        assertThat(evidence)
                .isAcceptedBy(snp.verifier(), FakeSnp.standard().vmpl(2).policy());
    }

    @Test
    void configfsFilesBehave() throws Exception {
        FakeConfigfsTsm files = new FakeConfigfsTsm(snp);
        files.createDirectory("a");

        assertThatThrownBy(() -> files.createDirectory("a")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.read("a/outblob", 9999)).hasMessageContaining("inblob");
        assertThatThrownBy(() -> files.read("a/inblob", 9999)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.write("a/outblob", new byte[1])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.write("a/inblob", new byte[65])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.write("a/privlevel", "4".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(IOException.class);
        assertThat(text(files, "a/generation")).isEqualTo("0\n");
        files.write("a/inblob", new byte[64]);
        files.write("a/privlevel", "1".getBytes(StandardCharsets.US_ASCII));
        assertThat(text(files, "a/generation")).isEqualTo("2\n");
        assertThat(files.read("a/outblob", 9999)).hasSize(1184);
        files.removeDirectory("a");
        assertThat(files.exists("a/outblob")).isFalse();
        assertThatThrownBy(() -> files.removeDirectory("a")).isInstanceOf(IOException.class);
        assertThat(files.served()).isEqualTo(1);
    }

    private static String text(FakeConfigfsTsm files, String name) throws IOException {
        return new String(files.read(name, 100), StandardCharsets.US_ASCII);
    }

    @Test
    void devicesOfAnotherFormatAreRefused() {
        assertThatThrownBy(() -> new FakeNsm(sgx)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FakeGramine(tdx)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FakeConfigfsTsm(nitro)).isInstanceOf(IllegalArgumentException.class);
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
