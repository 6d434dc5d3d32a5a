package io.ebridge.testkit.attest;

import static io.ebridge.testkit.assertions.AttestationAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.provider.ConfigfsTsmProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The provider on files that behave as Linux's do, and those files themselves. */
@Timeout(60)
class ConfigfsTsmProviderTest {
    private final FakeQuotingEnclave snp = Fixtures.at(FakeSnp.standard());

    private static ConfigfsTsmProvider provider(FakeConfigfsTsm kernel, EvidenceFormat format) {
        return ConfigfsTsmProvider.of(format, kernel.root());
    }

    private static EvidenceUnavailableException failure(ConfigfsTsmProvider provider) {
        return catchThrowableOfType(
                EvidenceUnavailableException.class, () -> provider.quote(Fixtures.reportData(), null));
    }

    @ParameterizedTest
    @EnumSource(
            value = EvidenceFormat.class,
            names = {"TDX", "SNP"})
    void aRequestIsWrittenReadCountedAndRemoved(EvidenceFormat format) throws Exception {
        FakeQuotingEnclave guest = Fixtures.at(FakeQuotingEnclave.of(format).platform());
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(guest);
        ConfigfsTsmProvider provider = provider(kernel, format);

        assertThat(provider.available().available()).isTrue();
        assertThat(kernel.operations()).containsExactly("mkdir", "read provider", "rmdir");
        assertThat(provider.quote(Fixtures.reportData(), null))
                .isAcceptedBy(guest.verifier(), guest.policy().withReportData(Fixtures.reportData()));
        List<String> expected =
                new ArrayList<>(List.of("mkdir", "read provider", "read generation", "write inblob", "read outblob"));
        if (format == EvidenceFormat.SNP) {
            expected.add("read auxblob");
        }
        expected.addAll(List.of("read generation", "rmdir"));
        assertThat(kernel.operations().subList(3, kernel.operations().size())).isEqualTo(expected);
        assertThat(kernel.directories()).isEmpty();
    }

    @Test
    void thePrivilegeLevelIsWrittenFirstAndCounted() throws Exception {
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(snp);
        Evidence evidence =
                provider(kernel, EvidenceFormat.SNP).withPrivilegeLevel(2).quote(Fixtures.reportData(), null);
        assertThat(evidence)
                .isAcceptedBy(snp.verifier(), FakeSnp.standard().vmpl(2).policy());
        assertThat(kernel.operations()).containsSubsequence("write privlevel", "write inblob", "read outblob");
    }

    @Test
    void anotherWriterIsOutwaitedOrReported() throws Exception {
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(snp);
        kernel.disturb(2);
        assertThat(provider(kernel, EvidenceFormat.SNP).quote(Fixtures.reportData(), null))
                .isAcceptedBy(snp.verifier(), snp.policy().withReportData(Fixtures.reportData()));
        kernel.disturb(1000);
        assertThat(failure(provider(kernel, EvidenceFormat.SNP)).reason()).isEqualTo(Reason.CONTENDED);
        assertThat(kernel.directories()).as("directories left over").isEmpty();
    }

    @Test
    void whatTheKernelRefusesIsReportedAndCleanedUp() throws Exception {
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(snp);
        ConfigfsTsmProvider provider = provider(kernel, EvidenceFormat.SNP);
        kernel.busy(1);
        assertThat(failure(provider))
                .hasMessageContaining("busy")
                .extracting(EvidenceUnavailableException::reason)
                .isEqualTo(Reason.DEVICE_REFUSED);
        assertThat(provider.quote(Fixtures.reportData(), null)).isNotNull();
        kernel.refuse(true);
        assertThat(failure(provider).reason()).isEqualTo(Reason.DEVICE_REFUSED);
        assertThat(kernel.directories()).isEmpty();
    }

    @Test
    void manyRequestsRunSideBySide() throws Exception {
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(snp);
        ConfigfsTsmProvider provider = provider(kernel, EvidenceFormat.SNP);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Evidence>> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                byte[] data = new byte[64];
                data[0] = (byte) i;
                all.add(threads.submit(() -> provider.quote(data, null)));
            }
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).get(30, TimeUnit.SECONDS).bytes().toByteArray()[0x50])
                        .isEqualTo((byte) i);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(kernel.served()).isEqualTo(20);
        assertThat(kernel.directories()).isEmpty();
    }

    @Test
    void aReportWithOtherReportDataIsNotHandedOut() {
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(snp.with(Defect.WRONG_REPORT_DATA));
        assertThat(failure(provider(kernel, EvidenceFormat.SNP)).reason()).isEqualTo(Reason.CONTENDED);
    }

    @ParameterizedTest
    @EnumSource(
            value = EvidenceFormat.class,
            names = {"TDX", "SNP"})
    void anAnswerThatIsNoReportIsReported(EvidenceFormat format) {
        FakeConfigfsTsm kernel =
                new FakeConfigfsTsm(Fixtures.at(FakeQuotingEnclave.of(format).platform()));
        kernel.alter(report -> new byte[] {9});
        assertThat(failure(provider(kernel, format)).reason()).isEqualTo(Reason.BAD_ANSWER);
        kernel.alter(report -> new byte[65 * 1024]);
        assertThat(failure(provider(kernel, format)).reason()).isEqualTo(Reason.DEVICE_REFUSED);
        assertThat(kernel.directories()).isEmpty();
    }

    @Test
    void aDriverOfAnotherFormatIsNotAsked() {
        ConfigfsTsmProvider provider = provider(new FakeConfigfsTsm(snp), EvidenceFormat.TDX);
        assertThat(provider.available().reason()).contains("\"sev_guest\", not \"tdx_guest\"");
        assertThat(failure(provider).reason()).isEqualTo(Reason.NO_DEVICE);
    }

    @Test
    void hostsCertificatesComeWithTheReport() throws Exception {
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(snp);
        kernel.certificates();
        Evidence evidence = provider(kernel, EvidenceFormat.SNP).quote(Fixtures.reportData(), null);

        assertThat(evidence).hasAttached(Collateral.Kind.VCEK).hasAttached(Collateral.Kind.AMD_CRL);
        EvidenceVerifier withoutSource = EvidenceVerifier.builder()
                .trustAnchors(snp.trustAnchors())
                .clock(Fixtures.CLOCK)
                .build();
        assertThat(evidence).isAcceptedBy(withoutSource, snp.policy());
    }

    @Test
    void aTableOfCertificatesThatLiesCostsTheReportNothing() throws Exception {
        byte[] vcek = snp.collateral().pieces(Kind.VCEK).get(0).toByteArray();
        ByteBuffer table = ByteBuffer.allocate(48 + vcek.length).order(ByteOrder.LITTLE_ENDIAN);
        table.putLong(0, 0x63).putInt(16, 48).putInt(20, vcek.length).put(48, vcek);
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(snp);
        kernel.auxiliary(table.array());
        ConfigfsTsmProvider provider = provider(kernel, EvidenceFormat.SNP);
        assertThat(provider.quote(Fixtures.reportData(), null).collateral().kinds())
                .containsExactly(Kind.VCEK);
        table.putInt(20, Integer.MAX_VALUE);
        kernel.auxiliary(table.array());
        assertThat(provider.quote(Fixtures.reportData(), null).collateral().isEmpty())
                .isTrue();
    }

    // ---- the files themselves

    @Test
    void filesBehaveAsTheKernelsDo() throws Exception {
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(snp);
        Path root = kernel.root();
        Path a = Files.createDirectory(root.resolve("a"));

        assertThatThrownBy(() -> Files.createDirectory(a)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Files.createDirectory(a.resolve("b"))).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.readAllBytes(a.resolve("outblob"))).hasMessageContaining("Invalid argument");
        assertThatThrownBy(() -> Files.readAllBytes(a.resolve("inblob"))).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.write(a.resolve("outblob"), new byte[1]))
                .isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.write(a.resolve("inblob"), new byte[65])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Files.writeString(a.resolve("privlevel"), "4")).isInstanceOf(IOException.class);
        assertThat(a.resolve("generation")).hasContent("0").hasSize(4096);
        Files.write(a.resolve("inblob"), new byte[64]);
        assertThat(a.resolve("generation")).hasContent("1");
        Files.writeString(a.resolve("privlevel"), "1");
        assertThat(a.resolve("generation")).hasContent("2");
        assertThat(a.resolve("outblob")).hasSize(0);
        assertThat(Files.readAllBytes(a.resolve("outblob"))).hasSize(1184);
        try (Stream<Path> all = Files.walk(root)) {
            assertThat(all.map(p -> root.relativize(p).toString()))
                    .containsExactlyInAnyOrder(
                            "",
                            "a",
                            "a/auxblob",
                            "a/generation",
                            "a/inblob",
                            "a/outblob",
                            "a/privlevel",
                            "a/privlevel_floor",
                            "a/provider");
        }
        assertThatThrownBy(() -> Files.delete(a.resolve("inblob"))).isInstanceOf(AccessDeniedException.class);
        Files.delete(a);
        assertThat(a.resolve("outblob")).doesNotExist();
        assertThatThrownBy(() -> Files.delete(a)).isInstanceOf(NoSuchFileException.class);
        assertThat(kernel.served()).isEqualTo(1);
    }

    @Test
    void aBlobCountsOnceHoweverItIsWritten() throws Exception {
        FakeConfigfsTsm kernel = new FakeConfigfsTsm(snp);
        Path a = Files.createDirectory(kernel.root().resolve("a"));
        try (var out = Files.newOutputStream(a.resolve("inblob"))) {
            out.write(new byte[32]);
            out.write(new byte[] {1, 2, 3});
            assertThat(a.resolve("generation")).hasContent("0");
        }
        assertThat(a.resolve("generation")).hasContent("1");
        assertThat(Files.readAllBytes(a.resolve("outblob"))).containsSequence(new byte[] {0, 1, 2, 3, 0});
    }

    @Test
    void guestsOfOtherFormatsHaveNoSuchFiles() {
        assertThatThrownBy(() -> new FakeConfigfsTsm(FakeQuotingEnclave.nitro()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
