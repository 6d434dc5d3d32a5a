package io.ebridge.samples.support;

import io.ebridge.vsock.Cid;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The words of a command line, one after the other; the options of {@link Meeting#USAGE} it keeps to itself. */
public final class CommandLine {
    private final Deque<String> words;
    private String last = "";
    private boolean kernel;
    private @Nullable Path socket;
    private Cid cid = Cid.of(16);

    /** A command line. */
    public CommandLine(String... words) {
        this.words = new ArrayDeque<>(List.of(words));
    }

    /**
     * The next word, or null at the end.
     *
     * @throws IllegalArgumentException if an option of the meeting is wrong
     */
    public @Nullable String next() {
        while (!words.isEmpty()) {
            last = words.pop();
            switch (last) {
                case "--transport" -> kernel = isKernel(value());
                case "--socket" -> socket = Path.of(value());
                case "--cid" -> cid = Cid.of(Long.parseLong(value()));
                default -> {
                    return last;
                }
            }
        }
        return null;
    }

    /**
     * The value of the option that was given last.
     *
     * @throws IllegalArgumentException if there is none
     */
    public String value() {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(last + " needs a value");
        }
        return words.pop();
    }

    /** The complaint about the word that was given last. */
    public IllegalArgumentException unknown() {
        return new IllegalArgumentException("unknown argument " + last);
    }

    /**
     * What was said about the meeting.
     *
     * @param alone whether only one side runs here, so that the other has to be told where
     * @throws IllegalArgumentException if it is not said where
     */
    public Meeting meeting(boolean alone) {
        if (alone && !kernel && socket == null) {
            throw new IllegalArgumentException("one side alone needs --socket PATH or --transport kernel");
        }
        return new Meeting(kernel, socket, cid);
    }

    private static boolean isKernel(String transport) {
        return switch (transport) {
            case "kernel" -> true;
            case "hybrid" -> false;
            default -> throw new IllegalArgumentException("--transport " + transport + " is neither hybrid nor kernel");
        };
    }
}
