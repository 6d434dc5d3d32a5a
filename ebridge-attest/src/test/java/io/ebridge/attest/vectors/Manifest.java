package io.ebridge.attest.vectors;

import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonLimits;
import io.ebridge.attest.json.JsonReader;
import io.ebridge.attest.json.JsonValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The cases of a {@code manifest.json}, as plain maps, lists, strings, longs and booleans. */
final class Manifest {

    /** One verification. */
    record Case(Path root, Map<String, Object> members) {

        String id() {
            return text("id");
        }

        String text(String name) {
            return (String) members.get(name);
        }

        @Nullable String textOrNull(String name) {
            return (String) members.get(name);
        }

        Instant verifyAt() {
            return Instant.parse(text("verify_at"));
        }

        Map<String, Object> object(String name) {
            Object value = members.get(name);
            return value == null ? Map.of() : asMap(value);
        }

        boolean authentic() {
            return (Boolean) object("expect").get("authentic");
        }

        boolean option(String name) {
            return Boolean.TRUE.equals(object("options").get(name));
        }

        byte[] file(String path) {
            try {
                return Files.readAllBytes(root.resolve(path));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        byte[] evidence() {
            byte[] whole = file(text("evidence"));
            if (!members.containsKey("evidence_offset")) {
                return whole;
            }
            int offset = (int) (long) (Long) members.get("evidence_offset");
            int length = (int) (long) (Long) members.get("evidence_length");
            return java.util.Arrays.copyOfRange(whole, offset, offset + length);
        }

        /** What is expected, leaves by dotted path. */
        Map<String, String> expected() {
            Map<String, String> flat = new TreeMap<>();
            flatten("", object("expect"), flat);
            return flat;
        }
    }

    private Manifest() {}

    private static final Map<Path, List<Case>> READ = new java.util.concurrent.ConcurrentHashMap<>();

    static List<Case> read(Path root) {
        return READ.computeIfAbsent(root, Manifest::parse);
    }

    private static List<Case> parse(Path root) {
        try {
            byte[] bytes = Files.readAllBytes(root.resolve("manifest.json"));
            Map<String, Object> all = asMap(plain(JsonReader.read(bytes, new JsonLimits(16 << 20, 32, 1_000_000))));
            List<Case> cases = new ArrayList<>();
            for (Object item : (List<?>) all.get("cases")) {
                cases.add(new Case(root, asMap(item)));
            }
            return List.copyOf(cases);
        } catch (IOException | JsonException e) {
            throw new IllegalStateException("manifest.json", e);
        }
    }

    /** Leaves by dotted path; lists of leaves joined with commas. */
    static void flatten(String prefix, Map<String, Object> from, Map<String, String> into) {
        from.forEach((key, value) -> {
            String path = prefix.isEmpty() ? key : prefix + "." + key;
            if (value instanceof Map) {
                flatten(path, asMap(value), into);
            } else if (value instanceof List<?> list) {
                into.put(
                        path,
                        String.join(",", list.stream().map(String::valueOf).toList()));
            } else {
                into.put(path, String.valueOf(value));
            }
        });
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> asMap(Object value) {
        return (Map<String, Object>) value;
    }

    static @Nullable Object plain(JsonValue value) throws JsonException {
        if (value instanceof JsonValue.ObjectValue object) {
            Map<String, Object> map = new LinkedHashMap<>();
            for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                map.put(member.getKey(), plain(member.getValue()));
            }
            return map;
        }
        if (value instanceof JsonValue.ArrayValue array) {
            List<Object> list = new ArrayList<>();
            for (JsonValue element : array.elements()) {
                list.add(plain(element));
            }
            return list;
        }
        if (value instanceof JsonValue.StringValue string) {
            return string.text();
        }
        if (value instanceof JsonValue.NumberValue) {
            return value.asLong(Long.MIN_VALUE, Long.MAX_VALUE);
        }
        if (value instanceof JsonValue.BooleanValue bool) {
            return bool.value();
        }
        return null;
    }
}
