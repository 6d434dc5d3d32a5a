package io.ebridge.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

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

    @Property(tries = 500)
    void hostHandshake(
            @ForAll @IntRange(max = 3) int kind,
            @ForAll int at,
            @ForAll byte with,
            @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 40) Integer> cuts) {
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

    @Property(tries = 500)
    void enclaveHandshake(
            @ForAll @IntRange(max = 3) int kind,
            @ForAll int at,
            @ForAll byte with,
            @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 20) Integer> cuts) {
        BridgeConfig settings =
                BridgeConfig.builder("a").enclaveId(ID).outbound(5002).build();
        byte[] input = damaged(Wire.bytes("{\"A\":\"b\",\"LONGER\":\"\u00fc\\n\"}<0A 06 0A>"), kind, at, with);
        sameHoweverCut(() -> EnclaveHandshake.start(Limits.DEFAULT, 0), input, cuts, (machine, event) -> {
            if (event instanceof EnclaveHandshake.EnvironmentReceived) {
                ((EnclaveHandshake) machine).settings(settings, 0);
            }
        });
    }

    @Property(tries = 500)
    void targetLine(
            @ForAll @IntRange(max = 3) int kind,
            @ForAll int at,
            @ForAll byte with,
            @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 10) Integer> cuts) {
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

    @Property(tries = 300)
    void heartbeat(
            @ForAll @IntRange(max = 3) int kind,
            @ForAll int at,
            @ForAll byte with,
            @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 30) Integer> cuts) {
        UUID id = UUID.fromString("0a0c2b64-98a1-4d5e-8f7b-11220a44550a");
        byte[] input = damaged(Wire.bytes("<0a0c2b6498a14d5e8f7b11220a44550a0a>".repeat(3)), kind, at, with);
        WatchdogConfig config = new WatchdogConfig(id, Duration.ofSeconds(1));
        sameHoweverCut(() -> Watchdog.begin(config, 0).connect(0), input, cuts, (machine, event) -> {});
    }

    @Property(tries = 500)
    void logLines(
            @ForAll("logBytes") byte[] input, @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 20) Integer> cuts) {
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

    @Provide
    Arbitrary<byte[]> logBytes() {
        Arbitrary<byte[]> piece = Arbitraries.of(
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
                        "0123456789abcdef")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
        Arbitrary<byte[]> raw = Arbitraries.bytes().array(byte[].class).ofMaxSize(4);
        return Arbitraries.oneOf(piece, raw).list().ofMaxSize(40).map(pieces -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            pieces.forEach(out::writeBytes);
            return out.toByteArray();
        });
    }

    @Property(tries = 300)
    void environmentsComeBack(@ForAll("variables") Map<String, String> variables) throws ProtocolException {
        Environment environment = Environment.of(variables);
        byte[] line = EnvironmentJson.write(environment, Limits.DEFAULT);
        assertThat(line[line.length - 1]).isEqualTo((byte) '\n');
        byte[] body = java.util.Arrays.copyOf(line, line.length - 1);
        assertThat(body).doesNotContain((byte) '\n');
        assertThat(EnvironmentJson.read(body, Limits.DEFAULT)).isEqualTo(environment);
    }

    @Provide
    Arbitrary<Map<String, String>> variables() {
        Arbitrary<String> text = Arbitraries.strings().ofMaxLength(20).filter(Environment::isValue);
        return Arbitraries.maps(text.filter(Environment::isName), text).ofMaxSize(20);
    }

    @Property(tries = 300)
    void settingsComeBack(
            @ForAll @Size(max = 5) Map<@IntRange(min = 1, max = 65535) Integer, @IntRange(min = 1) Integer> ways,
            @ForAll @Size(max = 5) Map<@IntRange(min = 1) Integer, @IntRange(min = 1) Integer> out,
            @ForAll boolean proxy)
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

    @Property(tries = 300)
    void addressesAreReadAsTheJdkWritesThem(@ForAll @Size(16) byte[] bytes) {
        String v6 = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> Integer.toHexString((bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF))
                .collect(java.util.stream.Collectors.joining(":"));
        assertThat(IpLiterals.parse(v6)).isEqualTo(bytes);
        byte[] four = java.util.Arrays.copyOf(bytes, 4);
        assertThat(IpLiterals.parse(IpLiterals.address(four).getHostAddress())).isEqualTo(four);
    }
}
