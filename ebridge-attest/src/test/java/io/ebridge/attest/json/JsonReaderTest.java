package io.ebridge.attest.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static JsonValue read(String text) throws JsonException {
        return JsonReader.read(utf8(text));
    }

    @Test
    void givesEveryShapeOfValue() throws JsonException {
        JsonValue.ObjectValue o =
                read(" {\"a\":[1,-2,\"x\",true,false,null],\"b\":{},\"c\":[]} ").asObject();
        assertThat(o.members().keySet()).containsExactly("a", "b", "c");
        var a = o.require("a").asArray();
        assertThat(a.get(0).asInt(0, 9)).isEqualTo(1);
        assertThat(a.get(1).asLong(-2, 9)).isEqualTo(-2);
        assertThat(a.get(2).asString()).isEqualTo("x");
        assertThat(a.get(3).asBoolean()).isTrue();
        assertThat(a.get(4).asBoolean()).isFalse();
        assertThat(a.get(5).isNull()).isTrue();
        assertThat(o.require("b").asObject().members()).isEmpty();
        assertThat(o.require("c").asArray()).isEmpty();
        assertThat(o.find("d")).isEmpty();
    }

    @Test
    void knowsTheExactBytesOfAnInnerObject() throws JsonException {
        byte[] document = utf8("{\"tcbInfo\" : \n{ \"x\":\"\u00e4\" , \"y\":[ 1 ] } ,\"signature\":\"00\"}");
        JsonValue inner = JsonReader.read(document).asObject().require("tcbInfo");
        assertThat(new String(inner.bytes(document), StandardCharsets.UTF_8))
                .isEqualTo("{ \"x\":\"\u00e4\" , \"y\":[ 1 ] }");
    }

    @Test
    void unescapes() throws JsonException {
        assertThat(read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\uDE00z\"").asString())
                .isEqualTo("\"\\/\b\f\n\r\t\u00e4\ud83d\ude00z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[",
                "\"",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "[1,]",
                "[,1]",
                "{a:1}",
                "01",
                "-",
                "1.",
                ".5",
                "1e",
                "+1",
                "tru",
                "nul",
                "NaN",
                "1 2",
                "{} x",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\\u12\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "\"a\nb\"",
                "'a'",
                "// c\n1",
                "\ufeff{}",
                "\"\\u\uff11\uff11\uff11\uff11\""
            })
    void refusesWhatIsNotJson(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(JsonException.class);
    }

    @Test
    void refusesTextThatIsNotUtf8() {
        byte[][] bad = {
            {'"', (byte) 0xff, '"'},
            {'"', (byte) 0xc0, (byte) 0x80, '"'},
            {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}
        };
        for (byte[] document : bad) {
            assertThatThrownBy(() -> JsonReader.read(document)).hasMessageContaining("UTF-8");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"x\":{\"\":1,\"\":2}}"})
    void refusesTheSameNameTwice(String text) {
        assertThatThrownBy(() -> read(text)).hasMessageContaining("twice");
    }

    @Test
    void keepsToItsLimits() throws JsonException {
        JsonLimits limits = new JsonLimits(32, 3, 5);
        assertThat(JsonReader.read(utf8("[[[1]]]"), limits).asArray()).hasSize(1);
        assertThatThrownBy(() -> JsonReader.read(utf8("[[[[1]]]]"), limits)).hasMessageContaining("deeper");
        assertThat(JsonReader.read(utf8("[1,2,3,4]"), limits).asArray()).hasSize(4);
        assertThatThrownBy(() -> JsonReader.read(utf8("[1,2,3,4,5]"), limits)).hasMessageContaining("more than 5");
        assertThat(JsonReader.read(utf8("\"" + "a".repeat(30) + "\""), limits).asString())
                .hasSize(30);
        assertThatThrownBy(() -> JsonReader.read(utf8("\"" + "a".repeat(31) + "\""), limits))
                .hasMessageContaining("longer than 32");
    }

    @Test
    void depthIsBoundedWhateverTheInput() {
        assertThatThrownBy(() -> read("[".repeat(400_000))).hasMessageContaining("deeper");
        assertThatThrownBy(() -> read("{\"a\":".repeat(80_000))).hasMessageContaining("deeper");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1.0", "1e2", "256", "-1", "99999999999999999999999", "9223372036854775808", "\"1\"", "null"})
    void integersAreExactAndInRange(String text) throws JsonException {
        JsonValue value = read(text);
        assertThatThrownBy(() -> value.asInt(0, 255)).isInstanceOf(JsonException.class);
    }

    @Test
    void longsReachBothEnds() throws JsonException {
        assertThat(read("9223372036854775807").asLong(Long.MIN_VALUE, Long.MAX_VALUE))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(read("-9223372036854775808").asLong(Long.MIN_VALUE, Long.MAX_VALUE))
                .isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void saysWhatIsMissingUnknownOrOfAnotherKind() throws JsonException {
        JsonValue.ObjectValue o = read("{\"a\":1}").asObject();
        assertThatThrownBy(() -> o.require("b")).hasMessageContaining("\"b\" is missing");
        assertThatThrownBy(() -> o.onlyMembers(java.util.Set.of("b"))).hasMessageContaining("unknown member \"a\"");
        assertThatThrownBy(() -> o.require("a").asString()).hasMessageContaining("expected a string, found a number");
        JsonException e = catchThrowableOfType(JsonException.class, () -> read("[1,x]"));
        assertThat(e.offset()).isEqualTo(3);
    }
}
