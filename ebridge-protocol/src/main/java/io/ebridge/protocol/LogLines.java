package io.ebridge.protocol;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/**
 * Cuts the bytes of an enclave's log stream into lines that are safe to show.
 *
 * <p><b>Guaranteed:</b> memory is bounded by {@link Limits#logLineBytes()}. A line of more bytes than that comes in pieces of at most that
 * many, cut between characters and marked as pieces; no byte is lost. A line of text holds no control character but the tab, and no
 * character that changes direction, breaks lines or is invisible formatting: they are shown as {@code \x1b} or {@code \u202e}, and bytes
 * that are not UTF-8 as {@code \xff}. So one enclave cannot forge another's lines, and cannot drive a terminal. However the input is cut,
 * the lines are the same.
 *
 * <p><b>Not guaranteed:</b> that the text can be turned back into bytes (a backslash stands for itself), or that there is little of it:
 * see {@link TokenBucket}. A text has at most 4 characters for each byte.
 *
 * <pre>{@code
 * while (in.hasRemaining()) {
 *     logLines.receive(in).ifPresent(line -> log.accept(line.toString()));
 * }
 * }</pre>
 *
 * <p>Not thread-safe; one for each connection.
 */
public final class LogLines {
    private static final int MAX_CHARACTER = 4;

    private final byte[] bytes;
    private int size;
    private boolean split;

    /**
     * Starts on a new connection.
     *
     * @param limits the limits
     */
    public LogLines(Limits limits) {
        bytes = new byte[limits.logLineBytes()];
    }

    /**
     * Takes bytes up to the end of the next line or piece. Call again while the buffer has bytes left.
     *
     * @param in the bytes; its position moves behind what was taken
     * @return the line or piece that is complete; empty if the buffer ended first
     */
    public Optional<LogLine> receive(ByteBuffer in) {
        Objects.requireNonNull(in, "in");
        while (in.hasRemaining()) {
            byte next = in.get(in.position());
            if (next == '\n') {
                in.get();
                return Optional.of(line());
            }
            if (size == bytes.length) {
                return Optional.of(piece());
            }
            bytes[size++] = in.get();
        }
        return Optional.empty();
    }

    /**
     * Takes what has been received of a line that has not ended: at the end of the stream, or when a prompt should not wait.
     *
     * @return the unfinished line, or empty
     */
    public Optional<LogLine> flush() {
        return size == 0 && !split ? Optional.empty() : Optional.of(line());
    }

    private LogLine line() {
        int end = size > 0 && bytes[size - 1] == '\r' ? size - 1 : size;
        LogLine line = new LogLine(LogText.escape(bytes, end), split ? LogLine.Part.LAST : LogLine.Part.WHOLE);
        size = 0;
        split = false;
        return line;
    }

    private LogLine piece() {
        int cut = size - incompleteAtEnd();
        LogLine piece = new LogLine(LogText.escape(bytes, cut), split ? LogLine.Part.MIDDLE : LogLine.Part.FIRST);
        System.arraycopy(bytes, cut, bytes, 0, size - cut);
        size -= cut;
        split = true;
        return piece;
    }

    /** How many bytes at the end begin a character whose rest has not arrived. */
    private int incompleteAtEnd() {
        for (int back = 1; back < MAX_CHARACTER; back++) {
            int lead = bytes[size - back] & 0xFF;
            if (lead < 0x80) {
                return 0;
            }
            if (lead >= 0xC0) {
                return LogText.sequenceLength(lead) > back ? back : 0;
            }
        }
        return 0;
    }
}
