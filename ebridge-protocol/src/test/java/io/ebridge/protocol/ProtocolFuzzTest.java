package io.ebridge.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * One target for each decoder. Each compares the input in one piece with the input in pieces, so a difference counts as a finding, as does
 * any exception that the contract does not name.
 */
class ProtocolFuzzTest {
    private static final Limits LIMITS = Limits.builder()
            .environmentBytes(4096)
            .settingsBytes(4096)
            .targetLineBytes(300)
            .logLineBytes(64)
            .build();
    private static final UUID ID = UUID.fromString("3f0c2b64-98a1-4d5e-8f7b-112233445566");

    private static List<Integer> cuts(FuzzedDataProvider data) {
        List<Integer> cuts = new ArrayList<>();
        int count = data.consumeInt(0, 8);
        for (int i = 0; i < count; i++) {
            cuts.add(data.consumeInt(1, 64));
        }
        return cuts;
    }

    @FuzzTest
    void host(FuzzedDataProvider data) {
        List<Integer> cuts = cuts(data);
        byte[] input = data.consumeRemainingAsBytes();
        HostHandshake whole = HostHandshake.start(Environment.EMPTY, LIMITS, 0);
        HostHandshake cut = HostHandshake.start(Environment.EMPTY, LIMITS, 0);
        assertThat(Wire.minutes(cut, input, cuts, config -> cut.accept(0)))
                .isEqualTo(Wire.minutes(whole, input, List.of(), config -> whole.accept(0)));
    }

    @FuzzTest
    void enclave(FuzzedDataProvider data) {
        BridgeConfig settings = BridgeConfig.builder("a").enclaveId(ID).build();
        List<Integer> cuts = cuts(data);
        byte[] input = data.consumeRemainingAsBytes();
        EnclaveHandshake whole = EnclaveHandshake.start(LIMITS, 0);
        EnclaveHandshake cut = EnclaveHandshake.start(LIMITS, 0);
        assertThat(Wire.minutes(cut, input, cuts, event -> answer(cut, event, settings)))
                .isEqualTo(Wire.minutes(whole, input, List.of(), event -> answer(whole, event, settings)));
    }

    private static void answer(EnclaveHandshake machine, EnclaveHandshake.Event event, BridgeConfig settings)
            throws ProtocolException {
        if (event instanceof EnclaveHandshake.EnvironmentReceived) {
            machine.settings(settings, 0);
        }
    }

    @FuzzTest
    void settings(byte[] input) {
        try {
            BridgeConfig config = SettingsJson.read(input, LIMITS);
            assertThat(BridgeConfig.fromJson(config.toJson(), Limits.DEFAULT)).isEqualTo(config);
        } catch (ProtocolException e) {
            assertThat(e.reason() == ProtocolException.Reason.INVALID_MEMBER)
                    .isEqualTo(e.member().isPresent());
        }
    }

    @FuzzTest
    void environment(byte[] input) {
        try {
            Environment environment = EnvironmentJson.read(input, LIMITS);
            byte[] line = EnvironmentJson.write(environment, Limits.DEFAULT);
            assertThat(EnvironmentJson.read(java.util.Arrays.copyOf(line, line.length - 1), Limits.DEFAULT))
                    .isEqualTo(environment);
        } catch (ProtocolException e) {
            assertThat(e).hasNoCause();
        }
    }

    @FuzzTest
    void target(FuzzedDataProvider data) {
        List<Integer> cuts = cuts(data);
        byte[] input = data.consumeRemainingAsBytes();
        TargetLineServer whole = TargetLineServer.start(LIMITS, 0);
        TargetLineServer cut = TargetLineServer.start(LIMITS, 0);
        List<String> expected = Wire.minutes(whole, input, List.of(), target -> {
            assertThat(Target.parse(target.toString())).isEqualTo(target);
            whole.connected();
        });
        assertThat(Wire.minutes(cut, input, cuts, target -> cut.connected())).isEqualTo(expected);
        TargetLineClient client = TargetLineClient.start(new Target("a.example", 1), LIMITS, 0);
        TargetLineClient other = TargetLineClient.start(new Target("a.example", 1), LIMITS, 0);
        assertThat(Wire.minutes(other, input, cuts, target -> {}))
                .isEqualTo(Wire.minutes(client, input, List.of(), target -> {}));
    }

    @FuzzTest
    void heartbeat(FuzzedDataProvider data) {
        WatchdogConfig config = new WatchdogConfig(ID, Duration.ofSeconds(1));
        List<Integer> cuts = cuts(data);
        byte[] input = data.consumeRemainingAsBytes();
        assertThat(Wire.minutes(Watchdog.begin(config, 0).connect(0), input, cuts, id -> {}))
                .isEqualTo(Wire.minutes(Watchdog.begin(config, 0).connect(0), input, List.of(), id -> {}));
    }

    @FuzzTest
    void initConnection(byte[] input) {
        ByteBuffer buffer = ByteBuffer.wrap(input);
        boolean known = InitConnection.of(buffer).isPresent();
        assertThat(known).isEqualTo(input.length >= 2 || input.length == 1 && input[0] != 6);
        assertThat(buffer.position()).isZero();
    }

    @FuzzTest
    void log(FuzzedDataProvider data) {
        int[] cuts = cuts(data).stream().mapToInt(Integer::intValue).toArray();
        byte[] input = data.consumeRemainingAsBytes();
        List<LogLine> lines = LogLinesTest.lines(LIMITS, input);
        assertThat(LogLinesTest.lines(LIMITS, input, cuts)).isEqualTo(lines);
        for (LogLine line : lines) {
            assertThat(line.text().length()).isLessThanOrEqualTo(4 * 64);
            assertThat(line.text().codePoints().allMatch(c -> c == '\t' || !Text.mustEscape(c)))
                    .isTrue();
        }
    }
}
