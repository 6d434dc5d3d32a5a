package io.ebridge.protocol;

import static io.ebridge.protocol.Wire.buffer;
import static io.ebridge.protocol.Wire.failureOf;
import static io.ebridge.protocol.Wire.outputHex;
import static io.ebridge.protocol.Wire.outputText;
import static io.ebridge.protocol.Wire.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.protocol.EnclaveHandshake.Accepted;
import io.ebridge.protocol.EnclaveHandshake.EnvironmentReceived;
import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both roles of the startup handshake against bytes written by hand from the description of the wire. */
class GoldenTranscriptTest {
    private static final String SETTINGS = "{\"appName\":\"simple-enclave\","
            + "\"watchdog\":{\"enclaveId\":\"3f0c2b64-98a1-4d5e-8f7b-112233445566\",\"interval\":30000000000},"
            + "\"logger\":{\"level\":\"debug\"},"
            + "\"servers\":[{\"enclaveCid\":16,\"enclaveListenPort\":5001,\"bridgeTcpPort\":8080}],"
            + "\"clients\":[{\"enclaveDialPort\":5002,\"requestTimeout\":300000000000}]}";
    private static final UUID ID = UUID.fromString("3f0c2b64-98a1-4d5e-8f7b-112233445566");
    private static final Environment ENVIRONMENT =
            Environment.of(Map.of("LOG_LEVEL", "debug", "APP_NOTE", "a\nb \"c\""));

    private static HostHandshake host() {
        return HostHandshake.start(ENVIRONMENT, Limits.DEFAULT, 0);
    }

    private static HostHandshake hostAwaitingSettings() throws ProtocolException {
        HostHandshake host = host();
        host.receive(buffer("<06 0A>"), 0);
        host.pollOutput();
        return host;
    }

    private static BridgeConfig settingsRead(String line) throws ProtocolException {
        return hostAwaitingSettings().receive(buffer(line), 0).orElseThrow();
    }

    @Test
    void hostFollowsTheWholeTranscript() throws ProtocolException {
        HostHandshake host = host();
        assertThat(outputHex(host)).isEmpty();

        assertThat(host.receive(buffer("<06 0A>"), 0)).isEmpty();
        assertThat(outputText(host)).isEqualTo("{\"APP_NOTE\":\"a\\nb \\\"c\\\"\",\"LOG_LEVEL\":\"debug\"}\n");

        BridgeConfig config = host.receive(buffer(SETTINGS + "<0A>"), 0).orElseThrow();
        assertThat(config.appName()).isEqualTo("simple-enclave");
        assertThat(config.watchdog()).isEqualTo(new WatchdogConfig(ID, Duration.ofSeconds(30)));
        assertThat(config.logger()).isEqualTo(new LoggerConfig("debug"));
        assertThat(config.servers()).containsExactly(new ServerTunnel(16, 5001, 8080, ServerTunnel.ANY_ADDRESS, false));
        assertThat(config.clients()).containsExactly(new ClientTunnel(5002, Duration.ofMinutes(5)));
        assertThat(outputHex(host))
                .as("nothing is acknowledged before the tunnels stand")
                .isEmpty();
        assertThat(host.isDone()).isFalse();

        host.accept(0);
        assertThat(outputHex(host)).isEqualTo("06 0A");
        assertThat(host.isDone()).isTrue();
        host.endOfInput(0);
    }

    @Test
    void enclaveFollowsTheWholeTranscript() throws ProtocolException {
        EnclaveHandshake enclave = EnclaveHandshake.start(Limits.DEFAULT, 0);
        assertThat(outputHex(enclave)).isEqualTo("06 0A");

        EnclaveHandshake.Event first = enclave.receive(
                        buffer("{\"LOG_LEVEL\":\"debug\",\"APP_NOTE\":\"a\\nb \\\"c\\\"\"}<0A>"), 0)
                .orElseThrow();
        assertThat(first).isEqualTo(new EnvironmentReceived(ENVIRONMENT));

        enclave.settings(
                BridgeConfig.builder("simple-enclave")
                        .enclaveId(ID)
                        .heartbeat(Duration.ofSeconds(30))
                        .logLevel("debug")
                        .serve(5001, 8080)
                        .outbound(5002)
                        .build()
                        .withEnclaveCid(16),
                0);
        assertThat(outputText(enclave)).isEqualTo(SETTINGS + "\n");

        assertThat(enclave.receive(buffer("<06 0A>"), 0)).contains(new Accepted());
        assertThat(enclave.isDone()).isTrue();
        enclave.endOfInput(0);
    }

    @Test
    void nullListsAreEmpty() throws ProtocolException {
        BridgeConfig config = settingsRead("{\"appName\":\"a\",\"watchdog\":{\"enclaveId\":\"" + ID
                + "\",\"interval\":30000000000},\"logger\":{\"level\":\"\"},\"servers\":null,\"clients\":null}<0A>");
        assertThat(config.servers()).isEmpty();
        assertThat(config.clients()).isEmpty();
        assertThat(config.logger().systemLevel())
                .as("an empty level leaves the level alone")
                .isEmpty();
    }

    @Test
    void missingMembersAreEmptyToo() throws ProtocolException {
        BridgeConfig config =
                settingsRead("{\"watchdog\":{\"enclaveId\":\"" + ID + "\",\"interval\":30000000000}}<0A>");
        assertThat(config.appName()).isEmpty();
        assertThat(config.servers()).isEmpty();
        assertThat(config.logger()).isEqualTo(LoggerConfig.UNCHANGED);
    }

    @Test
    void unknownMembersAreIgnoredWhereverTheyStand() throws ProtocolException {
        String more = "\"later\":{\"deep\":[1,{\"er\":null}],\"n\":1.5e3},";
        String line = SETTINGS.replace("{\"appName\"", "{" + more + "\"appName\"")
                .replace("{\"enclaveId\"", "{" + more + "\"enclaveId\"")
                .replace("{\"level\"", "{" + more + "\"level\"")
                .replace("{\"enclaveCid\"", "{" + more + "\"enclaveCid\"")
                .replace("{\"enclaveDialPort\"", "{" + more + "\"enclaveDialPort\"");
        assertThat(settingsRead(line + "<0A>")).isEqualTo(settingsRead(SETTINGS + "<0A>"));
    }

    @Test
    void zeroRequestTimeoutIsFiveMinutes() throws ProtocolException {
        BridgeConfig config = settingsRead(SETTINGS.replace("300000000000}]", "0}]") + "<0A>");
        assertThat(config.clients()).containsExactly(new ClientTunnel(5002, Duration.ofMinutes(5)));
    }

    @Test
    void anIdWithALineFeedByteIsRead() throws ProtocolException {
        BridgeConfig config =
                settingsRead(SETTINGS.replace(ID.toString(), "0a0c2b64-98a1-4d0a-8f7b-11223344550a") + "<0A>");
        Watchdog watchdog = Watchdog.begin(config.watchdog(), 0);
        Heartbeat heartbeat = watchdog.connect(0);
        assertThat(outputHex(heartbeat)).isEqualTo("0A 0C 2B 64 98 A1 4D 0A 8F 7B 11 22 33 44 55 0A 0A");
        ByteBuffer in = buffer("<0A0C2B64 98A14D0A 8F7B1122 3344550A 0A> <0A0C>");
        assertThat(heartbeat.receive(in, 0)).contains(config.watchdog().enclaveId());
        assertThat(in.remaining()).isEqualTo(3);
    }

    @Test
    void theAllZeroIdIsRefused() throws ProtocolException {
        ProtocolException e = failureOf(
                () -> settingsRead(SETTINGS.replace(ID.toString(), "00000000-0000-0000-0000-000000000000") + "<0A>"));
        assertThat(e.reason()).isEqualTo(Reason.INVALID_MEMBER);
        assertThat(e.member()).contains("watchdog.enclaveId");
        assertThat(e).hasMessageContaining("watchdog.enclaveId must not be all zero");
    }

    @Test
    void anIdThatLooksLikeAHandshakeIsRefused() {
        ProtocolException e = failureOf(
                () -> settingsRead(SETTINGS.replace(ID.toString(), "060a2b64-98a1-4d5e-8f7b-112233445566") + "<0A>"));
        assertThat(e.member()).contains("watchdog.enclaveId");
    }

    @Test
    void endOfInputInPlaceOfTheAcknowledgementIsARefusal() throws ProtocolException {
        EnclaveHandshake enclave = enclaveAwaitingAnswer();
        assertThat(reasonOf(() -> enclave.endOfInput(0))).isEqualTo(Reason.REFUSED);

        EnclaveHandshake cut = enclaveAwaitingAnswer();
        cut.receive(buffer("<06>"), 0);
        assertThat(reasonOf(() -> cut.endOfInput(0))).isEqualTo(Reason.PEER_CLOSED);
    }

    @Test
    void endOfInputEarlierIsALostConnection() throws ProtocolException {
        EnclaveHandshake silent = EnclaveHandshake.start(Limits.DEFAULT, 0);
        assertThat(reasonOf(() -> silent.endOfInput(0))).isEqualTo(Reason.PEER_CLOSED);

        EnclaveHandshake undecided = EnclaveHandshake.start(Limits.DEFAULT, 0);
        undecided.receive(buffer("{}<0A>"), 0);
        assertThat(reasonOf(() -> undecided.endOfInput(0))).isEqualTo(Reason.PEER_CLOSED);

        assertThat(reasonOf(() -> host().endOfInput(0))).isEqualTo(Reason.PEER_CLOSED);
        HostHandshake half = hostAwaitingSettings();
        half.receive(buffer(SETTINGS), 0);
        assertThat(reasonOf(() -> half.endOfInput(0))).isEqualTo(Reason.PEER_CLOSED);
        HostHandshake deciding = hostAwaitingSettings();
        deciding.receive(buffer(SETTINGS + "<0A>"), 0);
        assertThat(reasonOf(() -> deciding.endOfInput(0))).isEqualTo(Reason.PEER_CLOSED);
        assertThat(reasonOf(() -> deciding.accept(0))).as("a failure is final").isEqualTo(Reason.PEER_CLOSED);
        assertThat(outputHex(deciding)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<07>", "<06 0B>", "<0A>", "{", "<00>"})
    void somethingElseThanAnAcknowledgementFails(String bytes) throws ProtocolException {
        assertThat(reasonOf(() -> host().receive(buffer(bytes), 0))).isEqualTo(Reason.BAD_ACKNOWLEDGEMENT);
        EnclaveHandshake enclave = enclaveAwaitingAnswer();
        assertThat(reasonOf(() -> enclave.receive(buffer(bytes), 0))).isEqualTo(Reason.BAD_ACKNOWLEDGEMENT);
        TargetLineClient client = TargetLineClient.start(new Target("a.example", 1), Limits.DEFAULT, 0);
        assertThat(reasonOf(() -> client.receive(buffer(bytes), 0))).isEqualTo(Reason.BAD_ACKNOWLEDGEMENT);
    }

    @Test
    void aRefusalSendsNothing() throws ProtocolException {
        HostHandshake host = hostAwaitingSettings();
        host.receive(buffer(SETTINGS + "<0A>"), 0);
        host.refuse();
        assertThat(outputHex(host)).isEmpty();
        assertThat(host.isDone()).isTrue();
        assertThatThrownBy(() -> host.accept(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void bytesOutOfTurnFail() throws ProtocolException {
        HostHandshake host = hostAwaitingSettings();
        ByteBuffer in = buffer(SETTINGS + "<0A>x");
        assertThat(host.receive(in, 0)).isPresent();
        assertThat(reasonOf(() -> host.receive(in, 0))).isEqualTo(Reason.UNEXPECTED_BYTES);

        EnclaveHandshake enclave = EnclaveHandshake.start(Limits.DEFAULT, 0);
        ByteBuffer both = buffer("{}<0A><06>");
        assertThat(enclave.receive(both, 0)).isPresent();
        assertThat(reasonOf(() -> enclave.receive(both, 0))).isEqualTo(Reason.UNEXPECTED_BYTES);
    }

    @Test
    void callsOutOfTurnAreTheCallersMistake() throws ProtocolException {
        assertThatThrownBy(() -> host().accept(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> host().refuse()).isInstanceOf(IllegalStateException.class);
        BridgeConfig config = BridgeConfig.builder("a").build();
        EnclaveHandshake early = EnclaveHandshake.start(Limits.DEFAULT, 0);
        assertThatThrownBy(() -> early.settings(config, 0)).isInstanceOf(IllegalStateException.class);
        EnclaveHandshake twice = enclaveAwaitingAnswer();
        assertThatThrownBy(() -> twice.settings(config, 0)).isInstanceOf(IllegalStateException.class);
        EnclaveHandshake open = EnclaveHandshake.start(Limits.DEFAULT, 0);
        open.receive(buffer("{}<0A>"), 0);
        assertThatThrownBy(() ->
                        open.settings(BridgeConfig.builder("a").serve(1, 2).build(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("servers[0].enclaveCid");
        open.settings(config, 0);
        assertThat(outputText(open)).endsWith("\"servers\":[],\"clients\":[]}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "\"a\"",
                "{} {}",
                "{}x",
                "{\"A\":\"1\",\"A\":\"2\"}",
                "{\"A\":\"1\",}",
                "{'A':\"1\"}",
                "{\"A\":\"<01>\"}",
                "",
                "<EF BB BF>{}",
                "{\"A\":\"1\"",
                "{\"A\" \"1\"}",
                "/**/{}"
            })
    void whatIsNotOneStrictJsonObjectFails(String line) {
        assertThat(reasonOf(() -> EnclaveHandshake.start(Limits.DEFAULT, 0).receive(buffer(line + "<0A>"), 0)))
                .isEqualTo(Reason.MALFORMED_JSON);
        assertThat(reasonOf(() -> settingsRead(line + "<0A>"))).isEqualTo(Reason.MALFORMED_JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<C0 80>", "<FF>", "<ED A0 80>", "<E2 82>", "<F4 90 80 80>"})
    void whatIsNotUtf8Fails(String bytes) {
        assertThat(reasonOf(() ->
                        EnclaveHandshake.start(Limits.DEFAULT, 0).receive(buffer("{\"A\":\"" + bytes + "\"}<0A>"), 0)))
                .isEqualTo(Reason.MALFORMED_TEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"A\":1}",
                "{\"A\":null}",
                "{\"A\":[\"x\"]}",
                "{\"A\":{\"B\":\"x\"}}",
                "{\"A\":true}",
                "{\"\":\"x\"}",
                "{\"A=B\":\"x\"}",
                "{\"A\":\"\\u0000\"}",
                "{\"A\\u0000\":\"x\"}",
                "{\"A\":\"\\ud800\"}"
            })
    void anEnvironmentHoldsStringsOnly(String line) {
        ProtocolException e =
                failureOf(() -> EnclaveHandshake.start(Limits.DEFAULT, 0).receive(buffer(line + "<0A>"), 0));
        assertThat(e.reason()).isEqualTo(Reason.INVALID_MEMBER);
        assertThat(e.member()).contains("variable 1");
    }

    @Test
    void noFailureRepeatsAValue() {
        for (String line :
                List.of("{\"A\":hunter2}", "{\"A\":\"hunter2\"}hunter2", "{\"A\":[\"hunter2\"]}", "hunter2")) {
            ProtocolException e =
                    failureOf(() -> EnclaveHandshake.start(Limits.DEFAULT, 0).receive(buffer(line + "<0A>"), 0));
            assertThat(e).hasNoCause();
            assertThat(e.toString()).doesNotContain("hunter");
        }
    }

    private static EnclaveHandshake enclaveAwaitingAnswer() throws ProtocolException {
        EnclaveHandshake enclave = EnclaveHandshake.start(Limits.DEFAULT, 0);
        enclave.receive(buffer("{}<0A>"), 0);
        enclave.settings(BridgeConfig.builder("a").build(), 0);
        enclave.pollOutput();
        return enclave;
    }
}
