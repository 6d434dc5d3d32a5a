package io.ebridge.protocol;

import static io.ebridge.protocol.Wire.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.protocol.LogLine.Part;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogLinesTest {
    private static final Limits SMALL = Limits.builder().logLineBytes(16).build();

    static List<LogLine> lines(Limits limits, byte[] input, int... cuts) {
        LogLines lines = new LogLines(limits);
        List<LogLine> all = new ArrayList<>();
        int at = 0;
        for (int i = 0; at < input.length; i++) {
            int length = i < cuts.length ? Math.min(cuts[i], input.length - at) : input.length - at;
            ByteBuffer in = ByteBuffer.wrap(input, at, length).slice();
            at += length;
            while (in.hasRemaining()) {
                lines.receive(in).ifPresent(all::add);
            }
        }
        lines.flush().ifPresent(all::add);
        return all;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "plain|plain",
                "tab<09>stays|tab\tstays",
                "<1B>[31mred<07>|\\x1b[31mred\\x07",
                "back<0D>over|back\\x0dover",
                "crlf<0D>|crlf",
                "nul<00>|nul\\x00",
                "del<7F>|del\\x7f",
                "c1<C2 9B>31m|c1\\x9b31m",
                "\u00fcml\u00e4ut \u20ac \ud83d\ude00|\u00fcml\u00e4ut \u20ac \ud83d\ude00",
                "bidi<E2 80 AE>x|bidi\\u202ex",
                "sep<E2 80 A8>x|sep\\u2028x",
                "bom<EF BB BF>|bom\\ufeff",
                "tag<F3 A0 81 81>|tag\\U0e0041",
                "latin1<E4>x|latin1\\xe4x",
                "overlong<C0 8A>|overlong\\xc0\\x8a",
                "overlong<E0 80 8A>|overlong\\xe0\\x80\\x8a",
                "surrogate<ED A0 80>|surrogate\\xed\\xa0\\x80",
                "beyond<F4 90 80 80>|beyond\\xf4\\x90\\x80\\x80",
                "cut<E2 82>|cut\\xe2\\x82",
                "back\\slash|back\\slash",
            })
    void whatActsIsEscaped(String raw, String shown) {
        assertThat(lines(Limits.DEFAULT, bytes(raw + "<0A>"))).containsExactly(new LogLine(shown, Part.WHOLE));
    }

    @Test
    void linesComeWhole() {
        assertThat(lines(Limits.DEFAULT, bytes("one<0A><0A>two<0A>rest"), 2, 1, 1, 3))
                .extracting(LogLine::toString)
                .containsExactly("one", "", "two", "rest");
    }

    @Test
    void aLongLineComesInMarkedPiecesWithNothingLost() {
        List<LogLine> pieces = lines(SMALL, bytes("0123456789abcdef0123456789ABCDEFxyz<0A>next<0A>"));
        assertThat(pieces)
                .containsExactly(
                        new LogLine("0123456789abcdef", Part.FIRST),
                        new LogLine("0123456789ABCDEF", Part.MIDDLE),
                        new LogLine("xyz", Part.LAST),
                        new LogLine("next", Part.WHOLE));
        assertThat(pieces)
                .extracting(LogLine::toString)
                .containsExactly("0123456789abcdef\u2026", "\u20260123456789ABCDEF\u2026", "\u2026xyz", "next");
    }

    @Test
    void piecesAreCutBetweenCharacters() {
        for (int pad = 0; pad < 16; pad++) {
            List<LogLine> pieces = lines(SMALL, bytes("x".repeat(pad) + "\ud83d\ude00".repeat(9) + "\u20ac\u00fc<0A>"));
            StringBuilder whole = new StringBuilder();
            pieces.forEach(piece -> whole.append(piece.text()));
            assertThat(whole.toString()).isEqualTo("x".repeat(pad) + "\ud83d\ude00".repeat(9) + "\u20ac\u00fc");
        }
    }

    @Test
    void bytesWithoutEndMakeProgress() {
        List<LogLine> pieces = lines(SMALL, bytes("<80>".repeat(1000)));
        assertThat(pieces).hasSize(63).allSatisfy(piece -> assertThat(piece.text())
                .hasSizeLessThanOrEqualTo(64));
        assertThat(lines(SMALL, bytes("<F0>".repeat(100))))
                .allSatisfy(piece -> assertThat(piece.text()).hasSizeLessThanOrEqualTo(64));
    }

    @Test
    void flushGivesWhatIsThere() {
        LogLines lines = new LogLines(SMALL);
        assertThat(lines.flush()).isEmpty();
        assertThat(lines.receive(Wire.buffer("prompt> "))).isEmpty();
        assertThat(lines.flush()).contains(new LogLine("prompt> ", Part.WHOLE));
        assertThat(lines.flush()).isEmpty();
        assertThat(lines.receive(Wire.buffer("0123456789abcdefg")))
                .contains(new LogLine("0123456789abcdef", Part.FIRST));
        assertThat(lines.flush()).contains(new LogLine("", Part.LAST));
    }
}
