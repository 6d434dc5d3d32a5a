package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonValue;
import io.ebridge.attest.json.JsonValue.ObjectValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** Reads the field types of Intel's documents, exactly as the API describes them. */
final class JsonFields {

    private static final String DATE = "0000-00-00T00:00:00Z";
    private static final String NO_DATE = "expected a date of the form 2025-01-31T23:59:59Z";
    private static final int MAX_TEXT = 256;

    private JsonFields() {}

    static Bytes hex(JsonValue value, int bytes) throws JsonException {
        String text = value.asString();
        if (text.length() != 2 * bytes) {
            throw new JsonException("expected " + 2 * bytes + " hexadecimal digits", value.start());
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F')) {
                throw new JsonException("expected hexadecimal digits", value.start());
            }
        }
        return Bytes.ofHex(text);
    }

    /** A date of exactly the form that Intel writes, without leap seconds or an hour 24, both of which {@link Instant#parse} takes. */
    static Instant instant(JsonValue value) throws JsonException {
        String text = value.asString();
        if (text.length() != DATE.length()) {
            throw new JsonException(NO_DATE, value.start());
        }
        int[] fields = new int[6];
        int field = 0;
        for (int i = 0; i < DATE.length(); i++) {
            char c = text.charAt(i);
            if (DATE.charAt(i) == '0') {
                if (c < '0' || c > '9') {
                    throw new JsonException(NO_DATE, value.start());
                }
                fields[field] = 10 * fields[field] + c - '0';
            } else if (c == DATE.charAt(i)) {
                field++;
            } else {
                throw new JsonException(NO_DATE, value.start());
            }
        }
        try {
            return LocalDateTime.of(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5])
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new JsonException("there is no such date", value.start());
        }
    }

    static TcbStatus status(JsonValue value, EnumSet<TcbStatus> allowed) throws JsonException {
        Optional<TcbStatus> status = TcbStatus.ofDocument(value.asString());
        if (status.isEmpty() || !allowed.contains(status.get())) {
            throw new JsonException("unknown TCB status", value.start());
        }
        return status.get();
    }

    static List<String> advisories(ObjectValue level) throws JsonException {
        List<String> ids = new ArrayList<>();
        Optional<JsonValue> member = level.find("advisoryIDs");
        if (member.isPresent()) {
            for (JsonValue id : member.get().asArray()) {
                ids.add(text(id));
            }
        }
        return List.copyOf(ids);
    }

    static String text(JsonValue value) throws JsonException {
        String text = value.asString();
        if (text.length() > MAX_TEXT) {
            throw new JsonException("text is longer than " + MAX_TEXT + " characters", value.start());
        }
        return text;
    }
}
