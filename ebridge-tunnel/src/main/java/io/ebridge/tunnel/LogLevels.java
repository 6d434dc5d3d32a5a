package io.ebridge.tunnel;

import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the level in a log line, by the habits of the usual encoders. */
final class LogLevels {
    private static final int HEAD = 256;
    private static final Pattern JSON =
            Pattern.compile("\"(?:level|severity|lvl|log\\.level|@level)\"\\s*:\\s*\"([A-Za-z]{3,9})\"");
    private static final Pattern WORD = Pattern.compile(
            "(?<![A-Za-z])(TRACE|FINEST|FINER|FINE|DEBUG|INFO|WARN(?:ING)?|ERROR|SEVERE|FATAL)(?![A-Za-z])");

    private LogLevels() {}

    /** The level that the line names, {@code INFO} if none. */
    static Level find(String line) {
        String head = line.length() > HEAD ? line.substring(0, HEAD) : line;
        Matcher matcher = (head.startsWith("{") ? JSON : WORD).matcher(head);
        Level level = matcher.find() ? named(matcher.group(1)) : null;
        return level == null ? Level.INFO : level;
    }

    private static @Nullable Level named(String name) {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "TRACE", "FINEST", "FINER" -> Level.TRACE;
            case "DEBUG", "FINE" -> Level.DEBUG;
            case "INFO" -> Level.INFO;
            case "WARN", "WARNING" -> Level.WARNING;
            case "ERROR", "SEVERE", "FATAL", "PANIC" -> Level.ERROR;
            default -> null;
        };
    }
}
