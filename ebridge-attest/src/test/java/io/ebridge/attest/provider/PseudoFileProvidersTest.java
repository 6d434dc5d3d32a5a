package io.ebridge.attest.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The providers where there is no device, and on ordinary files. On files that behave as devices do, the testkit tests them. */
class PseudoFileProvidersTest {

    private static EvidenceUnavailableException failure(EvidenceProvider provider) {
        return catchThrowableOfType(
                EvidenceUnavailableException.class, () -> provider.quote(EvidenceRequest.of(new byte[64])));
    }

    @Test
    void whatIsMissingIsSaid(@TempDir Path directory) {
        ConfigfsTsmProvider none = ConfigfsTsmProvider.of(EvidenceFormat.TDX, directory.resolve("none"));
        assertThat(none.available().reason()).contains("not a confidential VM");
        assertThat(failure(none).reason()).isEqualTo(Reason.NO_DEVICE);
        // An ordinary directory makes directories, and no kernel fills them.
        ConfigfsTsmProvider ordinary = ConfigfsTsmProvider.of(EvidenceFormat.TDX, directory);
        assertThat(ordinary.available().reason()).contains("cannot be read");
        assertThat(failure(ordinary).reason()).isEqualTo(Reason.DEVICE_REFUSED);
        assertThat(directory).isEmptyDirectory();
        assertThat(GramineProvider.create().available().reason()).contains("does not run in Gramine");
        assertThat(failure(GramineProvider.create()).reason()).isEqualTo(Reason.NO_DEVICE);
    }

    @Test
    void ordinaryFilesThatLookLikeGramineDoNotPass(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("attestation_type"), "dcap\n");
        assertThat(GramineProvider.of(directory).available().reason()).contains("user_report_data or quote is missing");
        Files.write(directory.resolve("user_report_data"), new byte[64]);
        Files.write(directory.resolve("quote"), new byte[0]);
        assertThat(failure(GramineProvider.of(directory)).reason()).isEqualTo(Reason.BAD_ANSWER);
        byte[] stale = new byte[1024];
        stale[48 + 320] = 1;
        Files.write(directory.resolve("quote"), stale);
        assertThat(failure(GramineProvider.of(directory)).reason()).isEqualTo(Reason.CONTENDED);
        Files.write(directory.resolve("quote"), new byte[65 * 1024]);
        assertThat(failure(GramineProvider.of(directory)).reason()).isEqualTo(Reason.DEVICE_REFUSED);
    }

    @Test
    void argumentsAreChecked(@TempDir Path directory) {
        assertThatIllegalArgumentException().isThrownBy(() -> ConfigfsTsmProvider.of(EvidenceFormat.SGX, directory));
        assertThatIllegalArgumentException().isThrownBy(() -> ConfigfsTsmProvider.of(EvidenceFormat.SNP, directory)
                .withPrivilegeLevel(4));
        assertThatIllegalArgumentException().isThrownBy(() -> ConfigfsTsmProvider.of(EvidenceFormat.TDX, directory)
                .withPrivilegeLevel(0));
    }

    @Test
    void filesAreOpenedNotCreatedAndReadToTheirEnd(@TempDir Path directory) throws Exception {
        DeviceFiles files = new DeviceFiles(directory);
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
