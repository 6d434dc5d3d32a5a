package io.ebridge.attest.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one JSON document (RFC 8259) into a tree of {@link JsonValue}.
 *
 * <p>Total: every byte string gives a value or a {@link JsonException}. Refused beyond the grammar: a byte order mark,
 * text that is not UTF-8, an escaped lone surrogate, two members of one object with the same name after unescaping,
 * anything but white space behind the document, and whatever exceeds the {@link JsonLimits}.
 */
public final class JsonReader {
    private final byte[] in;
    private final JsonLimits limits;
    private int pos;
    private int values;

    private JsonReader(byte[] document, JsonLimits limits) {
        this.in = document;
        this.limits = limits;
    }

    /**
     * Reads a document within {@link JsonLimits#DEFAULT}.
     *
     * @param document its bytes, not modified and not kept
     * @return its value
     * @throws JsonException if it is not strict JSON
     */
    public static JsonValue read(byte[] document) throws JsonException {
        return read(document, JsonLimits.DEFAULT);
    }

    /**
     * Reads a document.
     *
     * @param document its bytes, not modified and not kept
     * @param limits what it may cost
     * @return its value
     * @throws JsonException if it is not strict JSON or exceeds a limit
     */
    public static JsonValue read(byte[] document, JsonLimits limits) throws JsonException {
        if (document.length > limits.maxBytes()) {
            throw new JsonException("document is longer than " + limits.maxBytes() + " bytes", limits.maxBytes());
        }
        JsonReader reader = new JsonReader(document, limits);
        reader.skipSpace();
        JsonValue value = reader.value(0);
        reader.skipSpace();
        if (reader.pos != document.length) {
            throw reader.error("unexpected bytes behind the document");
        }
        return value;
    }

    private JsonValue value(int depth) throws JsonException {
        if (++values > limits.maxValues()) {
            throw error("more than " + limits.maxValues() + " values");
        }
        int c = peek();
        switch (c) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"': {
                int start = pos;
                String text = string();
                return new JsonValue.StringValue(start, pos, text);
            }
            case 't':
                return new JsonValue.BooleanValue(pos, literal("true"), true);
            case 'f':
                return new JsonValue.BooleanValue(pos, literal("false"), false);
            case 'n':
                return new JsonValue.NullValue(pos, literal("null"));
            default:
                if (c == '-' || isDigit(c)) {
                    return number();
                }
                throw error(c < 0 ? "document ends where a value is expected" : "no value starts like this");
        }
    }

    private JsonValue object(int depth) throws JsonException {
        int start = enter(depth);
        Map<String, JsonValue> members = new LinkedHashMap<>();
        skipSpace();
        if (peek() != '}') {
            while (true) {
                if (peek() != '"') {
                    throw error("expected a member name");
                }
                int at = pos;
                String name = string();
                skipSpace();
                expect(':');
                skipSpace();
                JsonValue value = value(depth + 1);
                if (members.putIfAbsent(name, value) != null) {
                    throw new JsonException("member occurs twice in one object", at);
                }
                skipSpace();
                if (peek() != ',') {
                    break;
                }
                pos++;
                skipSpace();
            }
        }
        expect('}');
        return new JsonValue.ObjectValue(start, pos, Collections.unmodifiableMap(members));
    }

    private JsonValue array(int depth) throws JsonException {
        int start = enter(depth);
        List<JsonValue> elements = new ArrayList<>();
        skipSpace();
        if (peek() != ']') {
            while (true) {
                elements.add(value(depth + 1));
                skipSpace();
                if (peek() != ',') {
                    break;
                }
                pos++;
                skipSpace();
            }
        }
        expect(']');
        return new JsonValue.ArrayValue(start, pos, Collections.unmodifiableList(elements));
    }

    private int enter(int depth) throws JsonException {
        if (depth >= limits.maxDepth()) {
            throw error("nested deeper than " + limits.maxDepth() + " levels");
        }
        return pos++;
    }

    private JsonValue number() throws JsonException {
        int start = pos;
        if (peek() == '-') {
            pos++;
        }
        if (peek() == '0') {
            pos++;
        } else {
            digits();
        }
        if (peek() == '.') {
            pos++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            pos++;
            if (peek() == '+' || peek() == '-') {
                pos++;
            }
            digits();
        }
        return new JsonValue.NumberValue(start, pos, new String(in, start, pos - start, StandardCharsets.US_ASCII));
    }

    private void digits() throws JsonException {
        if (!isDigit(peek())) {
            throw error("expected a digit");
        }
        while (isDigit(peek())) {
            pos++;
        }
    }

    private String string() throws JsonException {
        int open = pos++;
        StringBuilder unescaped = null;
        int run = pos;
        while (true) {
            int c = peek();
            if (c < 0) {
                throw new JsonException("string is not closed", open);
            }
            if (c < 0x20) {
                throw error("control character in a string");
            }
            if (c == '"') {
                String tail = utf8(run, pos);
                pos++;
                return unescaped == null
                        ? tail
                        : wellFormed(unescaped.append(tail).toString(), open);
            }
            if (c == '\\') {
                if (unescaped == null) {
                    unescaped = new StringBuilder();
                }
                unescaped.append(utf8(run, pos));
                unescaped.append(escape());
                run = pos;
            } else {
                pos++;
            }
        }
    }

    private char escape() throws JsonException {
        pos++;
        int c = peek();
        pos++;
        switch (c) {
            case '"':
            case '\\':
            case '/':
                return (char) c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u': {
                if (in.length - pos < 4) {
                    throw error("escape is cut off");
                }
                int unit = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = HexDigits.value(in[pos]);
                    if (digit < 0) {
                        throw error("expected a hexadecimal digit");
                    }
                    unit = unit << 4 | digit;
                    pos++;
                }
                return (char) unit;
            }
            default:
                pos--;
                throw error("unknown escape");
        }
    }

    private String utf8(int from, int to) throws JsonException {
        int or = 0;
        for (int i = from; i < to; i++) {
            or |= in[i];
        }
        if (or >= 0) {
            return new String(in, from, to - from, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(in, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new JsonException("text is not UTF-8", from);
        }
    }

    private static String wellFormed(String text, int at) throws JsonException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new JsonException("escaped surrogate without its pair", at);
            }
        }
        return text;
    }

    private int literal(String word) throws JsonException {
        for (int i = 0; i < word.length(); i++) {
            if (peek() != word.charAt(i)) {
                throw error("expected " + word);
            }
            pos++;
        }
        return pos;
    }

    private void expect(char c) throws JsonException {
        if (peek() != c) {
            throw error("expected '" + c + "'");
        }
        pos++;
    }

    private void skipSpace() {
        while (pos < in.length) {
            byte c = in[pos];
            if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
                return;
            }
            pos++;
        }
    }

    private int peek() {
        return pos < in.length ? in[pos] & 0xff : -1;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private JsonException error(String message) {
        return new JsonException(message, Math.min(pos, in.length));
    }
}
