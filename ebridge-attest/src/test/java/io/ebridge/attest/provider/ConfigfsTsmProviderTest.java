package io.ebridge.attest.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigfsTsmProviderTest {

    /** Behaves as the kernel does: a directory per request, a count of writes, the report made at the moment of reading. */
    private static class Kernel extends PlayedFiles {
        private final EvidenceFormat format;
        final Map<String, Integer> generations = new ConcurrentHashMap<>();
        final Set<String> everMade = ConcurrentHashMap.newKeySet();
        final Map<String, byte[]> inblobs = new ConcurrentHashMap<>();
        String driver;
        byte[] auxiliary = new byte[0];
        int disturbances;

        Kernel(EvidenceFormat format) {
            this.format = format;
            this.driver = format == EvidenceFormat.SNP ? "sev_guest\n" : "tdx_guest\n";
        }

        @Override
        public void createDirectory(String name) throws IOException {
            super.createDirectory(name);
            if (!everMade.add(name)) {
                throw new IOException("EEXIST");
            }
            generations.put(name, 0);
        }

        @Override
        public void removeDirectory(String name) throws IOException {
            super.removeDirectory(name);
            if (generations.remove(name) == null) {
                throw new IOException("ENOENT");
            }
        }

        @Override
        public boolean exists(String name) {
            return name.isEmpty() || (name.endsWith("/auxblob") && auxiliary.length > 0);
        }

        private String directory(String name) throws IOException {
            String directory = name.substring(0, name.indexOf('/'));
            if (!generations.containsKey(directory)) {
                throw new IOException("ENOENT " + name);
            }
            return directory;
        }

        @Override
        public void write(String name, byte[] content) throws IOException {
            String directory = directory(name);
            super.write(name.substring(directory.length() + 1), content);
            generations.merge(directory, 1, Integer::sum);
            if (name.endsWith("/inblob")) {
                inblobs.put(directory, content.clone());
            } else if (!name.endsWith("/privlevel")) {
                throw new IOException("EACCES " + name);
            }
        }

        @Override
        public byte[] read(String name, int limit) throws IOException {
            String directory = directory(name);
            String file = name.substring(directory.length() + 1);
            calls.add("read " + file);
            return switch (file) {
                case "provider" -> driver.getBytes(StandardCharsets.US_ASCII);
                case "generation" -> (generations.get(directory) + "\n").getBytes(StandardCharsets.US_ASCII);
                case "auxblob" -> auxiliary;
                case "outblob" -> report(directory);
                default -> throw new IOException("EACCES " + name);
            };
        }

        byte[] report(String directory) throws IOException {
            if (disturbances-- > 0) {
                generations.merge(directory, 1, Integer::sum);
            }
            byte[] report = new byte[format == EvidenceFormat.SNP ? 1184 : 5000];
            report[0] = (byte) (format == EvidenceFormat.SNP ? 2 : 4);
            System.arraycopy(inblobs.get(directory), 0, report, format == EvidenceFormat.SNP ? 0x50 : 48 + 520, 64);
            return report;
        }
    }

    private static EvidenceRequest request() {
        byte[] data = new byte[64];
        Arrays.fill(data, (byte) 0x5a);
        return EvidenceRequest.of(data);
    }

    private static EvidenceUnavailableException failure(ConfigfsTsmProvider provider) {
        return catchThrowableOfType(EvidenceUnavailableException.class, () -> provider.quote(request()));
    }

    @Test
    void aRequestIsWrittenReadCountedAndRemoved() throws Exception {
        Kernel kernel = new Kernel(EvidenceFormat.TDX);
        ConfigfsTsmProvider provider = ConfigfsTsmProvider.of(EvidenceFormat.TDX, kernel);
        assertThat(provider.available().available()).isTrue();
        kernel.calls.clear();
        Evidence evidence = provider.quote(request());
        assertThat(evidence.format()).isEqualTo(EvidenceFormat.TDX);
        assertThat(evidence.bytes().slice(568, 64)).isEqualTo(request().reportData());
        assertThat(kernel.calls)
                .containsExactly(
                        "mkdir",
                        "read provider",
                        "read generation",
                        "write inblob",
                        "read outblob",
                        "read generation",
                        "rmdir");
        assertThat(kernel.generations).isEmpty();
        provider.quote(request());
        assertThat(kernel.everMade).hasSize(3);
    }

    @Test
    void thePrivilegeLevelIsWrittenFirstAndCounted() throws Exception {
        Kernel kernel = new Kernel(EvidenceFormat.SNP);
        ConfigfsTsmProvider provider =
                ConfigfsTsmProvider.of(EvidenceFormat.SNP, kernel).withPrivilegeLevel(1);
        assertThat(provider.quote(request()).bytes().slice(0x50, 64))
                .isEqualTo(request().reportData());
        assertThat(kernel.calls).containsSubsequence("write privlevel", "write inblob", "read outblob");
    }

    @Test
    void anotherWriterIsOutwaitedOrReported() throws Exception {
        Kernel kernel = new Kernel(EvidenceFormat.SNP);
        ConfigfsTsmProvider provider = ConfigfsTsmProvider.of(EvidenceFormat.SNP, kernel);
        kernel.disturbances = 2;
        assertThat(provider.quote(request())).isNotNull();
        kernel.disturbances = 1000;
        assertThat(failure(provider).reason()).isEqualTo(Reason.CONTENDED);
        assertThat(kernel.generations).as("directories left over").isEmpty();
    }

    @Test
    void aReportWithOtherReportDataIsNotHandedOut() {
        Kernel kernel = new Kernel(EvidenceFormat.SNP) {
            @Override
            byte[] report(String directory) throws IOException {
                byte[] report = super.report(directory);
                report[0x50] ^= 1;
                return report;
            }
        };
        assertThat(failure(ConfigfsTsmProvider.of(EvidenceFormat.SNP, kernel)).reason())
                .isEqualTo(Reason.CONTENDED);
    }

    @Test
    void certificatesOfTheHostAreAttached() throws Exception {
        Path vectors = Path.of(System.getProperty("ebridge.vectors", "../shared/vectors"), "snp/virtee_sev");
        assumeTrue(Files.isDirectory(vectors), "no vectors under " + vectors.toAbsolutePath());
        byte[] vcek = Files.readAllBytes(vectors.resolve("vcek_milan.der"));
        ByteBuffer table = ByteBuffer.allocate(48 + vcek.length).order(ByteOrder.LITTLE_ENDIAN);
        table.putLong(0, 0x63).putInt(16, 48).putInt(20, vcek.length);
        table.put(48, vcek);
        Kernel kernel = new Kernel(EvidenceFormat.SNP);
        kernel.auxiliary = table.array();
        Evidence evidence = ConfigfsTsmProvider.of(EvidenceFormat.SNP, kernel).quote(request());
        assertThat(evidence.collateral().kinds()).containsExactly(Kind.VCEK);
        // A table that lies about its lengths gives nothing, and costs the report nothing.
        table.putInt(20, Integer.MAX_VALUE);
        assertThat(ConfigfsTsmProvider.of(EvidenceFormat.SNP, kernel)
                        .quote(request())
                        .collateral()
                        .isEmpty())
                .isTrue();
    }

    @Test
    void whatIsMissingIsSaid(@TempDir Path directory) {
        assertThat(ConfigfsTsmProvider.of(EvidenceFormat.TDX, DeviceFiles.under(directory.resolve("none")))
                        .available()
                        .reason())
                .contains("not a confidential VM");
        assertThat(failure(ConfigfsTsmProvider.of(EvidenceFormat.TDX, DeviceFiles.under(directory.resolve("none"))))
                        .reason())
                .isEqualTo(Reason.NO_DEVICE);
        // An ordinary directory makes directories, and no kernel fills them.
        ConfigfsTsmProvider ordinary = ConfigfsTsmProvider.of(EvidenceFormat.TDX, DeviceFiles.under(directory));
        assertThat(ordinary.available().reason()).contains("cannot be read");
        assertThat(failure(ordinary).reason()).isEqualTo(Reason.DEVICE_REFUSED);
        assertThat(directory).isEmptyDirectory();
        Kernel snp = new Kernel(EvidenceFormat.SNP);
        assertThat(ConfigfsTsmProvider.of(EvidenceFormat.TDX, snp).available().reason())
                .contains("\"sev_guest\", not \"tdx_guest\"");
        assertThat(failure(ConfigfsTsmProvider.of(EvidenceFormat.TDX, snp)).reason())
                .isEqualTo(Reason.NO_DEVICE);
        assertThat(snp.generations).isEmpty();
    }

    @Test
    void anAnswerThatIsNoReportIsReported() {
        Kernel kernel = new Kernel(EvidenceFormat.TDX) {
            @Override
            byte[] report(String directory) {
                return new byte[] {9};
            }
        };
        assertThat(failure(ConfigfsTsmProvider.of(EvidenceFormat.TDX, kernel)).reason())
                .isEqualTo(Reason.BAD_ANSWER);
    }

    @Test
    void argumentsAreChecked() {
        Kernel kernel = new Kernel(EvidenceFormat.SNP);
        assertThatIllegalArgumentException().isThrownBy(() -> ConfigfsTsmProvider.of(EvidenceFormat.SGX, kernel));
        assertThatIllegalArgumentException().isThrownBy(() -> ConfigfsTsmProvider.of(EvidenceFormat.SNP, kernel)
                .withPrivilegeLevel(4));
        assertThatIllegalArgumentException().isThrownBy(() -> ConfigfsTsmProvider.of(EvidenceFormat.TDX, kernel)
                .withPrivilegeLevel(0));
    }

    @Test
    void realFilesAreOpenedNotCreatedAndReadToTheirEnd(@TempDir Path directory) throws Exception {
        DeviceFiles files = DeviceFiles.under(directory);
        assertThat(catchThrowableOfType(IOException.class, () -> files.write("absent", new byte[1])))
                .isNotNull();
        assertThat(directory.resolve("absent")).doesNotExist();
        Files.write(directory.resolve("there"), new byte[] {1, 2, 3, 4});
        files.write("there", new byte[] {9, 9});
        assertThat(Files.readAllBytes(directory.resolve("there"))).containsExactly(9, 9, 3, 4);
        assertThat(files.read("there", 4)).containsExactly(9, 9, 3, 4);
        assertThat(catchThrowableOfType(IOException.class, () -> files.read("there", 3)))
                .hasMessageContaining("more than 3 bytes");
        files.createDirectory("sub");
        assertThat(files.exists("sub")).isTrue();
        files.removeDirectory("sub");
        assertThat(files.exists("sub")).isFalse();
    }
}
