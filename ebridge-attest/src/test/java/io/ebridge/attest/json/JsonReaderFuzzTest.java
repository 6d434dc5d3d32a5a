package io.ebridge.attest.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Every byte string gives a value or a {@link JsonException}, and a value's own bytes read back as the same value. */
class JsonReaderFuzzTest {
    @FuzzTest
    void read(byte[] data) {
        JsonValue value;
        try {
            value = JsonReader.read(data);
        } catch (JsonException refused) {
            assertThat(refused.offset()).isBetween(0, data.length);
            return;
        }
        try {
            byte[] own = value.bytes(data);
            JsonValue again = JsonReader.read(own);
            assertThat(again.start()).isZero();
            assertThat(again.end()).isEqualTo(own.length);
            assertThat(again.kind()).isEqualTo(value.kind());
        } catch (JsonException e) {
            throw new AssertionError("a value's own bytes are not JSON", e);
        }
    }
}
