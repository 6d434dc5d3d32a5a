package io.ebridge.attest.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.cbor.CborException.Reason;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Known answers from RFC 8949 appendix A, and everything that a strict reader refuses. */
class CborReaderTest {

    private static CborReader hex(String hex) {
        return CborReader.of(HexFormat.of().parseHex(hex));
    }

    private static Reason reason(ThrowingRead read) {
        return catchThrowableOfType(CborException.class, read::run).reason();
    }

    private interface ThrowingRead {
        void run() throws CborException;
    }

    @ParameterizedTest
    @CsvSource({
        "00, 0",
        "01, 1",
        "0a, 10",
        "17, 23",
        "1818, 24",
        "1819, 25",
        "1864, 100",
        "1903e8, 1000",
        "1a000f4240, 1000000",
        "1b000000e8d4a51000, 1000000000000",
        "20, -1",
        "29, -10",
        "3863, -100",
        "3903e7, -1000"
    })
    void readsIntegersOfAppendixA(String encoded, long value) throws CborException {
        CborReader reader = hex(encoded);
        assertThat(reader.readInteger()).isEqualTo(value);
        reader.end();
        assertThat(new CborWriter().integer(value).toByteArray())
                .isEqualTo(HexFormat.of().parseHex(encoded));
    }

    @Test
    void readsStringsOfAppendixA() throws CborException {
        assertThat(hex("40").readBytes(0)).isEmpty();
        assertThat(hex("4401020304").readBytes(4)).containsExactly(1, 2, 3, 4);
        assertThat(hex("60").readText(0)).isEmpty();
        assertThat(hex("6449455446").readText(4)).isEqualTo("IETF");
        assertThat(hex("62c3bc").readText(2)).isEqualTo("\u00fc");
        assertThat(hex("63e6b0b4").readText(3)).isEqualTo("\u6c34");
        assertThat(hex("64f0908591").readText(4)).isEqualTo("\ud800\udd51");
    }

    @Test
    void readsContainersTagsAndSimpleValues() throws CborException {
        CborReader array = hex("83010203");
        assertThat(array.openArray(3)).isEqualTo(3);
        CborReader map = hex("bf61610161629f0203ffff");
        assertThat(map.openMap(2, true)).isEqualTo(CborReader.INDEFINITE);
        assertThat(map.closeMap()).isFalse();
        assertThat(map.readText(1)).isEqualTo("a");
        CborReader tagged = hex("c11a514b67b0");
        assertThat(tagged.readTag()).isEqualTo(1);
        assertThat(hex("f5").readBoolean()).isTrue();
        assertThat(hex("f4").readBoolean()).isFalse();
        assertThat(hex("f6").readNull()).isTrue();
        assertThat(hex("00").readNull()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1800", "1817", "190000", "1900ff", "1a0000ffff", "1b00000000ffffffff", "5800", "7800", "9800"})
    void refusesNumbersThatAreNotInTheirShortestForm(String encoded) {
        assertThat(reason(() -> hex(encoded).skip(4))).isEqualTo(Reason.BAD_ENCODING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1c",
                "1d",
                "1e",
                "1f",
                "5f42010243030405ff",
                "7f657374726561646d696e67ff",
                "9fff",
                "ff",
                "f0",
                "f820",
                "fc"
            })
    void refusesReservedAndIndefiniteLengths(String encoded) {
        assertThat(reason(() -> hex(encoded).skip(4))).isEqualTo(Reason.BAD_ENCODING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "18", "19ff", "44010203", "6261", "8301", "a1", "a101", "c1", "fa0000", "5affffffff"})
    void refusesInputThatEndsInsideAnItem(String encoded) {
        assertThat(reason(() -> hex(encoded).skip(4))).isIn(Reason.TRUNCATED, Reason.LIMIT);
    }

    @Test
    void comparesEveryLengthWithTheLimitBeforeAllocating() {
        assertThat(reason(() -> hex("4401020304").readBytes(3))).isEqualTo(Reason.LIMIT);
        assertThat(reason(() -> hex("6449455446").readText(3))).isEqualTo(Reason.LIMIT);
        assertThat(reason(() -> hex("83010203").openArray(2))).isEqualTo(Reason.LIMIT);
        assertThat(reason(() -> hex("a201020304").openMap(1))).isEqualTo(Reason.LIMIT);
        assertThat(reason(() -> hex("5b7fffffffffffffff").readBytes(Integer.MAX_VALUE)))
                .isEqualTo(Reason.LIMIT);
        assertThat(reason(() -> hex("9b7fffffffffffffff").openArray(Integer.MAX_VALUE)))
                .isEqualTo(Reason.LIMIT);
        assertThat(reason(() -> hex("1bffffffffffffffff").readUnsigned())).isEqualTo(Reason.LIMIT);
        assertThat(reason(() -> hex("9a7fffffff").openArray(Integer.MAX_VALUE))).isEqualTo(Reason.TRUNCATED);
    }

    @Test
    void boundsDepthWithoutRecursion() throws CborException {
        byte[] deep = new byte[200_000];
        Arrays.fill(deep, (byte) 0x81);
        assertThat(reason(() -> CborReader.of(deep).skip(64))).isEqualTo(Reason.LIMIT);
        byte[] eight = HexFormat.of().parseHex("8181818181818181" + "00");
        CborReader.of(eight).skip(8);
        assertThat(reason(() -> CborReader.of(eight).skip(7))).isEqualTo(Reason.LIMIT);
    }

    @Test
    void passesOverWholeItems() throws CborException {
        CborReader reader = hex("a26161820102616283c10102f6" + "00");
        reader.skip(4);
        assertThat(reader.readUnsigned()).isZero();
        reader.end();
        for (String simple : new String[] {"f4", "f5", "f6", "f7", "f93c00", "fa47c35000", "fb3ff199999999999a"}) {
            CborReader one = hex(simple);
            one.skip(0);
            one.end();
        }
    }

    @Test
    void passesOverStringsToTheByte() throws CborException {
        CborReader reader = hex("43010203" + "62c3bc" + "07");
        reader.skip(0);
        assertThat(reader.offset()).isEqualTo(4);
        reader.skip(0);
        assertThat(reader.offset()).isEqualTo(7);
        assertThat(reader.readUnsigned()).isEqualTo(7);
    }

    @Test
    void refusesTextThatIsNotUtf8() {
        assertThat(reason(() -> hex("62c328").readText(2))).isEqualTo(Reason.BAD_TEXT);
        assertThat(reason(() -> hex("63eda080").readText(3))).isEqualTo(Reason.BAD_TEXT);
    }

    @Test
    void refusesAnotherTypeThanAskedForAndSaysWhere() {
        CborReader reader = hex("8200f6");
        assertThatThrownBy(() -> {
                    reader.openArray(2);
                    reader.readUnsigned();
                    reader.readUnsigned();
                })
                .isInstanceOfSatisfying(CborException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.WRONG_TYPE);
                    assertThat(e.offset()).isEqualTo(2);
                });
        assertThat(reason(() -> hex("bf00ff").openMap(4))).isEqualTo(Reason.BAD_ENCODING);
    }

    @Test
    void refusesBytesAfterTheEnd() throws CborException {
        CborReader reader = hex("0000");
        reader.readUnsigned();
        assertThat(reason(reader::end)).isEqualTo(Reason.TRAILING);
    }

    @Test
    void readsNoFurtherThanItsRange() throws CborException {
        byte[] data = HexFormat.of().parseHex("ff4401020304");
        assertThat(reason(() -> CborReader.of(data, 1, 4).readBytes(8))).isEqualTo(Reason.TRUNCATED);
        CborReader exact = CborReader.of(data, 1, 5);
        assertThat(exact.readBytes(8)).hasSize(4);
        exact.end();
        assertThatThrownBy(() -> CborReader.of(data, 1, 6)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void writesWhatItReads() throws CborException {
        byte[] written = new CborWriter()
                .map(3)
                .text("bytes")
                .bytes(new byte[300])
                .text("flags")
                .array(2)
                .bool(true)
                .nullItem()
                .text("tagged")
                .tag(60_000)
                .integer(-35)
                .toByteArray();
        CborReader reader = CborReader.of(written);
        assertThat(reader.openMap(3)).isEqualTo(3);
        assertThat(reader.readText(16)).isEqualTo("bytes");
        assertThat(reader.readBytes(300)).hasSize(300);
        assertThat(reader.readText(16)).isEqualTo("flags");
        assertThat(reader.openArray(2)).isEqualTo(2);
        assertThat(reader.readBoolean()).isTrue();
        assertThat(reader.readNull()).isTrue();
        assertThat(reader.readText(16)).isEqualTo("tagged");
        assertThat(reader.readTag()).isEqualTo(60_000);
        assertThat(reader.readInteger()).isEqualTo(-35);
        reader.end();
    }
}
