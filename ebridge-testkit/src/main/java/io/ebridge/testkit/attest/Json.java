package io.ebridge.testkit.attest;

import java.time.Instant;
import java.util.List;
import java.util.StringJoiner;

/** Compact JSON text, members in the order in which they are added: what the vendor's services send and sign. */
final class Json {
    private final StringJoiner members = new StringJoiner(",", "{", "}");

    Json text(String name, String value) {
        // Everything written here is letters, digits and punctuation without quotes or backslashes.
        return raw(name, "\"" + value + "\"");
    }

    Json number(String name, long value) {
        return raw(name, Long.toString(value));
    }

    Json time(String name, Instant value) {
        return text(
                name, value.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString());
    }

    Json raw(String name, String value) {
        members.add("\"" + name + "\":" + value);
        return this;
    }

    Json array(String name, List<String> values) {
        return raw(name, "[" + String.join(",", values) + "]");
    }

    Json strings(String name, List<String> values) {
        return array(name, values.stream().map(v -> "\"" + v + "\"").toList());
    }

    @Override
    public String toString() {
        return members.toString();
    }
}
