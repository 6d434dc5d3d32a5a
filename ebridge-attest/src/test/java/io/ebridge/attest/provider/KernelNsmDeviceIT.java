package io.ebridge.attest.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar, where Java 22 and later get the class that makes the ioctl, and Java 17 the one that says why not. */
class KernelNsmDeviceIT {

    private static final boolean FOREIGN_FUNCTIONS = Runtime.version().feature() >= 22;

    private static EvidenceUnavailableException exchange(Path device) {
        return catchThrowableOfType(
                EvidenceUnavailableException.class, () -> NsmDevice.at(device).exchange(new byte[] {0x60}));
    }

    private static Path jar() throws Exception {
        URL location = NsmDevice.class.getProtectionDomain().getCodeSource().getLocation();
        Path path = Path.of(location.toURI());
        assertThat(Files.isRegularFile(path)).as("tests run on %s", path).isTrue();
        return path;
    }

    @Test
    void theJarIsMultiRelease() throws Exception {
        try (JarFile jar = new JarFile(jar().toFile())) {
            assertThat(jar.isMultiRelease()).isTrue();
            assertThat(jar.getEntry("io/ebridge/attest/provider/NsmIoctl.class"))
                    .isNotNull();
            if (FOREIGN_FUNCTIONS) {
                assertThat(jar.getEntry("META-INF/versions/22/io/ebridge/attest/provider/NsmIoctl.class"))
                        .isNotNull();
            }
        }
    }

    @Test
    void aDeviceThatIsNoNitroSecureModuleAnswersEnotty() throws Exception {
        assumeTrue(FOREIGN_FUNCTIONS, "needs Java 22");
        jar();
        EvidenceUnavailableException e = exchange(Path.of("/dev/null"));
        assertThat(e.reason()).isEqualTo(Reason.NO_DEVICE);
        assertThat(e).hasMessageContaining("ioctl on /dev/null failed with ENOTTY");
    }

    @Test
    void aDeviceThatIsNotThereAnswersEnoent(@TempDir Path directory) {
        assumeTrue(FOREIGN_FUNCTIONS, "needs Java 22");
        EvidenceUnavailableException e = exchange(directory.resolve("nsm"));
        assertThat(e.reason()).isEqualTo(Reason.NO_DEVICE);
        assertThat(e).hasMessageContaining("ENOENT");
        assertThat(NsmDevice.at(directory.resolve("nsm")).available().reason()).contains("this is not a Nitro enclave");
    }

    @Test
    void aDirectoryIsRefused(@TempDir Path directory) {
        assumeTrue(FOREIGN_FUNCTIONS, "needs Java 22");
        EvidenceUnavailableException e = exchange(directory);
        assertThat(e.reason()).isEqualTo(Reason.DEVICE_REFUSED);
        assertThat(e).hasMessageContaining("errno 21");
    }

    @Test
    void descriptorsAreClosed() throws Exception {
        assumeTrue(FOREIGN_FUNCTIONS, "needs Java 22");
        Path descriptors = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(descriptors), "needs procfs");
        exchange(Path.of("/dev/null"));
        long before = count(descriptors);
        for (int i = 0; i < 100; i++) {
            exchange(Path.of("/dev/null"));
        }
        assertThat(count(descriptors)).isLessThan(before + 50);
    }

    private static long count(Path directory) throws Exception {
        try (var files = Files.list(directory)) {
            return files.count();
        }
    }

    @Test
    void anOlderRuntimeSaysWhatIsMissing() throws Exception {
        assumeTrue(!FOREIGN_FUNCTIONS, "Java 22 has it");
        jar();
        EvidenceUnavailableException e = exchange(Path.of("/dev/null"));
        assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED_RUNTIME);
        assertThat(e).hasMessageContaining("needs Java 22 or later (this is 17)");
        assertThat(NitroProvider.create().available().available()).isFalse();
    }
}
