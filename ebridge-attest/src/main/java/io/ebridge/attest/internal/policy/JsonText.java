package io.ebridge.attest.internal.policy;

import java.util.Collection;
import java.util.Map;

/** Writes maps, collections, texts, numbers and truth values as JSON, indented, members in the order of the map. */
final class JsonText {

    private final StringBuilder out = new StringBuilder();

    private JsonText() {}

    static String of(Map<String, ?> object) {
        JsonText text = new JsonText();
        text.value(object, 0);
        return text.out.append('\n').toString();
    }

    private void value(Object value, int depth) {
        if (value instanceof Map<?, ?> map) {
            int[] left = {map.size()};
            open('{', map.isEmpty());
            map.forEach((key, member) -> {
                indent(depth + 1);
                string(String.valueOf(key));
                out.append(": ");
                value(member, depth + 1);
                out.append(--left[0] > 0 ? ",\n" : "\n");
            });
            close('}', map.isEmpty(), depth);
        } else if (value instanceof Collection<?> list) {
            int[] left = {list.size()};
            open('[', list.isEmpty());
            list.forEach(element -> {
                indent(depth + 1);
                value(element, depth + 1);
                out.append(--left[0] > 0 ? ",\n" : "\n");
            });
            close(']', list.isEmpty(), depth);
        } else if (value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            out.append(value);
        } else {
            string(String.valueOf(value));
        }
    }

    private void open(char bracket, boolean empty) {
        out.append(bracket);
        if (!empty) {
            out.append('\n');
        }
    }

    private void close(char bracket, boolean empty, int depth) {
        if (!empty) {
            indent(depth);
        }
        out.append(bracket);
    }

    private void indent(int depth) {
        out.append("  ".repeat(depth));
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || Character.isSurrogate(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
