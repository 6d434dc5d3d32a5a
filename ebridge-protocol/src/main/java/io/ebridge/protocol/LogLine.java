package io.ebridge.protocol;

import java.util.Objects;

/**
 * A line of an enclave's log, or a piece of one that was too long.
 *
 * @param text the text without its line end, with control and formatting characters escaped; it may be shown on a terminal
 * @param part whether this is the whole line
 */
public record LogLine(String text, Part part) {
    /** The mark where a line was split: a horizontal ellipsis. */
    public static final String MARK = "\u2026";

    /** Which piece of a line this is. */
    public enum Part {
        /** The whole line. */
        WHOLE,
        /** The first piece of a line that was split. */
        FIRST,
        /** A piece with more before and after it. */
        MIDDLE,
        /** The last piece. */
        LAST
    }

    /**
     * Checks that nothing is null.
     *
     * @param text the text
     * @param part whether it is the whole line
     */
    public LogLine {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(part, "part");
    }

    /**
     * Returns the text with {@link #MARK} where the line was split.
     *
     * @return the text to show
     */
    @Override
    public String toString() {
        boolean more = part == Part.FIRST || part == Part.MIDDLE;
        boolean before = part == Part.MIDDLE || part == Part.LAST;
        return (before ? MARK : "") + text + (more ? MARK : "");
    }
}
