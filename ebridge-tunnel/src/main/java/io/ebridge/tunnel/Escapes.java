package io.ebridge.tunnel;

/** Makes text from the other side safe to show: nothing in it can move a cursor, end a line or reorder what is seen. */
final class Escapes {
    private Escapes() {}

    static String escape(CharSequence text) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); ) {
            int c = Character.codePointAt(text, i);
            int width = Character.charCount(c);
            if (plain(c)) {
                if (out != null) {
                    out.appendCodePoint(c);
                }
            } else {
                if (out == null) {
                    out = new StringBuilder(text.length() + 16).append(text, 0, i);
                }
                out.append(c <= 0xffff ? String.format("\\u%04x", c) : String.format("\\U%06x", c));
            }
            i += width;
        }
        return out == null ? text.toString() : out.toString();
    }

    private static boolean plain(int c) {
        if (c == '\t') {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
