package io.ebridge.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.draw.Draw;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** However input is cut, events, outputs and failures are the same; and what is written is read back. */
class SplitPropertyTest {
    private static final UUID ID = UUID.fromString("3f0c2b64-98a1-4d5e-8f7b-112233445566");
    private static final String SETTINGS = "{\"appName\":\"a\",\"watchdog\":{\"enclaveId\":\"" + ID
            + "\",\"interval\":30000000000},\"servers\":null,\"clients\":[{\"enclaveDialPort\":5002}]}";

    private static <E> void sameHoweverCut(
            Supplier<StateMachine<E>> machine, byte[] input, List<Integer> cuts, Mistake<E> reaction) {
        StateMachine<E> whole = machine.get();
        List<String> expected = Wire.minutes(whole, input, List.of(), event -> reaction.on(whole, event));
        StateMachine<E> cut = machine.get();
        assertThat(Wire.minutes(cut, input, cuts, event -> reaction.on(cut, event)))
                .isEqualTo(expected);
        StateMachine<E> single = machine.get();
        List<Integer> ones = java.util.Collections.nCopies(input.length, 1);
        assertThat(Wire.minutes(single, input, ones, event -> reaction.on(single, event)))
                .isEqualTo(expected);
    }

    private interface Mistake<E> {
        void on(StateMachine<E> machine, E event) throws ProtocolException;
    }

    /** A good input, perhaps with one byte changed, put in or taken out. */
    private static byte[] damaged(byte[] good, int kind, int at, byte with) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int place = Math.floorMod(at, good.length);
        out.write(good, 0, place);
        switch (kind) {
            case 1 -> out.write(with);
            case 2 -> {
                out.write(with);
                out.write(good[place]);
            }
            case 3 -> {}
            default -> out.write(good[place]);
        }
        out.write(good, place + 1, good.length - place - 1);
        return out.toByteArray();
    }

    private static List<Integer> cuts(Draw draw, int most, int longest) {
        return draw.list(most, () -> draw.between(1, longest));
    }

    @Test
    void hostHandshake() {
        Draw.cases(
                500,
                draw -> hostHandshake(
                        draw.between(0, 3), draw.between(0, Integer.MAX_VALUE), draw.bytes(1)[0], cuts(draw, 60, 40)));
    }

    private static void hostHandshake(int kind, int at, byte with, List<Integer> cuts) {
        byte[] input = damaged(Wire.bytes("<06 0A>" + SETTINGS + "<0A>"), kind, at, with);
        sameHoweverCut(
                () -> HostHandshake.start(Environment.of(Map.of("A", "b")), Limits.DEFAULT, 0),
                input,
                cuts,
                (machine, event) -> {
                    if (!event.clients().isEmpty()) {
                        ((HostHandshake) machine).accept(0);
                    }
                });
    }

    @Test
    void enclaveHandshake() {
        Draw.cases(
                500,
                draw -> enclaveHandshake(
                        draw.between(0, 3), draw.between(0, Integer.MAX_VALUE), draw.bytes(1)[0], cuts(draw, 30, 20)));
    }

    private static void enclaveHandshake(int kind, int at, byte with, List<Integer> cuts) {
        BridgeConfig settings =
                BridgeConfig.builder("a").enclaveId(ID).outbound(5002).build();
        byte[] input = damaged(Wire.bytes("{\"A\":\"b\",\"LONGER\":\"\u00fc\\n\"}<0A 06 0A>"), kind, at, with);
        sameHoweverCut(() -> EnclaveHandshake.start(Limits.DEFAULT, 0), input, cuts, (machine, event) -> {
            if (event instanceof EnclaveHandshake.EnvironmentReceived) {
                ((EnclaveHandshake) machine).settings(settings, 0);
            }
        });
    }

    @Test
    void targetLine() {
        Draw.cases(
                500,
                draw -> targetLine(
                        draw.between(0, 3), draw.between(0, Integer.MAX_VALUE), draw.bytes(1)[0], cuts(draw, 30, 10)));
    }

    private static void targetLine(int kind, int at, byte with, List<Integer> cuts) {
        byte[] line = damaged(Wire.bytes("kms.example.com:443<0A>stream<0A>behind"), kind, at, with);
        sameHoweverCut(
                () -> TargetLineServer.start(Limits.DEFAULT, 0), line, cuts, (machine, event) -> ((TargetLineServer)
                                machine)
                        .connected());
        byte[] answer = damaged(Wire.bytes("<06 0A>stream"), kind, at, with);
        sameHoweverCut(
                () -> TargetLineClient.start(new Target("a.example", 1), Limits.DEFAULT, 0),
                answer,
                cuts,
                (machine, event) -> {});
    }

    @Test
    void heartbeat() {
        Draw.cases(
                300,
                draw -> heartbeat(
                        draw.between(0, 3), draw.between(0, Integer.MAX_VALUE), draw.bytes(1)[0], cuts(draw, 30, 30)));
    }

    private static void heartbeat(int kind, int at, byte with, List<Integer> cuts) {
        UUID id = UUID.fromString("0a0c2b64-98a1-4d5e-8f7b-11220a44550a");
        byte[] input = damaged(Wire.bytes("<0a0c2b6498a14d5e8f7b11220a44550a0a>".repeat(3)), kind, at, with);
        WatchdogConfig config = new WatchdogConfig(id, Duration.ofSeconds(1));
        sameHoweverCut(() -> Watchdog.begin(config, 0).connect(0), input, cuts, (machine, event) -> {});
    }

    @Test
    void logLines() {
        Draw.cases(500, draw -> logLines(logBytes(draw), cuts(draw, 40, 20)));
    }

    private static void logLines(byte[] input, List<Integer> cuts) {
        Limits limits = Limits.builder().logLineBytes(16).build();
        int[] places = cuts.stream().mapToInt(Integer::intValue).toArray();
        List<LogLine> whole = LogLinesTest.lines(limits, input);
        assertThat(LogLinesTest.lines(limits, input, places)).isEqualTo(whole);
        assertThat(whole).allSatisfy(line -> {
            assertThat(line.text().codePoints().filter(c -> c != '\t').noneMatch(Text::mustEscape))
                    .isTrue();
            assertThat(line.text()).hasSizeLessThanOrEqualTo(4 * 16);
        });
    }

    private static byte[] logBytes(Draw draw) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = draw.between(0, 40); i > 0; i--) {
            String piece = draw.oneOf(
                    "x",
                    "word ",
                    "\n",
                    "\r\n",
                    "\u00fc",
                    "\u20ac",
                    "\ud83d\ude00",
                    "\u001b[31m",
                    "\u202e",
                    "\t",
                    "0123456789abcdef");
            out.writeBytes(
                    draw.oneOf(true, false) ? piece.getBytes(StandardCharsets.UTF_8) : draw.bytes(draw.between(0, 4)));
        }
        return out.toByteArray();
    }

    @Test
    void environmentsComeBack() {
        Draw.cases(300, draw -> {
            Map<String, String> variables = new HashMap<>();
            for (int i = draw.between(0, 20); i > 0; i--) {
                String name = draw.text(20);
                String value = draw.text(20);
                if (Environment.isName(name) && Environment.isValue(value)) {
                    variables.put(name, value);
                }
            }
            comesBack(variables);
        });
    }

    private static void comesBack(Map<String, String> variables) throws ProtocolException {
        Environment environment = Environment.of(variables);
        byte[] line = EnvironmentJson.write(environment, Limits.DEFAULT);
        assertThat(line[line.length - 1]).isEqualTo((byte) '\n');
        byte[] body = java.util.Arrays.copyOf(line, line.length - 1);
        assertThat(body).doesNotContain((byte) '\n');
        assertThat(EnvironmentJson.read(body, Limits.DEFAULT)).isEqualTo(environment);
    }

    @Test
    void settingsComeBack() {
        Draw.cases(300, draw -> {
            Map<Integer, Integer> ways = new HashMap<>();
            for (int i = draw.between(0, 5); i > 0; i--) {
                ways.put(draw.between(1, 65535), draw.between(1, Integer.MAX_VALUE));
            }
            Map<Integer, Integer> out = new HashMap<>();
            for (int i = draw.between(0, 5); i > 0; i--) {
                out.put(draw.between(1, Integer.MAX_VALUE), draw.between(1, Integer.MAX_VALUE));
            }
            comeBack(ways, out, draw.oneOf(true, false));
        });
    }

    private static void comeBack(Map<Integer, Integer> ways, Map<Integer, Integer> out, boolean proxy)
            throws ProtocolException {
        BridgeConfig.Builder builder = BridgeConfig.builder("\u00fc \"quoted\"").heartbeat(Duration.ofSeconds(7));
        new HashMap<>(ways)
                .forEach((tcp, vsock) -> builder.serve(ServerTunnel.builder(vsock, tcp)
                        .enclaveCid(16)
                        .proxyProtocol(proxy)
                        .build()));
        out.forEach((port, nanos) -> builder.outbound(new ClientTunnel(port, Duration.ofNanos(nanos))));
        BridgeConfig config = builder.build();
        assertThat(BridgeConfig.fromJson(config.toJson(), Limits.DEFAULT)).isEqualTo(config);
    }

    @Test
    void addressesAreReadAsTheJdkWritesThem() {
        Draw.cases(300, draw -> readAsTheJdkWritesThem(draw.bytes(16)));
    }

    private static void readAsTheJdkWritesThem(byte[] bytes) {
        String v6 = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> Integer.toHexString((bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF))
                .collect(java.util.stream.Collectors.joining(":"));
        assertThat(IpLiterals.parse(v6)).isEqualTo(bytes);
        byte[] four = java.util.Arrays.copyOf(bytes, 4);
        assertThat(IpLiterals.parse(IpLiterals.address(four).getHostAddress())).isEqualTo(four);
    }
}
