package io.ebridge.attest.json;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One value of a document, with the range of received bytes that it came from ({@code start} inclusive, {@code end}
 * exclusive, without surrounding white space).
 *
 * <p>The {@code as…} methods are how callers state what they require: each returns the value in that shape or throws
 * {@link JsonException} naming the offset. None converts: a number in quotes is not a number.
 */
public sealed interface JsonValue {

    /**
     * Where the value starts.
     *
     * @return offset of its first byte in the document
     */
    int start();

    /**
     * Where the value ends.
     *
     * @return offset just behind its last byte
     */
    int end();

    /**
     * What the value is, for messages.
     *
     * @return an English noun
     */
    String kind();

    /**
     * The received bytes of this value.
     *
     * @param document the bytes that were parsed
     * @return a copy of the value's range
     */
    default byte[] bytes(byte[] document) {
        return Arrays.copyOfRange(document, start(), end());
    }

    /**
     * Requires an object.
     *
     * @return this value as an object
     * @throws JsonException if it is something else
     */
    default ObjectValue asObject() throws JsonException {
        if (this instanceof ObjectValue value) {
            return value;
        }
        throw unexpected("an object");
    }

    /**
     * Requires an array.
     *
     * @return its elements in order
     * @throws JsonException if it is something else
     */
    default List<JsonValue> asArray() throws JsonException {
        if (this instanceof ArrayValue value) {
            return value.elements();
        }
        throw unexpected("an array");
    }

    /**
     * Requires a string.
     *
     * @return the unescaped text
     * @throws JsonException if it is something else
     */
    default String asString() throws JsonException {
        if (this instanceof StringValue value) {
            return value.text();
        }
        throw unexpected("a string");
    }

    /**
     * Requires {@code true} or {@code false}.
     *
     * @return the value
     * @throws JsonException if it is something else
     */
    default boolean asBoolean() throws JsonException {
        if (this instanceof BooleanValue value) {
            return value.value();
        }
        throw unexpected("true or false");
    }

    /**
     * Requires an integer, written without fraction or exponent.
     *
     * @param min smallest allowed
     * @param max largest allowed
     * @return the number
     * @throws JsonException if it is something else or out of range
     */
    default long asLong(long min, long max) throws JsonException {
        if (this instanceof NumberValue value) {
            String literal = value.literal();
            // 19 digits and a sign hold every long; a longer literal is out of any range and not worth parsing.
            if (literal.length() <= 20
                    && literal.indexOf('.') < 0
                    && literal.indexOf('e') < 0
                    && literal.indexOf('E') < 0) {
                try {
                    long number = Long.parseLong(literal);
                    if (number >= min && number <= max) {
                        return number;
                    }
                } catch (NumberFormatException e) {
                    throw new JsonException("expected an integer from " + min + " to " + max, start());
                }
            }
            throw new JsonException("expected an integer from " + min + " to " + max, start());
        }
        throw unexpected("an integer");
    }

    /**
     * Requires an integer that fits an {@code int}.
     *
     * @param min smallest allowed
     * @param max largest allowed
     * @return the number
     * @throws JsonException if it is something else or out of range
     */
    default int asInt(int min, int max) throws JsonException {
        return (int) asLong(min, max);
    }

    /**
     * Whether this is the literal {@code null}.
     *
     * @return true for {@code null}
     */
    default boolean isNull() {
        return this instanceof NullValue;
    }

    private JsonException unexpected(String wanted) {
        return new JsonException("expected " + wanted + ", found " + kind(), start());
    }

    /**
     * An object.
     *
     * @param start first byte
     * @param end behind the last byte
     * @param members by name, in document order, unmodifiable
     */
    record ObjectValue(int start, int end, Map<String, JsonValue> members) implements JsonValue {
        @Override
        public String kind() {
            return "an object";
        }

        /**
         * A member that must be there.
         *
         * @param name its name
         * @return its value, which may be {@code null} the literal
         * @throws JsonException if there is none
         */
        public JsonValue require(String name) throws JsonException {
            JsonValue value = members.get(name);
            if (value == null) {
                throw new JsonException("member \"" + name + "\" is missing from the object", start);
            }
            return value;
        }

        /**
         * A member that may be there.
         *
         * @param name its name
         * @return its value, or empty
         */
        public Optional<JsonValue> find(String name) {
            return Optional.ofNullable(members.get(name));
        }

        /**
         * Refuses members that the caller does not know.
         *
         * @param known every name that may occur
         * @throws JsonException naming the first other one
         */
        public void onlyMembers(Collection<String> known) throws JsonException {
            for (Map.Entry<String, JsonValue> member : members.entrySet()) {
                if (!known.contains(member.getKey())) {
                    throw new JsonException(
                            "unknown member \"" + printable(member.getKey()) + "\"",
                            member.getValue().start());
                }
            }
        }

        private static String printable(String text) {
            StringBuilder out = new StringBuilder();
            text.codePoints().limit(64).forEach(c -> out.append(c >= 0x20 && c < 0x7f ? (char) c : '?'));
            return out.toString();
        }
    }

    /**
     * An array.
     *
     * @param start first byte
     * @param end behind the last byte
     * @param elements in order, unmodifiable
     */
    record ArrayValue(int start, int end, List<JsonValue> elements) implements JsonValue {
        @Override
        public String kind() {
            return "an array";
        }
    }

    /**
     * A string.
     *
     * @param start the opening quote
     * @param end behind the closing quote
     * @param text unescaped; well-formed Unicode
     */
    record StringValue(int start, int end, String text) implements JsonValue {
        @Override
        public String kind() {
            return "a string";
        }
    }

    /**
     * A number, kept as it was written.
     *
     * @param start first byte
     * @param end behind the last byte
     * @param literal the characters of the number
     */
    record NumberValue(int start, int end, String literal) implements JsonValue {
        @Override
        public String kind() {
            return "a number";
        }
    }

    /**
     * A truth value.
     *
     * @param start first byte
     * @param end behind the last byte
     * @param value which one
     */
    record BooleanValue(int start, int end, boolean value) implements JsonValue {
        @Override
        public String kind() {
            return "a truth value";
        }
    }

    /**
     * The literal {@code null}.
     *
     * @param start first byte
     * @param end behind the last byte
     */
    record NullValue(int start, int end) implements JsonValue {
        @Override
        public String kind() {
            return "null";
        }
    }
}
