package io.ebridge.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.ebridge.protocol.ProtocolException.Reason;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Strict streaming JSON. A failure of the syntax tells the place, never the text: the text may hold environment values.
 */
final class Json {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_NUMBER = 32;

    // The length of a message is bounded before it gets here, so strings and names need no smaller bound of their own.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private Json() {}

    interface Reading<T> {
        T read(JsonParser parser) throws IOException, ProtocolException;
    }

    interface Writing {
        void write(JsonGenerator generator) throws IOException;
    }

    interface Member {
        void read(String name) throws IOException, ProtocolException;
    }

    interface Item<T> {
        T read(String path) throws IOException, ProtocolException;
    }

    /** Reads one object that is the whole message. The reading starts on its opening brace. */
    static <T> T read(byte[] message, String what, Reading<T> reading) throws ProtocolException {
        String text = Text.decodeUtf8(message, what);
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ProtocolException(Reason.MALFORMED_JSON, what + " is not a JSON object");
            }
            T value = reading.read(parser);
            if (parser.nextToken() != null) {
                throw new ProtocolException(Reason.MALFORMED_JSON, what + " has something behind its end");
            }
            return value;
        } catch (StreamConstraintsException e) {
            throw new ProtocolException(
                    Reason.MALFORMED_JSON, what + " is nested more than " + MAX_DEPTH + " deep or has a huge number");
        } catch (JsonProcessingException e) {
            long at = e.getLocation() == null ? -1 : e.getLocation().getCharOffset();
            throw new ProtocolException(
                    Reason.MALFORMED_JSON, what + " is not well-formed JSON" + (at < 0 ? "" : " at character " + at));
        } catch (IOException e) {
            throw new UncheckedIOException("reading from a string cannot fail", e);
        }
    }

    static String write(Writing writing) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            writing.write(generator);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to a string cannot fail", e);
        }
        return out.toString();
    }

    /** Calls the reading for each member of the object whose opening brace is current; the parser then stands on the value. */
    static void members(JsonParser parser, Member member) throws IOException, ProtocolException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            member.read(name);
        }
    }

    /** Reads an object's members; null counts as an object without any. Returns false for null. */
    static boolean object(JsonParser parser, String path, Member member) throws IOException, ProtocolException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return false;
        }
        require(parser.currentToken() == JsonToken.START_OBJECT, path, "must be an object");
        members(parser, member);
        return true;
    }

    /** Reads a list; null is an empty one. */
    static <T> List<T> list(JsonParser parser, String path, int limit, Item<T> item)
            throws IOException, ProtocolException {
        List<T> items = new ArrayList<>();
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return items;
        }
        require(parser.currentToken() == JsonToken.START_ARRAY, path, "must be a list");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            require(items.size() < limit, path, "must not be more than " + limit);
            items.add(item.read(path + "[" + items.size() + "]"));
        }
        return items;
    }

    /** Reads a string; null is an empty one. */
    static String string(JsonParser parser, String path) throws IOException, ProtocolException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return "";
        }
        require(parser.currentToken() == JsonToken.VALUE_STRING, path, "must be a string");
        return parser.getText();
    }

    /** Reads an integer; null is zero. */
    static long integer(JsonParser parser, String path) throws IOException, ProtocolException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return 0;
        }
        require(parser.currentToken() == JsonToken.VALUE_NUMBER_INT, path, "must be an integer");
        JsonParser.NumberType type = parser.getNumberType();
        require(type != JsonParser.NumberType.BIG_INTEGER, path, "must fit in 64 bits");
        return parser.getLongValue();
    }

    /** Reads a boolean; null is false. */
    static boolean bool(JsonParser parser, String path) throws ProtocolException {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE, VALUE_NULL -> false;
            default -> throw invalid(path, "must be true or false");
        };
    }

    static void require(boolean condition, String path, String detail) throws ProtocolException {
        if (!condition) {
            throw invalid(path, detail);
        }
    }

    static ProtocolException invalid(String path, String detail) {
        return new ProtocolException(Reason.INVALID_MEMBER, path + " " + detail, path);
    }
}
