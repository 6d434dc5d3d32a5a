package io.ebridge.protocol;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads single values out of text, strictly. */
final class ValueParser {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,19}");
    private static final Pattern SHORT_DURATION = Pattern.compile("([0-9]{1,18})(ns|us|ms|s|m|h|d)");

    private ValueParser() {}

    static boolean supports(Class<?> kind) {
        return kind == String.class
                || kind == int.class
                || kind == Integer.class
                || kind == long.class
                || kind == Long.class
                || kind == boolean.class
                || kind == Boolean.class
                || kind == Duration.class
                || kind == URI.class
                || kind.isEnum();
    }

    static String expectation(Class<?> kind) {
        if (kind == int.class || kind == Integer.class) {
            return "an integer from -2147483648 to 2147483647";
        } else if (kind == long.class || kind == Long.class) {
            return "an integer of 64 bits";
        } else if (kind == boolean.class || kind == Boolean.class) {
            return "true or false";
        } else if (kind == Duration.class) {
            return "a duration such as 500ms, 30s, 5m or PT1M30S";
        } else if (kind == URI.class) {
            return "an absolute URI";
        } else if (kind.isEnum()) {
            return "one of "
                    + Arrays.stream(kind.getEnumConstants())
                            .map(constant -> ((Enum<?>) constant).name())
                            .collect(Collectors.joining(", "));
        }
        return "text";
    }

    /** Returns the value, or null if the text is not one. */
    static @Nullable Object parse(Class<?> kind, String text) {
        if (kind == String.class) {
            return text;
        } else if (kind == int.class || kind == Integer.class) {
            Long value = integer(text);
            return value == null || value != value.intValue() ? null : (Object) value.intValue();
        } else if (kind == long.class || kind == Long.class) {
            return integer(text);
        } else if (kind == boolean.class || kind == Boolean.class) {
            return bool(text);
        } else if (kind == Duration.class) {
            return duration(text);
        } else if (kind == URI.class) {
            return uri(text);
        }
        String name = text.replace('-', '_');
        return Arrays.stream(kind.getEnumConstants())
                .filter(constant -> ((Enum<?>) constant).name().equalsIgnoreCase(name))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable Long integer(String text) {
        if (!INTEGER.matcher(text).matches()) {
            return null;
        }
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            return null; // Nineteen digits may be more than 64 bits hold.
        }
    }

    private static @Nullable Boolean bool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    private static @Nullable Duration duration(String text) {
        Matcher matcher = SHORT_DURATION.matcher(text);
        try {
            if (!matcher.matches()) {
                Duration duration = Duration.parse(text);
                return duration.isNegative() ? null : duration;
            }
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ns" -> Duration.ofNanos(amount);
                case "us" -> Duration.ofNanos(Math.multiplyExact(amount, 1000L));
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        } catch (DateTimeParseException | ArithmeticException e) {
            return null;
        }
    }

    private static @Nullable URI uri(String text) {
        try {
            URI uri = new URI(text);
            return uri.isAbsolute() ? uri : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
