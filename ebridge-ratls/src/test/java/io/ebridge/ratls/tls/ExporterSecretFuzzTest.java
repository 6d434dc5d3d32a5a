package io.ebridge.ratls.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Lines of a key log as native code gives them: a secret comes out only of a line that is written as the one that holds it. */
class ExporterSecretFuzzTest {

    @FuzzTest
    void parse(byte[] line) {
        byte[] given = line.clone();
        byte[] secret;
        try {
            secret = ExporterSecret.parse(line);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("key log");
            assertThat(start(given)).isEqualTo("EXPORTER_SECRET ");
            return;
        } finally {
            assertThat(line).isEqualTo(given);
        }
        if (secret == null) {
            assertThat(start(given)).isNotEqualTo("EXPORTER_SECRET ");
            return;
        }
        assertThat(secret.length).isIn(32, 48);
        String text = new String(given, StandardCharsets.ISO_8859_1);
        assertThat(text).startsWith("EXPORTER_SECRET ").hasSize(16 + 64 + 1 + 2 * secret.length);
        assertThat(text.charAt(80)).isEqualTo(' ');
        assertThat(text.substring(81)).isEqualToIgnoringCase(HexFormat.of().formatHex(secret));
        assertThat(ExporterSecret.derive(secret, "EXPORTER-ebridge-ra", 32)).hasSize(32);
    }

    private static String start(byte[] line) {
        return new String(line, 0, Math.min(line.length, 16), StandardCharsets.ISO_8859_1);
    }

    @FuzzTest
    void derive(FuzzedDataProvider data) {
        byte[] secret = data.consumeBytes(data.pickValue(new int[] {32, 48, 47}));
        int length = data.consumeInt(-1, 13_000);
        String label = data.consumeRemainingAsAsciiString();
        byte[] value;
        try {
            value = ExporterSecret.derive(secret, label, length);
        } catch (IllegalArgumentException e) {
            assertThat(secret.length != 32 && secret.length != 48
                            || label.length() > 249
                            || length <= 0
                            || length > 255 * secret.length)
                    .isTrue();
            return;
        }
        assertThat(value).hasSize(length);
        assertThat(ExporterSecret.derive(secret, label, length)).isEqualTo(value);
    }
}
