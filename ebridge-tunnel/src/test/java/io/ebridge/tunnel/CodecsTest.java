package io.ebridge.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.protocol.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small formats that this module speaks itself: PROXY headers, SOCKS 5, HTTP CONNECT, levels in log lines. */
class CodecsTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static String header(InetSocketAddress source, InetSocketAddress destination) {
        ByteBuf encoded = ProxyHeader.encode(ByteBufAllocator.DEFAULT, source, destination);
        try {
            return ByteBufUtil.hexDump(encoded);
        } finally {
            encoded.release();
        }
    }

    @Test
    void proxyHeadersForBothFamilies() {
        assertThat(header(new InetSocketAddress("192.168.0.1", 56324), new InetSocketAddress("192.168.0.11", 443)))
                .isEqualTo(SIGNATURE + "2111000c" + "c0a80001" + "c0a8000b" + "dc04" + "01bb");
        assertThat(header(new InetSocketAddress("2001:db8::1", 1), new InetSocketAddress("2001:db8::2", 65535)))
                .isEqualTo(SIGNATURE + "21210024" + "20010db8000000000000000000000001"
                        + "20010db8000000000000000000000002" + "0001" + "ffff");
        assertThat(header(new InetSocketAddress("10.0.0.1", 1), new InetSocketAddress("::1", 2)))
                .isEqualTo(SIGNATURE + "21210024" + "00000000000000000000ffff0a000001"
                        + "00000000000000000000000000000001" + "0001" + "0002");
        assertThat(header(InetSocketAddress.createUnresolved("a", 1), new InetSocketAddress("::1", 2)))
                .isEqualTo(SIGNATURE + "20000000");
    }

    private static ByteBuf hex(String hex) {
        return Unpooled.buffer().writeBytes(ByteBufUtil.decodeHexDump(hex));
    }

    @Test
    void socksWithANameAndPipelinedBytes() throws BridgeException {
        ProxyRequest request = ProxyRequest.byFirstByte(5);
        ByteBuf in = hex("0501" + "00" + "05010003" + "0b" + "6578616d706c652e636f6d" + "01bb" + "ff");
        ProxyRequest.Step step = request.receive(in);
        assertThat(step.reply()).containsExactly(5, 0);
        assertThat(step.target()).isEqualTo(new Target("example.com", 443));
        assertThat(in.readableBytes()).isEqualTo(1);
        assertThat(request.success()).containsExactly(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);
        assertThat(request.failure(BridgeReason.CONNECT_REFUSED)[1]).isEqualTo((byte) 5);
    }

    @ParameterizedTest
    @CsvSource({
        "0501000501000108080808, false",
        "050100050100010808080801bb, true",
        "05010005010004000000000000000000000000000000010050, true"
    })
    void socksWithAddresses(String hex, boolean whole) throws BridgeException {
        assertThat(ProxyRequest.byFirstByte(5).receive(hex(hex)).target() != null)
                .isEqualTo(whole);
    }

    @ParameterizedTest
    @CsvSource({"050102, ff", "0501000502000108080808 01bb, 07", "0501000501000908080808 01bb, 08"})
    void socksThatIsNotServed(String hex, String code) throws BridgeException {
        ProxyRequest request = ProxyRequest.byFirstByte(5);
        assertThatThrownBy(() -> request.receive(hex(hex.replace(" ", "")))).isInstanceOf(BridgeException.class);
        assertThat(request.failure(BridgeReason.PROTOCOL_ERROR)[1]).isEqualTo((byte) Integer.parseInt(code, 16));
    }

    private static ByteBuf ascii(String text) {
        return Unpooled.buffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void httpConnect() throws BridgeException {
        ByteBuf in = ascii("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\nrest");
        ProxyRequest.Step step = ProxyRequest.byFirstByte('C').receive(in);
        assertThat(step.target()).isEqualTo(new Target("example.com", 443));
        assertThat(step.first()).isEmpty();
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("rest");
    }

    @Test
    void httpInAbsoluteFormIsTurnedIntoOriginFormAndIsTheLast() throws BridgeException {
        ByteBuf in =
                ascii("POST http://Example.com?q=1 HTTP/1.1\r\nHost: example.com\r\nProxy-Connection: keep-alive\r\n"
                        + "Connection: keep-alive\r\nContent-Length: 2\r\n\r\nhi");
        ProxyRequest.Step step = ProxyRequest.byFirstByte('P').receive(in);
        assertThat(step.target()).isEqualTo(new Target("example.com", 80));
        assertThat(step.first())
                .asString()
                .isEqualTo(
                        "POST /?q=1 HTTP/1.1\r\nHost: example.com\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("hi");
    }

    @Test
    void httpHeadsWithoutEndOrWithoutSenseAreRefused() {
        assertThatThrownBy(() -> ProxyRequest.byFirstByte('G').receive(ascii("G".repeat(17_000))))
                .isInstanceOf(BridgeException.class);
        for (String bad : new String[] {"GET / HTTP/1.1", "CONNECT example.com HTTP/1.1", "CONNECT a:1", "X"}) {
            assertThatThrownBy(() -> ProxyRequest.byFirstByte('G').receive(ascii(bad + "\r\n\r\n")))
                    .isInstanceOf(BridgeException.class);
        }
        assertThatThrownBy(() -> ProxyRequest.byFirstByte(4)).isInstanceOf(BridgeException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"level\":\"warn\",\"message\":\"ERROR\"} | WARNING",
                "{\"message\":\"x\",\"severity\" : \"ERROR\"} | ERROR",
                "{\"message\":\"ERROR\"} | INFO",
                "2026-11-21 10:00:00 DEBUG x.y.Z - text | DEBUG",
                "[main] FINEST something | TRACE",
                "SEVERE: text | ERROR",
                "an INFORMATION and a WARNINGS | INFO",
                "plain | INFO"
            })
    void levelsOfLogLines(String line, Level level) {
        assertThat(LogLevels.find(line)).isEqualTo(level);
    }

    @Test
    void whatIsShownCannotMoveACursorOrReorder() {
        assertThat(Escapes.escape("a\u001b[2J\u202eb\r\n\u2028c\td"))
                .isEqualTo("a\\u001b[2J\\u202eb\\u000d\\u000a\\u2028c\td");
        assertThat(Escapes.escape("pl\u00e4in \ud83d\ude00")).isEqualTo("pl\u00e4in \ud83d\ude00");
    }
}
