package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Availability;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.http.HttpCollateralSource;
import io.ebridge.attest.intel.TcbPolicy;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.nitro.EifMeasurements;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.NitroResult;
import io.ebridge.attest.nitro.PcrSet;
import io.ebridge.attest.provider.NitroProvider;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import io.ebridge.attest.sgx.SgxResult;
import io.ebridge.attest.snp.SnpFeature;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpReference;
import io.ebridge.attest.snp.SnpResult;
import io.ebridge.attest.snp.SnpTcb;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxReference;
import io.ebridge.attest.tdx.TdxResult;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Every example of the verifier's documentation, compiled, and run on fakes, whose roots the built-in anchors do not contain. */
class AttestExamplesTest {

    private static final String PCR = "11".repeat(48);

    private final Bytes firmware = Bytes.of(new byte[48]);
    private final Bytes kernel = Bytes.of(new byte[48]);
    private final Bytes commandLineAndInitrd = Bytes.of(new byte[48]);
    private final byte[] expected = new byte[64];
    private final byte[] nonce = Fixtures.nonce();
    private final EvidenceVerifier verifier = EvidenceVerifier.builder().build();

    private static byte[] quoteOf(FakePlatform platform) throws Exception {
        return FakeQuotingEnclave.of(platform)
                .quote(EvidenceRequest.of(new byte[64]))
                .bytes()
                .toByteArray();
    }

    private static void rejected(RejectionReason reason, ThrowingCallable example) {
        assertThat(catchThrowableOfType(EvidenceRejectedException.class, example)
                        .reason())
                .isEqualTo(reason);
    }

    @Test
    void modulePage() throws Exception {
        String pcr0 = PCR;
        String pcr1 = PCR;
        String pcr2 = PCR;
        byte[] document = quoteOf(FakeNitro.standard());
        rejected(RejectionReason.UNKNOWN_ROOT, () -> {
            NitroPolicy policy = NitroPolicy.builder()
                    .allow(PcrSet.ofHex(pcr0, pcr1, pcr2))
                    .maxAge(Duration.ofMinutes(5))
                    .build();
            EvidenceVerifier verifier = EvidenceVerifier.builder().build();
            NitroResult result = verifier.verify(Evidence.of(EvidenceFormat.NITRO, document), policy.withNonce(nonce));
            throw new AssertionError(result);
        });
    }

    @Test
    void providers() throws Exception {
        byte[] reportData = new byte[64];
        assumeTrue(!NitroProvider.create().available().available(), "this is a Nitro enclave");
        assertThat(catchThrowableOfType(IllegalStateException.class, () -> {
                    EvidenceProvider provider = NitroProvider.create();
                    Availability here = provider.available();
                    if (!here.available()) {
                        throw new IllegalStateException(here.reason());
                    }
                    Evidence evidence =
                            provider.quote(EvidenceRequest.of(reportData).withNonce(nonce));
                    throw new AssertionError(evidence);
                }))
                .isNotNull();
    }

    @Test
    void httpSource() throws Exception {
        Evidence evidence = Evidence.of(EvidenceFormat.NITRO, quoteOf(FakeNitro.standard()));
        AppraisalPolicy policy = FakeNitro.standard().policy();
        rejected(RejectionReason.UNKNOWN_ROOT, () -> {
            try (HttpCollateralSource vendors = HttpCollateralSource.builder()
                    .intelPccs(URI.create("https://pccs.example.org:8081"))
                    .build()) {
                EvidenceVerifier verifier =
                        EvidenceVerifier.builder().collateral(vendors).build();
                AttestationResult result = verifier.verify(evidence, policy);
                throw new AssertionError(result);
            }
        });
        try (HttpCollateralSource vendors = HttpCollateralSource.builder().build()) {
            EvidenceVerifier verifier =
                    EvidenceVerifier.builder().collateral(vendors).build();
            assertThat(verifier).isNotNull();
        }
    }

    @Test
    void nitroPolicies() {
        String pcr0 = PCR;
        String pcr1 = PCR;
        String pcr2 = PCR;
        NitroPolicy policy = NitroPolicy.builder()
                .allow(PcrSet.ofHex(pcr0, pcr1, pcr2).named("1.4"))
                .clockSkew(Duration.ofSeconds(5))
                .build();
        assertThat(policy.allowed()).hasSize(1);
    }

    @Test
    void imagesOfNitro() {
        assertThat(catchThrowableOfType(NoSuchFileException.class, () -> {
                    EifMeasurements image = EifMeasurements.of(Path.of("orders.eif"));
                    NitroPolicy policy = NitroPolicy.builder().allow(image).build();
                    throw new AssertionError(policy);
                }))
                .isNotNull();
    }

    @Test
    void tcbPolicies() {
        TcbPolicy tcb = TcbPolicy.builder()
                .accept(TcbStatus.SW_HARDENING_NEEDED)
                .acceptAdvisories("INTEL-SA-00615")
                .minEvaluationDataNumber(18)
                .maxCollateralAge(Duration.ofDays(7))
                .build();
        assertThat(tcb.minEvaluationDataNumber()).isEqualTo(18);
    }

    @Test
    void sgx() throws Exception {
        Bytes mrSigner = Bytes.of(new byte[32]);
        byte[] quote = quoteOf(FakeSgx.standard());
        rejected(RejectionReason.UNKNOWN_ROOT, () -> {
            SgxPolicy policy = SgxPolicy.builder()
                    .allow(SgxReference.signer(mrSigner, 1, 5))
                    .tcb(TcbPolicy.builder()
                            .accept(TcbStatus.SW_HARDENING_NEEDED)
                            .acceptAdvisories("INTEL-SA-00615")
                            .build())
                    .build();
            SgxResult result = verifier.verify(Evidence.of(EvidenceFormat.SGX, quote), policy.withReportData(expected));
            throw new AssertionError(result);
        });
    }

    @Test
    void tdx() throws Exception {
        byte[] quote = quoteOf(FakeTdx.standard());
        rejected(RejectionReason.UNKNOWN_ROOT, () -> {
            TdxPolicy policy = TdxPolicy.builder()
                    .allow(TdxReference.builder()
                            .mrTd(firmware)
                            .rtmr(1, kernel)
                            .rtmr(2, commandLineAndInitrd)
                            .build())
                    .build();
            TdxResult result = verifier.verify(Evidence.of(EvidenceFormat.TDX, quote), policy.withReportData(expected));
            throw new AssertionError(result);
        });
    }

    @Test
    void snp() throws Exception {
        byte[] sessionBinding = new byte[64];
        byte[] expected = Arrays.copyOf(Fixtures.reportData(), 48);
        Evidence evidence = FakeQuotingEnclave.of(FakeSnp.standard())
                .attachingCollateral()
                .quote(EvidenceRequest.of(sessionBinding));
        rejected(RejectionReason.UNKNOWN_ROOT, () -> {
            SnpPolicy policy = SnpPolicy.builder()
                    .allow(SnpReference.ofMeasurement(expected))
                    .minTcb(SnpProduct.MILAN, SnpTcb.of(4, 0, 24, 219))
                    .build();
            SnpResult result = verifier.verify(evidence, policy.withReportData(sessionBinding));
            throw new AssertionError(result);
        });
        rejected(RejectionReason.UNKNOWN_ROOT, () -> {
            SnpPolicy policy = SnpPolicy.builder()
                    .allow(SnpReference.ofMeasurement(expected))
                    .minTcb(SnpProduct.GENOA, SnpTcb.of(10, 0, 23, 84))
                    .require(SnpFeature.ALIAS_CHECK)
                    .build();
            SnpResult result = verifier.verify(evidence, policy.withReportData(sessionBinding));
            throw new AssertionError(result);
        });
    }

    /** Every statement of an example stands in this class, up to white space. */
    @Test
    void documentationShowsThisVeryCode() throws IOException {
        Path pages = Path.of("../ebridge-attest/src/main/java");
        String test =
                squeezed(Files.readString(Path.of("src/test/java/io/ebridge/testkit/attest/AttestExamplesTest.java")));
        int examples = 0;
        try (Stream<Path> files = Files.walk(pages)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                String page = Files.readString(file);
                for (int at = page.indexOf("<pre>{@code"); at >= 0; at = page.indexOf("<pre>{@code", at + 1)) {
                    String example = page.substring(at + 11, page.indexOf("}</pre>", at));
                    String[] lines = Arrays.stream(example.split("\n"))
                            .map(line -> line.replaceFirst("^ *\\*", ""))
                            .toArray(String[]::new);
                    String code = String.join("\n", lines);
                    if (!code.contains(";")) {
                        continue;
                    }
                    for (String statement : code.split("(?<=;)")) {
                        assertThat(test).as("%s: %s", file, statement).contains(squeezed(statement));
                    }
                    examples++;
                }
            }
        }
        assertThat(examples).as("examples in code").isEqualTo(11);
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }
}
