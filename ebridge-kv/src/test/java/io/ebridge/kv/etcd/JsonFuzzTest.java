package io.ebridge.kv.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** Whatever etcd's gateway answers is read, or refused as an {@link IOException}. */
class JsonFuzzTest {

    @FuzzTest
    void answer(byte[] bytes) {
        try {
            Json json = Json.parse(bytes);
            json.succeeded();
            json.text("ID");
            Json result = json.object("result");
            if (result != null) {
                result.text("TTL");
            }
            for (int i = 0; i < 3; i++) {
                String value = json.rangeValue(i);
                if (value != null) {
                    assertThat(Json.fromBase64(value)).hasSizeLessThanOrEqualTo(bytes.length);
                }
            }
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("(?s).+");
        }
    }
}
