package io.ebridge.attest.internal.dcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dates in Intel's documents have one form and exist. */
class JsonFieldsTest {

    private static Instant date(String text) throws JsonException {
        return JsonFields.instant(JsonReader.read(('"' + text + '"').getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2025-06-20T10:56:12Z", "2024-02-29T00:00:00Z", "1970-01-01T23:59:59Z", "9999-12-31T23:59:59Z"})
    void readsDates(String text) throws JsonException {
        assertThat(date(text)).isEqualTo(Instant.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2016-12-31T23:59:60Z",
                "2024-03-13T24:00:00Z",
                "2023-02-29T00:00:00Z",
                "2024-13-01T00:00:00Z",
                "2024-00-01T00:00:00Z",
                "2024-01-00T00:00:00Z",
                "2024-01-01T00:60:00Z",
                "2024-01-01t00:00:00Z",
                "2024-01-01T00:00:00z",
                "2024-01-01T00:00:00",
                "2024-01-01T00:00:00.0Z",
                "2024-01-01T00:00:00+00:00",
                "+024-01-01T00:00:00Z",
                "2024-01-01T00:00:0\u0661Z",
                ""
            })
    void refusesOthers(String text) {
        assertThatThrownBy(() -> date(text)).isInstanceOf(JsonException.class);
    }
}
