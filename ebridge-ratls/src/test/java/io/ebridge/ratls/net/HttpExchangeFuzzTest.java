package io.ebridge.ratls.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;

/** Answers of a server that may be anybody's: one within the limits comes out, or the exception that calls of this kind have. */
class HttpExchangeFuzzTest {

    private static final int MAX_BODY = 1000;

    @FuzzTest
    void response(byte[] input) {
        for (String method : new String[] {"GET", "HEAD"}) {
            try {
                EgressClient.Response response =
                        HttpExchangeCodec.response(new ByteArrayInputStream(input), method, MAX_BODY, Optional.empty());
                assertThat(response.status()).isBetween(200, 599);
                assertThat(response.body().length).isBetween(0, method.equals("HEAD") ? 0 : MAX_BODY);
                assertThat(response.body().length).isLessThanOrEqualTo(input.length);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotNull();
            }
        }
    }
}
