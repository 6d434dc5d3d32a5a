package io.ebridge.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The examples of the documentation, compiled and run. */
class ExamplesTest {
    @Test
    void handshakeInOneThread() throws ProtocolException {
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
    void environmentIntoARecord() {
        record Settings(int port, Duration timeout, Optional<URI> upstream) {}

        Environment environment = Environment.of(Map.of("APP_PORT", "8080", "APP_TIMEOUT", "5s"));
        Settings settings = environment
                .reader(Settings.class, MethodHandles.lookup())
                .prefix("APP_")
                .read();

        assertThat(settings).isEqualTo(new Settings(8080, Duration.ofSeconds(5), Optional.empty()));
    }

    /** The example of the package page must be the one above, line by line. */
    @Test
    void packagePageShowsThisVeryCode() throws IOException {
        String page = Files.readString(Path.of("src/main/java/io/ebridge/protocol/package-info.java"));
        String test = squeezed(Files.readString(Path.of("src/test/java/io/ebridge/protocol/ExamplesTest.java")));
        String example = page.substring(page.indexOf("<pre>{@code") + 11, page.indexOf("}</pre>"));
        for (String line : example.split("\n")) {
            String code = squeezed(line.replaceFirst("^ \\*", "").replaceFirst("//.*", ""));
            assertThat(test).contains(code);
        }
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }
}
