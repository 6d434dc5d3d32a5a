package io.ebridge.protocol;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * How much of the bridge's own log an enclave asks its host to keep.
 *
 * @param level {@code trace}, {@code debug}, {@code info}, {@code warn}, {@code error}, {@code fatal}, {@code panic} or {@code disabled}
 *     in any case, or empty to leave the host's level alone
 */
public record LoggerConfig(String level) {
    /** Leaves the host's level alone. */
    public static final LoggerConfig UNCHANGED = new LoggerConfig("");

    /**
     * Checks the level.
     *
     * @param level the level, or empty
     * @throws IllegalArgumentException if there is no such level; the message names the member
     */
    public LoggerConfig {
        Objects.requireNonNull(level, "level");
        Members.check(
                level.isEmpty() || toSystemLevel(level) != null,
                "level",
                "must be trace, debug, info, warn, error, fatal, panic, disabled or empty");
    }

    /**
     * Returns the level as the JDK knows it. {@code fatal} and {@code panic} are errors here, {@code disabled} is
     * {@link System.Logger.Level#OFF}.
     *
     * @return the level; empty if the host's level is to be left alone
     */
    public Optional<System.Logger.Level> systemLevel() {
        return Optional.ofNullable(toSystemLevel(level));
    }

    private static System.Logger.@org.jspecify.annotations.Nullable Level toSystemLevel(String level) {
        return switch (level.toLowerCase(Locale.ROOT)) {
            case "trace" -> System.Logger.Level.TRACE;
            case "debug" -> System.Logger.Level.DEBUG;
            case "info" -> System.Logger.Level.INFO;
            case "warn" -> System.Logger.Level.WARNING;
            case "error", "fatal", "panic" -> System.Logger.Level.ERROR;
            case "disabled" -> System.Logger.Level.OFF;
            default -> null;
        };
    }
}
