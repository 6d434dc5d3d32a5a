package io.ebridge.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every example of the documentation, compiled and run. */
class ExamplesTest {
    private static final String SETTINGS =
            "{\"watchdog\":{\"enclaveId\":\"3f0c2b64-98a1-4d5e-8f7b-112233445566\",\"interval\":30000000000}}";

    private final List<String> did = new ArrayList<>();

    private void write(ByteBuffer bytes) {
        did.add("wrote " + Wire.text(bytes).strip());
    }

    private void start(BridgeConfig config) {
        did.add("started " + config.watchdog().enclaveId());
    }

    private void close() {
        did.add("closed");
    }

    private void ready() {
        did.add("ready");
    }

    private void onEvent(UUID id) {
        did.add("event " + id);
    }

    private void callTickIn(Duration time) {
        did.add("tick in " + time.toSeconds());
    }

    private static BridgeConfig settingsFor(Environment environment) {
        return BridgeConfig.builder(environment.get("NAME").orElseThrow()).build();
    }

    @Test
    void packagePage() throws ProtocolException {
        long now = System.nanoTime();
        Environment environment = Environment.allow("APP_").apply(Map.of("APP_PORT", "8080", "HOME", "/root"));
        HostHandshake host = HostHandshake.start(environment, Limits.DEFAULT, now);
        EnclaveHandshake enclave = EnclaveHandshake.start(Limits.DEFAULT, now);

        host.receive(enclave.pollOutput().orElseThrow(), now);
        EnclaveHandshake.Event event =
                enclave.receive(host.pollOutput().orElseThrow(), now).orElseThrow();
        Environment received = ((EnclaveHandshake.EnvironmentReceived) event).environment();
        int port = Integer.parseInt(received.get("APP_PORT").orElseThrow());

        BridgeConfig settings =
                BridgeConfig.builder("orders").serve(5001, port).outbound(5002).build();
        enclave.settings(settings.withEnclaveCid(16), now);
        BridgeConfig asked =
                host.receive(enclave.pollOutput().orElseThrow(), now).orElseThrow();
        host.accept(now);
        event = enclave.receive(host.pollOutput().orElseThrow(), now).orElseThrow();

        assertThat(event).isEqualTo(new EnclaveHandshake.Accepted());
        assertThat(asked).isEqualTo(settings.withEnclaveCid(16));
        assertThat(received.names()).containsExactly("APP_PORT");
    }

    @Test
    void stateMachine() throws ProtocolException {
        StateMachine<UUID> machine = Watchdog.begin(WatchdogConfig.every(Duration.ofHours(1)), System.nanoTime())
                .connect(System.nanoTime());
        ByteBuffer in = machine.pollOutput().orElseThrow();

        while (in.hasRemaining() && !machine.isDone()) {
            machine.receive(in, System.nanoTime()).ifPresent(this::onEvent);
        }
        machine.pollOutput().ifPresent(this::write);
        machine.timeLeft(System.nanoTime()).ifPresent(this::callTickIn);

        assertThat(did).hasSize(2);
        assertThat(did.get(0)).startsWith("event ");
        assertThat(did.get(1)).startsWith("tick in 17");
    }

    @Test
    void hostHandshake() throws ProtocolException {
        Environment environment = Environment.of(Map.of("A", "b"));
        HostHandshake handshake = HostHandshake.start(environment, Limits.DEFAULT, System.nanoTime());
        for (ByteBuffer in : List.of(Wire.buffer("<06 0A>"), Wire.buffer(SETTINGS + "<0A>"))) {
            Optional<BridgeConfig> settings = handshake.receive(in, System.nanoTime());
            if (settings.isPresent()) {
                start(settings.get());
                handshake.accept(System.nanoTime());
            }
            handshake.pollOutput().ifPresent(this::write);
            if (handshake.isDone()) {
                close();
            }
        }
        assertThat(did)
                .containsExactly(
                        "wrote {\"A\":\"b\"}",
                        "started 3f0c2b64-98a1-4d5e-8f7b-112233445566",
                        "wrote \u0006",
                        "closed");
    }

    @Test
    void enclaveHandshake() throws ProtocolException {
        EnclaveHandshake handshake = EnclaveHandshake.start(Limits.DEFAULT, System.nanoTime());
        for (ByteBuffer in : List.of(Wire.buffer("{\"NAME\":\"orders\"}<0A>"), Wire.buffer("<06 0A>"))) {
            EnclaveHandshake.Event event =
                    handshake.receive(in, System.nanoTime()).orElse(null);
            if (event instanceof EnclaveHandshake.EnvironmentReceived received) {
                handshake.settings(settingsFor(received.environment()), System.nanoTime());
            } else if (event instanceof EnclaveHandshake.Accepted) {
                ready();
            }
        }
        assertThat(did).containsExactly("ready");
        assertThat(Wire.outputText(handshake)).contains("{\"appName\":\"orders\",");
    }

    @Test
    void environment() {
        record Settings(int port, Duration timeout, Optional<URI> upstream) {}

        Environment environment = Environment.of(Map.of("APP_PORT", "8080", "APP_TIMEOUT", "5s"));
        Settings settings = environment
                .reader(Settings.class, MethodHandles.lookup())
                .prefix("APP_")
                .read();

        assertThat(settings).isEqualTo(new Settings(8080, Duration.ofSeconds(5), Optional.empty()));
    }

    @Test
    void environmentFilter() {
        Environment environment = Environment.allow("APP_", "LOG_LEVEL")
                .with("REGION", "eu-west-1")
                .apply(System.getenv());

        assertThat(environment.get("REGION")).contains("eu-west-1");
        assertThat(environment.get("PATH")).isEmpty();
    }

    @Test
    void bridgeConfig() {
        BridgeConfig config =
                BridgeConfig.builder("orders").serve(5001, 8080).outbound(5002).build();

        assertThat(config.servers()).containsExactly(ServerTunnel.of(5001, 8080));
        assertThat(config.clients()).containsExactly(ClientTunnel.of(5002));
    }

    @Test
    void logLines() {
        LogLines logLines = new LogLines(Limits.DEFAULT);
        Consumer<String> log = did::add;
        ByteBuffer in = Wire.buffer("one<0A>two<0A>");

        while (in.hasRemaining()) {
            logLines.receive(in).ifPresent(line -> log.accept(line.toString()));
        }

        assertThat(did).containsExactly("one", "two");
    }

    /** Every line of code in the documentation must stand in this class. */
    @Test
    void documentationShowsThisVeryCode() throws IOException {
        String test = squeezed(Files.readString(Path.of("src/test/java/io/ebridge/protocol/ExamplesTest.java")));
        int examples = 0;
        try (Stream<Path> files = Files.list(Path.of("src/main/java/io/ebridge/protocol"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String page = Files.readString(file);
                for (int at = page.indexOf("<pre>{@code"); at >= 0; at = page.indexOf("<pre>{@code", at + 1)) {
                    String example = page.substring(at + 11, page.indexOf("}</pre>", at));
                    for (String line : example.split("\n")) {
                        String code = squeezed(line.replaceFirst("^ \\*", "").replaceFirst("//.*", ""));
                        assertThat(code.equals("...") || test.contains(code))
                                .as("%s: %s", file.getFileName(), line)
                                .isTrue();
                    }
                    examples++;
                }
            }
        }
        assertThat(examples).as("one test above for each").isEqualTo(8);
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }
}
