package io.ebridge.protocol;

import com.fasterxml.jackson.core.JsonToken;
import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** The environment message: one object whose values are all strings. */
final class EnvironmentJson {
    private static final String WHAT = "the environment message";

    private EnvironmentJson() {}

    static Environment read(byte[] message, Limits limits) throws ProtocolException {
        if (message.length > limits.environmentBytes()) {
            throw new ProtocolException(
                    Reason.TOO_LONG, WHAT + " is longer than " + limits.environmentBytes() + " bytes");
        }
        return Json.read(message, WHAT, parser -> {
            Map<String, String> variables = new HashMap<>();
            Json.members(parser, name -> {
                // A name may be anything here, so a message must not repeat it.
                String path = "variable " + (variables.size() + 1);
                Json.require(
                        variables.size() < limits.environmentVariables(),
                        path,
                        "is one more than the limit of " + limits.environmentVariables());
                Json.require(Environment.isName(name), path, "has a name that is not allowed");
                Json.require(parser.currentToken() == JsonToken.VALUE_STRING, path, "must be a string");
                String value = parser.getText();
                Json.require(Environment.isValue(value), path, "has a value that is not allowed");
                variables.put(name, value);
            });
            return Environment.of(variables);
        });
    }

    /** Writes the message with its line feed. */
    static byte[] write(Environment environment, Limits limits) {
        if (environment.asMap().size() > limits.environmentVariables()) {
            throw new IllegalArgumentException(
                    "the environment has more than " + limits.environmentVariables() + " variables");
        }
        String json = Json.write(out -> {
            out.writeStartObject();
            for (Map.Entry<String, String> variable : environment.asMap().entrySet()) {
                out.writeStringField(variable.getKey(), variable.getValue());
            }
            out.writeEndObject();
        });
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > limits.environmentBytes()) {
            throw new IllegalArgumentException(
                    "the environment is longer than " + limits.environmentBytes() + " bytes");
        }
        byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
        line[bytes.length] = '\n';
        return line;
    }
}
