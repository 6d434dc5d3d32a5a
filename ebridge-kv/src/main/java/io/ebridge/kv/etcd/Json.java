package io.ebridge.kv.etcd;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer of the gateway: objects, arrays and scalars as text. Bounded in depth and size, no member twice. */
final class Json {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(12)
                    .maxStringLength(32 << 10)
                    .maxNumberLength(32)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Map<String, Object> members;

    private Json(Map<String, Object> members) {
        this.members = members;
    }

    static Json parse(byte[] bytes) throws IOException {
        try (JsonParser parser = FACTORY.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("etcd's answer is not an object");
            }
            Json json = object(parser);
            if (parser.nextToken() != null) {
                throw new IOException("etcd's answer goes on after its end");
            }
            return json;
        }
    }

    private static Json object(JsonParser parser) throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return new Json(members);
    }

    private static Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            return object(parser);
        }
        if (token == JsonToken.START_ARRAY) {
            List<Object> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.add(value(parser));
            }
            return elements;
        }
        if (token == null || !token.isScalarValue()) {
            throw new IOException("etcd's answer is malformed");
        }
        return parser.getText();
    }

    @Nullable String text(String name) {
        return members.get(name) instanceof String text ? text : null;
    }

    @Nullable Json object(String name) {
        return members.get(name) instanceof Json json ? json : null;
    }

    private List<?> array(String name) {
        return members.get(name) instanceof List<?> list ? list : List.of();
    }

    /** Whether a transaction took its first branch. The gateway leaves out what is false. */
    boolean succeeded() {
        return "true".equals(text("succeeded"));
    }

    /** The value of the only key of the n-th range of a transaction's answer; null if there is no such key. */
    @Nullable String rangeValue(int n) throws IOException {
        List<?> responses = array("responses");
        if (n >= responses.size()) {
            return null;
        }
        if (!(responses.get(n) instanceof Json response)) {
            throw new IOException("etcd's answer is malformed");
        }
        Json range = response.object("response_range");
        List<?> kvs = range == null ? List.of() : range.array("kvs");
        if (kvs.isEmpty()) {
            return null;
        }
        if (kvs.size() != 1 || !(kvs.get(0) instanceof Json kv)) {
            throw new IOException("etcd's answer is malformed");
        }
        String value = kv.text("value");
        return value == null ? "" : value;
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static byte[] fromBase64(String text) throws IOException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("etcd's answer is malformed", e);
        }
    }
}
