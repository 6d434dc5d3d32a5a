package io.ebridge.ratls.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Requests and answers at their limits. */
class HttpExchangeCodecTest {

    private static EgressClient.Response read(String answer, int maxBody) throws IOException {
        return HttpExchangeCodec.response(
                new ByteArrayInputStream(answer.getBytes(StandardCharsets.ISO_8859_1)),
                "GET",
                maxBody,
                Optional.empty());
    }

    @Test
    void anAnswerMayComeInAnyNumberOfSmallChunks() throws Exception {
        String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        String chunks = "1;a=b\r\nx\r\n".repeat(50_000) + "0\r\nTrailer: t\r\n\r\n";
        assertThat(read(head + chunks, 50_000).body()).hasSize(50_000);
        assertThatThrownBy(() -> read(head + chunks, 49_999)).hasMessageContaining("more than");
        assertThatThrownBy(() -> read(head + "1;" + "a".repeat(2000) + "\r\nx\r\n0\r\n\r\n", 10))
                .hasMessageContaining("too long");
        assertThatThrownBy(() -> read(head + "0\r\n" + "A: b\r\n".repeat(20_000) + "\r\n", 10))
                .hasMessageContaining("too long");
        assertThatThrownBy(() -> read("HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(20_000) + "\r\n", 10))
                .hasMessageContaining("too long");
    }

    /** A letter beyond ASCII must not become a question mark, behind which another part of the address begins. */
    @Test
    void addressesGoOutInAscii() {
        byte[] request = HttpExchangeCodec.request(
                "GET", URI.create("https://h/caf\u00e9/a%20b?q=\u00fc"), Map.of(), new byte[0]);
        assertThat(new String(request, StandardCharsets.US_ASCII))
                .startsWith("GET /caf%C3%A9/a%20b?q=%C3%BC HTTP/1.1\r\nHost: h\r\n");
    }
}
