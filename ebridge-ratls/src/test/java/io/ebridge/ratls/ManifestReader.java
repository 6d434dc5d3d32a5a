package io.ebridge.ratls;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Enough of JSON (RFC 8259) for the manifest of the vectors: maps, lists, and everything else as text. Trusted input only. */
final class ManifestReader {

    private static final Pattern TOKEN =
            Pattern.compile("\\s*([\\[\\]{}:,]|\"((?:[^\"\\\\]|\\\\.)*)\"|[^\\s\\[\\]{}:,\"]+)\\s*");

    private final Matcher tokens;

    private ManifestReader(String text) {
        tokens = TOKEN.matcher(text);
        next();
    }

    static Object read(String text) {
        return new ManifestReader(text).value();
    }

    private void next() {
        if (!tokens.find()) {
            tokens.reset("\u0000").find();
        }
    }

    private boolean take(String token) {
        boolean there = tokens.group(1).equals(token);
        if (there) {
            next();
        }
        return there;
    }

    private String text() {
        String value = tokens.group(2) != null ? tokens.group(2) : tokens.group(1);
        next();
        return value;
    }

    private Object value() {
        if (take("{")) {
            Map<String, Object> map = new LinkedHashMap<>();
            while (!take("}")) {
                String key = text();
                if (!take(":")) {
                    throw new IllegalArgumentException("no colon after " + key);
                }
                map.put(key, value());
                take(",");
            }
            return map;
        }
        if (take("[")) {
            List<Object> list = new ArrayList<>();
            while (!take("]")) {
                list.add(value());
                take(",");
            }
            return list;
        }
        return text();
    }
}
