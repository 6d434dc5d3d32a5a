package io.ebridge.protocol;

import static io.ebridge.protocol.Wire.SECOND;
import static io.ebridge.protocol.Wire.buffer;
import static io.ebridge.protocol.Wire.failureOf;
import static io.ebridge.protocol.Wire.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Every limit, just reached and just passed. */
class LimitsTest {
    private static final UUID ID = UUID.fromString("3f0c2b64-98a1-4d5e-8f7b-112233445566");

    private static String settings(String rest) {
        return settings(30_000_000_000L, rest);
    }

    private static String settings(long interval, String rest) {
        return "{\"watchdog\":{\"enclaveId\":\"" + ID + "\",\"interval\":" + interval + "}" + rest + "}";
    }

    private static Optional<BridgeConfig> read(String line, Limits limits) throws ProtocolException {
        HostHandshake host = HostHandshake.start(Environment.EMPTY, limits, 0);
        return host.receive(buffer("<06 0A>" + line), 0);
    }

    private static byte[] environmentLine(int bodyBytes) {
        byte[] line = new byte[bodyBytes + 1];
        Arrays.fill(line, (byte) 'v');
        byte[] head = Wire.bytes("{\"A\":\"");
        System.arraycopy(head, 0, line, 0, head.length);
        System.arraycopy(Wire.bytes("\"}<0A>"), 0, line, bodyBytes - 2, 3);
        return line;
    }

    @Test
    void defaultsAreThoseOfTheWire() {
        assertThat(Limits.DEFAULT.environmentBytes()).isEqualTo(1_048_576);
        assertThat(Limits.DEFAULT.settingsBytes()).isEqualTo(262_144);
        assertThat(Limits.DEFAULT.targetLineBytes()).isEqualTo(512);
        assertThat(Limits.DEFAULT.handshakeStep()).isEqualTo(Duration.ofSeconds(10));
        assertThat(Limits.builder().build()).isEqualTo(Limits.DEFAULT);
        assertThat(Limits.DEFAULT.toBuilder().build()).isEqualTo(Limits.DEFAULT);
    }

    @Test
    void environmentOfTheDefaultLimitPassesAndOneByteMoreDoesNot() throws ProtocolException {
        EnclaveHandshake enclave = EnclaveHandshake.start(Limits.DEFAULT, 0);
        assertThat(enclave.receive(ByteBuffer.wrap(environmentLine(1 << 20)), 0))
                .isPresent();

        ByteBuffer endless = ByteBuffer.wrap(environmentLine((1 << 20) + 1)).limit((1 << 20) + 1);
        assertThat(reasonOf(() -> EnclaveHandshake.start(Limits.DEFAULT, 0).receive(endless, 0)))
                .as("without waiting for the line feed")
                .isEqualTo(Reason.TOO_LONG);
    }

    @Test
    void hostKeepsItsOwnEnvironmentWithinTheLimits() {
        Limits limits =
                Limits.builder().environmentBytes(20).environmentVariables(1).build();
        HostHandshake.start(Environment.of(Map.of("A", "x".repeat(12))), limits, 0);
        assertThatThrownBy(() -> HostHandshake.start(Environment.of(Map.of("A", "x".repeat(13))), limits, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("longer than 20 bytes");
        assertThatThrownBy(() -> HostHandshake.start(Environment.of(Map.of("A", "", "B", "")), limits, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than 1 variables");
    }

    @Test
    void tooManyVariablesFail() throws ProtocolException {
        Limits limits = Limits.builder().environmentVariables(2).build();
        assertThat(EnclaveHandshake.start(limits, 0).receive(buffer("{\"A\":\"\",\"B\":\"\"}<0A>"), 0))
                .isPresent();
        assertThat(reasonOf(() ->
                        EnclaveHandshake.start(limits, 0).receive(buffer("{\"A\":\"\",\"B\":\"\",\"C\":\"\"}<0A>"), 0)))
                .isEqualTo(Reason.INVALID_MEMBER);
    }

    @Test
    void settingsOfTheDefaultLimitPassAndOneByteMoreDoesNot() throws ProtocolException {
        String frame = settings(",\"x\":\"\"");
        String fits = settings(",\"x\":\"" + "y".repeat((256 << 10) - frame.length()) + "\"");
        assertThat(fits).hasSize(256 << 10);
        assertThat(read(fits + "<0A>", Limits.DEFAULT)).isPresent();
        assertThat(reasonOf(() -> read(fits + " ", Limits.DEFAULT))).isEqualTo(Reason.TOO_LONG);
        assertThat(BridgeConfig.fromJson(fits, Limits.DEFAULT).servers()).isEmpty();
        assertThat(reasonOf(() -> BridgeConfig.fromJson(fits + " ", Limits.DEFAULT)))
                .isEqualTo(Reason.TOO_LONG);
    }

    @Test
    void enclaveKeepsItsOwnSettingsWithinTheLimits() throws ProtocolException {
        EnclaveHandshake enclave =
                EnclaveHandshake.start(Limits.builder().settingsBytes(100).build(), 0);
        enclave.receive(buffer("{}<0A>"), 0);
        assertThatThrownBy(() -> enclave.settings(BridgeConfig.builder("a").build(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("longer than 100");
        EnclaveHandshake slow = EnclaveHandshake.start(Limits.DEFAULT, 0);
        slow.receive(buffer("{}<0A>"), 0);
        assertThatThrownBy(() -> slow.settings(
                        BridgeConfig.builder("a").heartbeat(Duration.ofHours(2)).build(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("watchdog.interval");
    }

    @Test
    void deepNestingFails() throws ProtocolException {
        // One object around it and 31 arrays are 32 levels.
        assertThat(read(settings(",\"x\":" + "[".repeat(31) + "]".repeat(31)) + "<0A>", Limits.DEFAULT))
                .isPresent();
        assertThat(reasonOf(() -> read(settings(",\"x\":" + "[".repeat(32) + "]".repeat(32)) + "<0A>", Limits.DEFAULT)))
                .isEqualTo(Reason.MALFORMED_JSON);
        assertThat(reasonOf(() -> read(settings(",\"x\":" + "[".repeat(200_000)) + "<0A>", Limits.DEFAULT)))
                .isEqualTo(Reason.MALFORMED_JSON);
    }

    @Test
    void hugeNumbersFail() {
        assertThat(reasonOf(() -> read(settings(",\"appName\":" + "9".repeat(100_000)) + "<0A>", Limits.DEFAULT)))
                .isIn(Reason.INVALID_MEMBER, Reason.MALFORMED_JSON);
        ProtocolException e = failureOf(() -> read(
                "{\"watchdog\":{\"enclaveId\":\"" + ID + "\",\"interval\":9223372036854775808}}<0A>", Limits.DEFAULT));
        assertThat(e.member()).contains("watchdog.interval");
    }

    @Test
    void tooManyTunnelsFail() throws ProtocolException {
        Limits limits = Limits.builder().tunnels(1).build();
        String server = "{\"enclaveCid\":16,\"enclaveListenPort\":1,\"bridgeTcpPort\":0}";
        assertThat(read(settings(",\"servers\":[" + server + "]") + "<0A>", limits))
                .isPresent();
        ProtocolException e =
                failureOf(() -> read(settings(",\"servers\":[" + server + "," + server + "]") + "<0A>", limits));
        assertThat(e.member()).contains("servers");
        BridgeConfig two = BridgeConfig.builder("a").outbound(1).outbound(2).build();
        assertThatThrownBy(() -> two.requireWithin(limits)).hasMessageContaining("clients");
        BridgeConfig ways = BridgeConfig.builder("a").serve(1, 1).serve(1, 2).build();
        assertThatThrownBy(() -> ways.requireWithin(limits)).hasMessageContaining("servers");
    }

    @Test
    void intervalsAreBounded() throws ProtocolException {
        assertThat(read(settings(100_000_000L, "") + "<0A>", Limits.DEFAULT)).isPresent();
        assertThat(read(settings(3_600_000_000_000L, "") + "<0A>", Limits.DEFAULT))
                .isPresent();
        for (long interval : new long[] {99_999_999L, 3_600_000_000_001L, 0, -1}) {
            ProtocolException e = failureOf(() -> read(settings(interval, "") + "<0A>", Limits.DEFAULT));
            assertThat(e.reason()).isEqualTo(Reason.INVALID_MEMBER);
            assertThat(e.member()).contains("watchdog.interval");
        }
    }

    @Test
    void requestTimeoutsAreBounded() throws ProtocolException {
        String client = ",\"clients\":[{\"enclaveDialPort\":5002,\"requestTimeout\":%d}]";
        assertThat(read(settings(client.formatted(86_400_000_000_000L)) + "<0A>", Limits.DEFAULT))
                .isPresent();
        for (long timeout : new long[] {86_400_000_000_001L, -1}) {
            ProtocolException e = failureOf(() -> read(settings(client.formatted(timeout)) + "<0A>", Limits.DEFAULT));
            assertThat(e.member()).contains("clients[0].requestTimeout");
        }
    }

    @Test
    void everyStepOfTheHostEndsAfterTenSeconds() throws ProtocolException {
        HostHandshake silent = HostHandshake.start(Environment.EMPTY, Limits.DEFAULT, 0);
        assertThat(silent.timeLeft(4 * SECOND)).contains(Duration.ofSeconds(6));
        silent.tick(10 * SECOND - 1);
        assertThat(silent.timeLeft(10 * SECOND + 5)).contains(Duration.ZERO);
        assertThat(reasonOf(() -> silent.tick(10 * SECOND))).isEqualTo(Reason.TIMEOUT);
        assertThat(silent.timeLeft(0)).isEmpty();
        assertThat(silent.failure()).isPresent();

        // A step's time starts with the step, and bytes that trickle in do not prolong it.
        HostHandshake trickle = HostHandshake.start(Environment.EMPTY, Limits.DEFAULT, 0);
        trickle.receive(buffer("<06 0A>"), 9 * SECOND);
        trickle.receive(buffer("{"), 12 * SECOND);
        trickle.receive(buffer(" "), 18 * SECOND);
        assertThat(trickle.timeLeft(18 * SECOND)).contains(Duration.ofSeconds(1));
        assertThat(reasonOf(() -> trickle.receive(buffer(" "), 19 * SECOND))).isEqualTo(Reason.TIMEOUT);

        HostHandshake undecided = HostHandshake.start(Environment.EMPTY, Limits.DEFAULT, 0);
        undecided.receive(buffer("<06 0A>" + settings("") + "<0A>"), 0);
        undecided.pollOutput();
        assertThat(reasonOf(() -> undecided.accept(10 * SECOND))).isEqualTo(Reason.TIMEOUT);
        assertThat(undecided.pollOutput()).isEmpty();
    }

    @Test
    void everyWaitOfTheEnclaveEndsAfterTenSeconds() throws ProtocolException {
        EnclaveHandshake silent = EnclaveHandshake.start(Limits.DEFAULT, 0);
        assertThat(reasonOf(() -> silent.tick(10 * SECOND))).isEqualTo(Reason.TIMEOUT);

        EnclaveHandshake enclave = EnclaveHandshake.start(Limits.DEFAULT, 0);
        enclave.receive(buffer("{}<0A>"), 5 * SECOND);
        assertThat(enclave.timeLeft(5 * SECOND))
                .as("the application's own time")
                .isEmpty();
        enclave.tick(100 * SECOND);
        enclave.settings(BridgeConfig.builder("a").build(), 100 * SECOND);
        enclave.tick(110 * SECOND - 1);
        assertThat(reasonOf(() -> enclave.endOfInput(110 * SECOND))).isEqualTo(Reason.TIMEOUT);
    }

    @Test
    void timeMayWrapAround() throws ProtocolException {
        long start = Long.MAX_VALUE - SECOND;
        HostHandshake host = HostHandshake.start(Environment.EMPTY, Limits.DEFAULT, start);
        host.tick(start + 9 * SECOND);
        assertThat(host.timeLeft(start + 9 * SECOND)).contains(Duration.ofSeconds(1));
        assertThat(reasonOf(() -> host.tick(start + 10 * SECOND))).isEqualTo(Reason.TIMEOUT);
    }

    @Test
    void targetLinesHaveALengthAndATime() throws ProtocolException {
        Limits limits = Limits.builder()
                .targetLineBytes(13)
                .targetLineTime(Duration.ofSeconds(2))
                .targetReplyTime(Duration.ofSeconds(3))
                .build();
        assertThat(TargetLineServer.start(limits, 0).receive(buffer("a.example:123<0A>"), 0))
                .contains(new Target("a.example", 123));
        assertThat(reasonOf(() -> TargetLineServer.start(limits, 0).receive(buffer("a.example:1234"), 0)))
                .isEqualTo(Reason.TOO_LONG);
        assertThat(reasonOf(() -> TargetLineServer.start(Limits.DEFAULT, 0).receive(buffer("a".repeat(513)), 0)))
                .isEqualTo(Reason.TOO_LONG);
        assertThat(reasonOf(
                        () -> TargetLineServer.start(Limits.DEFAULT, 0).receive(buffer("a".repeat(512) + "<0A>"), 0)))
                .isEqualTo(Reason.INVALID_TARGET);
        assertThat(reasonOf(() -> TargetLineServer.start(limits, 0).tick(2 * SECOND)))
                .isEqualTo(Reason.TIMEOUT);
        assertThat(reasonOf(() -> TargetLineClient.start(new Target("a.example", 1), limits, 0)
                        .tick(3 * SECOND)))
                .isEqualTo(Reason.TIMEOUT);
        assertThatThrownBy(() -> TargetLineClient.start(new Target("a.example", 1234), limits, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void limitsThemselvesHaveBounds() {
        Map<String, Runnable> wrong = new HashMap<>();
        wrong.put("environmentBytes", () -> Limits.builder().environmentBytes(0).build());
        wrong.put(
                "environmentVariables",
                () -> Limits.builder().environmentVariables(-1).build());
        wrong.put(
                "settingsBytes",
                () -> Limits.builder().settingsBytes((64 << 20) + 1).build());
        wrong.put("tunnels", () -> Limits.builder().tunnels(65_536).build());
        wrong.put("targetLineBytes", () -> Limits.builder().targetLineBytes(7).build());
        wrong.put("logLineBytes", () -> Limits.builder().logLineBytes(15).build());
        wrong.put(
                "handshakeStep",
                () -> Limits.builder().handshakeStep(Duration.ZERO).build());
        wrong.put(
                "targetLineTime",
                () -> Limits.builder().targetLineTime(Duration.ofDays(31)).build());
        wrong.put(
                "targetReplyTime",
                () -> Limits.builder().targetReplyTime(Duration.ofMillis(-1)).build());
        wrong.put("minHeartbeat", () -> Limits.builder()
                .heartbeat(Duration.ofSeconds(2), Duration.ofSeconds(1))
                .build());
        wrong.put("maxHeartbeat", () -> Limits.builder()
                .heartbeat(Duration.ofSeconds(2), Duration.ofDays(31))
                .build());
        wrong.put(
                "maxRequestTimeout",
                () -> Limits.builder().maxRequestTimeout(Duration.ZERO).build());
        assertThat(wrong).hasSize(Limits.class.getRecordComponents().length);
        wrong.forEach((name, build) -> assertThatThrownBy(build::run)
                .as(name)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name));
    }

    @Test
    void logLinesHaveALength() {
        LogLines lines = new LogLines(Limits.builder().logLineBytes(16).build());
        assertThat(lines.receive(buffer("0123456789abcdef<0A>")))
                .contains(new LogLine("0123456789abcdef", LogLine.Part.WHOLE));
        ByteBuffer longer = buffer("0123456789abcdefg<0A>");
        assertThat(List.of(
                        lines.receive(longer).orElseThrow(),
                        lines.receive(longer).orElseThrow()))
                .containsExactly(
                        new LogLine("0123456789abcdef", LogLine.Part.FIRST), new LogLine("g", LogLine.Part.LAST));
    }
}
