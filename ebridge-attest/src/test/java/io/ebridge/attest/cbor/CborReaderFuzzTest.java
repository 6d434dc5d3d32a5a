package io.ebridge.attest.cbor;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes are, reading them gives items or a {@link CborException}, and never reads past the end. */
class CborReaderFuzzTest {

    static Stream<Arguments> seeds() {
        return Stream.of("00", "a1616101", "bf616101ff", "d9ea60824040", "84a040a040", "5affffffff", "8181818100")
                .map(hex -> Arguments.of((Object) java.util.HexFormat.of().parseHex(hex)));
    }

    @MethodSource("seeds")
    @FuzzTest
    void skip(byte[] data) {
        CborReader reader = CborReader.of(data);
        try {
            while (reader.offset() < data.length) {
                int before = reader.offset();
                reader.skip(16);
                assertThat(reader.offset()).isGreaterThan(before).isLessThanOrEqualTo(data.length);
            }
            reader.end();
        } catch (CborException e) {
            assertThat(e.offset()).isBetween(0, data.length);
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void pull(byte[] data) {
        CborReader reader = CborReader.of(data);
        try {
            while (reader.offset() < data.length) {
                switch (reader.peek()) {
                    case UNSIGNED, NEGATIVE -> reader.readInteger();
                    case BYTES -> assertThat(reader.readBytes(1024)).hasSizeLessThanOrEqualTo(data.length);
                    case TEXT -> reader.readText(1024);
                    case ARRAY -> reader.openArray(64);
                    case MAP -> reader.openMap(64, true);
                    case TAG -> reader.readTag();
                    case BOOLEAN -> reader.readBoolean();
                    case NULL -> reader.readNull();
                    case OTHER -> reader.skip(1);
                    case BREAK -> reader.closeMap();
                }
            }
        } catch (CborException e) {
            assertThat(e.offset()).isBetween(0, data.length);
        }
    }
}
