package io.ebridge.attest.internal.policy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.PolicyFormatException;
import io.ebridge.attest.PolicyFormatException.Reason;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An object of a policy, read member by member; what nobody asked for is an error at the end. */
final class PolicyObject {

    private final String path;
    private final JsonValue.ObjectValue object;
    private final Set<String> read = new HashSet<>();

    PolicyObject(String path, JsonValue.ObjectValue object) {
        this.path = path;
        this.object = object;
    }

    /** Something that turns a text into a value, or throws {@link IllegalArgumentException}. */
    interface Parser<T> {
        T parse(String text);
    }

    Optional<String> text(String name) throws PolicyFormatException {
        return read(name, JsonValue::asString, "a string");
    }

    boolean flag(String name) throws PolicyFormatException {
        return read(name, JsonValue::asBoolean, "true or false").orElse(false);
    }

    Optional<Integer> number(String name, int least, int most) throws PolicyFormatException {
        return read(name, value -> value.asInt(least, most), "a whole number from " + least + " to " + most);
    }

    Optional<Long> longNumber(String name, long least, long most) throws PolicyFormatException {
        return read(name, value -> value.asLong(least, most), "a whole number from " + least + " to " + most);
    }

    Optional<Bytes> hex(String name) throws PolicyFormatException {
        return parsed(name, Bytes::ofHex, "hexadecimal digits");
    }

    Optional<Duration> duration(String name) throws PolicyFormatException {
        return parsed(name, Duration::parse, "a duration as in ISO 8601, PT5M say");
    }

    Optional<Instant> instant(String name) throws PolicyFormatException {
        return parsed(name, Instant::parse, "an instant as in RFC 3339, 2026-01-31T00:00:00Z say");
    }

    <T> Optional<T> parsed(String name, Parser<T> parser, String expected) throws PolicyFormatException {
        Optional<String> text = text(name);
        return text.isEmpty() ? Optional.empty() : Optional.of(parse(text.get(), parser, path(name), expected));
    }

    /** A list of texts, each turned into a value; empty if the member is absent. */
    <T> List<T> list(String name, Parser<T> parser, String expected) throws PolicyFormatException {
        List<JsonValue> elements = elements(name);
        List<T> values = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
            String at = path(name) + "[" + i + "]";
            String text;
            try {
                text = elements.get(i).asString();
            } catch (JsonException e) {
                throw bad(at, expected, e);
            }
            values.add(parse(text, parser, at, expected));
        }
        return values;
    }

    /** A list of whole numbers; empty if the member is absent. */
    List<Integer> numbers(String name, int least, int most) throws PolicyFormatException {
        List<Integer> values = new ArrayList<>();
        for (JsonValue element : elements(name)) {
            try {
                values.add(element.asInt(least, most));
            } catch (JsonException e) {
                throw bad(path(name), "a list of whole numbers from " + least + " to " + most, e);
            }
        }
        return values;
    }

    /** A list of objects; empty if the member is absent. */
    List<PolicyObject> objects(String name) throws PolicyFormatException {
        List<JsonValue> elements = elements(name);
        List<PolicyObject> objects = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
            String at = path(name) + "[" + i + "]";
            try {
                objects.add(new PolicyObject(at, elements.get(i).asObject()));
            } catch (JsonException e) {
                throw bad(at, "an object", e);
            }
        }
        return objects;
    }

    Optional<PolicyObject> object(String name) throws PolicyFormatException {
        return read(name, JsonValue::asObject, "an object").map(value -> new PolicyObject(path(name), value));
    }

    Set<String> names() {
        return object.members().keySet();
    }

    /** Rejects members that nobody asked for. */
    void end() throws PolicyFormatException {
        for (String name : object.members().keySet()) {
            if (!read.contains(name)) {
                throw new PolicyFormatException(
                        Reason.UNKNOWN_MEMBER,
                        path(printable(name)) + " is no member of a policy; here there may be "
                                + String.join(", ", new java.util.TreeSet<>(read)),
                        null);
            }
        }
    }

    /** Runs a builder's setter or constructor, whose complaints become the policy's. */
    <T> T build(java.util.function.Supplier<T> step) throws PolicyFormatException {
        try {
            return step.get();
        } catch (IllegalArgumentException e) {
            throw new PolicyFormatException(Reason.BAD_VALUE, where() + e.getMessage(), e);
        } catch (IllegalStateException e) {
            throw new PolicyFormatException(Reason.INCOMPLETE, where() + e.getMessage(), e);
        }
    }

    PolicyFormatException missing(String name) {
        return new PolicyFormatException(Reason.MISSING_MEMBER, path(name) + " is missing", null);
    }

    private String where() {
        return path.isEmpty() ? "" : path + ": ";
    }

    private List<JsonValue> elements(String name) throws PolicyFormatException {
        return read(name, JsonValue::asArray, "a list").orElse(List.of());
    }

    private interface Step<T> {
        T read(JsonValue value) throws JsonException;
    }

    private <T> Optional<T> read(String name, Step<T> step, String expected) throws PolicyFormatException {
        read.add(name);
        Optional<JsonValue> value = object.find(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(step.read(value.get()));
        } catch (JsonException e) {
            throw bad(path(name), expected, e);
        }
    }

    private static <T> T parse(String text, Parser<T> parser, String at, String expected) throws PolicyFormatException {
        try {
            return parser.parse(text);
        } catch (IllegalArgumentException | DateTimeParseException | ArithmeticException e) {
            throw bad(at, expected, e);
        }
    }

    private static PolicyFormatException bad(String at, String expected, Exception cause) {
        return new PolicyFormatException(Reason.BAD_VALUE, at + " must be " + expected, cause);
    }

    private String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String printable(String name) {
        StringBuilder out = new StringBuilder();
        name.codePoints().limit(64).forEach(c -> out.append(c >= 0x20 && c < 0x7F ? (char) c : '?'));
        return out.toString();
    }
}
