package io.ebridge.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.ebridge.protocol.Members.InvalidMemberException;
import io.ebridge.protocol.ProtocolException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The settings message. */
final class SettingsJson {
    private static final String WHAT = "the settings message";
    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private final JsonParser parser;
    private final Limits limits;

    private SettingsJson(JsonParser parser, Limits limits) {
        this.parser = parser;
        this.limits = limits;
    }

    static BridgeConfig read(byte[] message, Limits limits) throws ProtocolException {
        if (message.length > limits.settingsBytes()) {
            throw tooLong(limits);
        }
        return config(Json.read(message, WHAT, parser -> new SettingsJson(parser, limits).draft()), limits);
    }

    static ProtocolException tooLong(Limits limits) {
        return new ProtocolException(Reason.TOO_LONG, WHAT + " is longer than " + limits.settingsBytes() + " bytes");
    }

    private Draft draft() throws IOException, ProtocolException {
        Draft draft = new Draft();
        Json.members(parser, name -> {
            switch (name) {
                case "appName" -> draft.appName = Json.string(parser, name);
                case "watchdog" -> watchdog(draft);
                case "logger" ->
                    Json.object(parser, name, member -> {
                        if (member.equals("level")) {
                            draft.level = Json.string(parser, "logger.level");
                        } else {
                            parser.skipChildren();
                        }
                    });
                case "servers" -> draft.servers = Json.list(parser, name, limits.tunnels(), this::server);
                case "clients" -> draft.clients = Json.list(parser, name, limits.tunnels(), this::client);
                default -> parser.skipChildren();
            }
        });
        return draft;
    }

    private static BridgeConfig config(Draft draft, Limits limits) throws ProtocolException {
        UUID id = uuid(draft.enclaveId);
        BridgeConfig config = checked(
                "",
                () -> new BridgeConfig(
                        draft.appName,
                        nested("watchdog", () -> new WatchdogConfig(id, draft.interval)),
                        nested("logger", () -> new LoggerConfig(draft.level)),
                        draft.servers,
                        draft.clients));
        checked("", () -> {
            config.requireWithin(limits);
            return config;
        });
        return config;
    }

    private void watchdog(Draft draft) throws IOException, ProtocolException {
        Json.object(parser, "watchdog", member -> {
            switch (member) {
                case "enclaveId" -> draft.enclaveId = Json.string(parser, "watchdog.enclaveId");
                case "interval" -> draft.interval = Duration.ofNanos(Json.integer(parser, "watchdog.interval"));
                default -> parser.skipChildren();
            }
        });
    }

    private ServerTunnel server(String path) throws IOException, ProtocolException {
        long[] numbers = new long[3];
        InetAddress[] bind = {ServerTunnel.ANY_ADDRESS};
        boolean[] proxy = {false};
        Json.object(parser, path, member -> {
            String at = path + "." + member;
            switch (member) {
                case "enclaveCid" -> numbers[0] = Json.integer(parser, at);
                case "enclaveListenPort" -> numbers[1] = Json.integer(parser, at);
                case "bridgeTcpPort" -> {
                    numbers[2] = Json.integer(parser, at);
                    Json.require(numbers[2] >= 0 && numbers[2] <= 65_535, at, "must be a TCP port from 0 to 65535");
                }
                case "bindAddress" -> bind[0] = address(Json.string(parser, at), at);
                case "proxyProtocol" -> proxy[0] = Json.bool(parser, at);
                default -> parser.skipChildren();
            }
        });
        return checked(path + ".", () -> new ServerTunnel(numbers[0], numbers[1], (int) numbers[2], bind[0], proxy[0]));
    }

    private ClientTunnel client(String path) throws IOException, ProtocolException {
        long[] numbers = new long[2];
        Json.object(parser, path, member -> {
            String at = path + "." + member;
            switch (member) {
                case "enclaveDialPort" -> numbers[0] = Json.integer(parser, at);
                case "requestTimeout" -> numbers[1] = Json.integer(parser, at);
                default -> parser.skipChildren();
            }
        });
        return checked(path + ".", () -> new ClientTunnel(numbers[0], Duration.ofNanos(numbers[1])));
    }

    private static InetAddress address(String text, String path) throws ProtocolException {
        if (text.isEmpty()) {
            return ServerTunnel.ANY_ADDRESS;
        }
        byte[] bytes = IpLiterals.parse(text);
        if (bytes == null) {
            throw Json.invalid(path, "must be an IP address");
        }
        return IpLiterals.address(bytes);
    }

    private static UUID uuid(String text) throws ProtocolException {
        Json.require(UUID_TEXT.matcher(text).matches(), "watchdog.enclaveId", "must be a UUID in its usual text form");
        return UUID.fromString(text);
    }

    /** Runs a constructor that names a member it does not like. */
    private static <T> T checked(String prefix, Supplier<T> body) throws ProtocolException {
        try {
            return body.get();
        } catch (InvalidMemberException e) {
            throw e.at(prefix).toProtocolException();
        }
    }

    private static <T> T nested(String parent, Supplier<T> body) {
        try {
            return body.get();
        } catch (InvalidMemberException e) {
            throw e.at(parent + ".");
        }
    }

    static String write(BridgeConfig config) {
        return Json.write(out -> {
            out.writeStartObject();
            out.writeStringField("appName", config.appName());
            out.writeObjectFieldStart("watchdog");
            out.writeStringField("enclaveId", config.watchdog().enclaveId().toString());
            out.writeNumberField("interval", config.watchdog().interval().toNanos());
            out.writeEndObject();
            out.writeObjectFieldStart("logger");
            out.writeStringField("level", config.logger().level());
            out.writeEndObject();
            out.writeArrayFieldStart("servers");
            for (ServerTunnel server : config.servers()) {
                write(server, out);
            }
            out.writeEndArray();
            out.writeArrayFieldStart("clients");
            for (ClientTunnel client : config.clients()) {
                out.writeStartObject();
                out.writeNumberField("enclaveDialPort", client.enclaveDialPort());
                out.writeNumberField("requestTimeout", client.requestTimeout().toNanos());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    private static void write(ServerTunnel server, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeNumberField("enclaveCid", server.enclaveCid());
        out.writeNumberField("enclaveListenPort", server.enclaveListenPort());
        out.writeNumberField("bridgeTcpPort", server.bridgeTcpPort());
        if (!server.bindAddress().equals(ServerTunnel.ANY_ADDRESS)) {
            out.writeStringField("bindAddress", IpLiterals.text(server.bindAddress()));
        }
        if (server.proxyProtocol()) {
            out.writeBooleanField("proxyProtocol", true);
        }
        out.writeEndObject();
    }

    /** Writes settings that are ready to be sent. */
    static byte[] writeLine(BridgeConfig config, Limits limits) {
        config.requireWithin(limits);
        List<ServerTunnel> servers = config.servers();
        for (int i = 0; i < servers.size(); i++) {
            Members.check(
                    servers.get(i).enclaveCid() != ServerTunnel.OWN_CID,
                    "servers[" + i + "].enclaveCid",
                    "is still open; fill it in with withEnclaveCid");
        }
        byte[] json = write(config).getBytes(StandardCharsets.UTF_8);
        Members.check(json.length <= limits.settingsBytes(), "settings", "are longer than " + limits.settingsBytes());
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    private static final class Draft {
        private String appName = "";
        private String enclaveId = "";
        private Duration interval = Duration.ZERO;
        private String level = "";
        private List<ServerTunnel> servers = List.of();
        private List<ClientTunnel> clients = List.of();
    }
}
