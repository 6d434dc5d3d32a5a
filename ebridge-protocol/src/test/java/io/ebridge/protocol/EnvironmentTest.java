package io.ebridge.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.protocol.InvalidEnvironmentException.Problem;
import io.ebridge.protocol.InvalidEnvironmentException.Reason;
import java.lang.invoke.MethodHandles;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentTest {
    enum Mode {
        FAST_PATH,
        SAFE
    }

    record All(
            String name,
            int workers,
            long maxBytes,
            boolean verbose,
            Duration timeout,
            URI upstream,
            Mode mode,
            Optional<String> note,
            Optional<Integer> retries,
            Optional<Duration> backoff,
            Optional<Mode> fallback) {}

    record Tuned(int port, @Variable("LOG_LEVEL") String level, @Variable(orElse = "30s") Duration timeout) {}

    record Checked(int low, int high) {
        Checked {
            if (low > high) {
                throw new IllegalArgumentException("low > high");
            }
        }
    }

    record Unreadable(List<String> names) {}

    private record Hidden(int port) {}

    private static Environment environment(String... pairs) {
        java.util.HashMap<String, String> map = new java.util.HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return Environment.of(map);
    }

    private static InvalidEnvironmentException problemsOf(Runnable body) {
        return catchThrowableOfType(InvalidEnvironmentException.class, body::run);
    }

    @Test
    void readsEveryType() {
        All all = environment(
                        "NAME", "orders",
                        "WORKERS", "-2147483648",
                        "MAX_BYTES", "9223372036854775807",
                        "VERBOSE", "True",
                        "TIMEOUT", "PT1M30S",
                        "UPSTREAM", "https://a.example:8443/x",
                        "MODE", "fast-path",
                        "NOTE", "",
                        "RETRIES", "3",
                        "BACKOFF", "250ms")
                .as(All.class);
        assertThat(all)
                .isEqualTo(new All(
                        "orders",
                        Integer.MIN_VALUE,
                        Long.MAX_VALUE,
                        true,
                        Duration.ofSeconds(90),
                        URI.create("https://a.example:8443/x"),
                        Mode.FAST_PATH,
                        Optional.of(""),
                        Optional.of(3),
                        Optional.of(Duration.ofMillis(250)),
                        Optional.empty()));
    }

    @Test
    void reportsEverythingAtOnceAndNoValue() {
        Environment environment = environment(
                "WORKERS",
                "hunter2",
                "MAX_BYTES",
                "99999999999999999999",
                "VERBOSE",
                "hunter2",
                "TIMEOUT",
                "-PT1S",
                "UPSTREAM",
                "hunter2",
                "MODE",
                "hunter2",
                "RETRIES",
                "2147483648");
        InvalidEnvironmentException e = problemsOf(() -> environment.as(All.class));
        assertThat(e.problems())
                .extracting(Problem::variable)
                .containsExactly("NAME", "WORKERS", "MAX_BYTES", "VERBOSE", "TIMEOUT", "UPSTREAM", "MODE", "RETRIES");
        assertThat(e.problems().get(0).reason()).isEqualTo(Reason.MISSING);
        assertThat(e.problems().subList(1, 8))
                .allSatisfy(p -> assertThat(p.reason()).isEqualTo(Reason.MALFORMED));
        assertThat(e)
                .hasMessageStartingWith("environment for All: NAME is not set; WORKERS must be an integer from")
                .hasMessageContaining("MODE must be one of FAST_PATH, SAFE");
        assertThat(e.getMessage()).doesNotContain("hunter", "9999");
    }

    @Test
    void namesCanBePrefixedOrGiven() {
        Tuned tuned = environment("APP_PORT", "80", "LOG_LEVEL", "debug", "APP_TIMEOUT", "")
                .reader(Tuned.class)
                .prefix("APP_")
                .read();
        assertThat(tuned).isEqualTo(new Tuned(80, "debug", Duration.ofSeconds(30)));
    }

    @Test
    void absentVariablesTakeTheDefaults() {
        Tuned defaults = new Tuned(8080, "info", Duration.ofSeconds(1));
        Tuned tuned = environment("LOG_LEVEL", "warn")
                .reader(Tuned.class)
                .defaults(defaults)
                .read();
        assertThat(tuned).isEqualTo(new Tuned(8080, "warn", Duration.ofSeconds(30)));
        InvalidEnvironmentException e = problemsOf(() ->
                environment("PORT", "x").reader(Tuned.class).defaults(defaults).read());
        assertThat(e.problems()).as("a malformed value is not an absent one").hasSize(1);
    }

    @Test
    void theRecordHasTheLastWord() {
        InvalidEnvironmentException e =
                problemsOf(() -> environment("LOW", "2", "HIGH", "1").as(Checked.class));
        assertThat(e.problems()).extracting(Problem::reason).containsExactly(Reason.REJECTED);
        assertThat(e).hasRootCauseMessage("low > high");
    }

    @Test
    void privateRecordsNeedALookup() {
        assertThat(environment("PORT", "1")
                        .reader(Hidden.class, MethodHandles.lookup())
                        .read())
                .isEqualTo(new Hidden(1));
        assertThatThrownBy(() -> environment("PORT", "1")
                        .reader(Hidden.class, MethodHandles.publicLookup())
                        .read())
                .isInstanceOf(IllegalArgumentException.class)
                .isNotInstanceOf(InvalidEnvironmentException.class)
                .hasMessageContaining("MethodHandles.lookup()");
    }

    @Test
    void otherTypesAreTheCallersMistake() {
        assertThatThrownBy(() -> Environment.EMPTY.as(Unreadable.class))
                .isInstanceOf(IllegalArgumentException.class)
                .isNotInstanceOf(InvalidEnvironmentException.class)
                .hasMessageContaining("names");
    }

    @ParameterizedTest
    @CsvSource({
        "port, PORT", "logLevel, LOG_LEVEL", "kmsURL, KMS_URL", "kmsURLPath, KMS_URL_PATH", "s3Bucket, S3_BUCKET",
        "port2, PORT2", "already_split, ALREADY_SPLIT", "aB, A_B", "URL, URL", "snake_Case, SNAKE_CASE"
    })
    void componentsNameVariables(String component, String variable) {
        assertThat(EnvironmentReader.variableName(component)).isEqualTo(variable);
    }

    @ParameterizedTest
    @CsvSource({
        "5ns, PT0.000000005S",
        "5us, PT0.000005S",
        "5ms, PT0.005S",
        "5s, PT5S",
        "5m, PT5M",
        "5h, PT5H",
        "5d, PT120H",
        "PT0S, PT0S",
        "P1D, PT24H"
    })
    void durationsAreReadInBothForms(String text, String iso) {
        assertThat(ValueParser.parse(Duration.class, text)).isEqualTo(Duration.parse(iso));
    }

    @ParameterizedTest
    @CsvSource({"5", "s", "5 s", "-5s", "1.5s", "5S5", "PT", "999999999999999999d", "\u0665s", "-PT1S"})
    void otherDurationsAreNot(String text) {
        assertThat(ValueParser.parse(Duration.class, text)).isNull();
    }

    @Test
    void integersAreAsciiDigits() {
        for (String text : List.of("+5", " 5", "0x5", "5L", "\u0665", "", "-", "5_000", "9223372036854775808")) {
            assertThat(ValueParser.parse(long.class, text)).as(text).isNull();
        }
        assertThat(ValueParser.parse(Integer.class, "007")).isEqualTo(7);
        assertThat(ValueParser.parse(URI.class, "relative/path")).isNull();
        assertThat(ValueParser.parse(URI.class, "ht tp://x")).isNull();
    }

    @Test
    void aFilterLetsThroughWhatItNames() {
        Map<String, String> host = Map.of(
                "APP_PORT",
                "1",
                "APP",
                "2",
                "LOG_LEVEL",
                "3",
                "LOG_LEVELS",
                "4",
                "AWS_SECRET_ACCESS_KEY",
                "5",
                "app_x",
                "6");
        assertThat(Environment.allow("APP_", "LOG_LEVEL").apply(host).asMap())
                .isEqualTo(Map.of("APP_PORT", "1", "LOG_LEVEL", "3"));
        assertThat(EnvironmentFilter.NOTHING.apply(host)).isEqualTo(Environment.EMPTY);
        assertThat(Environment.allow().apply(host)).isEqualTo(Environment.EMPTY);
        assertThat(EnvironmentFilter.NOTHING
                        .allowPrefix("LOG")
                        .allowName("APP")
                        .apply(host)
                        .names())
                .containsExactly("APP", "LOG_LEVEL", "LOG_LEVELS");
        assertThat(EnvironmentFilter.insecureAllowAll().apply(host).asMap()).isEqualTo(host);
        assertThat(Environment.allow("APP_").with("APP_PORT", "9").apply(host).asMap())
                .isEqualTo(Map.of("APP_PORT", "9"));
    }

    @Test
    void aFilterNamesSomething() {
        for (String entry : List.of("", "_", "__", "A=", "A\0")) {
            assertThatThrownBy(() -> Environment.allow(entry)).as(entry).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> EnvironmentFilter.NOTHING.with("A", "\0"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(EnvironmentFilter.insecureAllowAll()
                        .apply(Map.of("A", "\0", "=C:", "x", "B", "y"))
                        .names())
                .as("what cannot be sent is left out")
                .containsExactly("B");
    }

    @Test
    void nothingShowsAValue() {
        Environment environment = environment("SECRET_NAME", "hunter2");
        assertThat(environment).hasToString("Environment[1 variables]");
        assertThat(environment.get("SECRET_NAME")).contains("hunter2");
        assertThat(Environment.allow("APP_").with("A", "hunter2").toString()).doesNotContain("hunter2");
        assertThat(new EnclaveHandshake.EnvironmentReceived(environment).toString())
                .doesNotContain("hunter2");
        assertThatThrownBy(() -> environment("A", "hunter2\0"))
                .hasMessageContaining("variable A")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
    }

    @Test
    void anEnvironmentIsAValue() {
        assertThat(environment("A", "1")).isEqualTo(environment("A", "1")).hasSameHashCodeAs(environment("A", "1"));
        assertThat(environment("A", "1")).isNotEqualTo(environment("A", "2")).isNotEqualTo("A");
        assertThatThrownBy(() -> environment("A", "1").asMap().clear())
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> environment("A", "1").names().clear())
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
