package io.ebridge.protocol;

import static io.ebridge.protocol.Wire.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.protocol.ProtocolException.Reason;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BridgeConfigTest {
    private static final String ID = "3f0c2b64-98a1-4d5e-8f7b-112233445566";
    private static final String WATCHDOG = "\"watchdog\":{\"enclaveId\":\"" + ID + "\",\"interval\":30000000000}";

    @Test
    void roundTripWithEveryAddition() throws ProtocolException, UnknownHostException {
        BridgeConfig config = BridgeConfig.builder("orders")
                .heartbeat(Duration.ofNanos(123_456_789))
                .logLevel("WARN")
                .serve(ServerTunnel.builder(5001, 8080)
                        .enclaveCid(0xFFFF_FFFEL)
                        .bindAddress(InetAddress.getByName("127.0.0.1"))
                        .proxyProtocol(true)
                        .build())
                .serve(ServerTunnel.builder(5001, 8081)
                        .bindAddress(InetAddress.getByName("::1"))
                        .build())
                .serve(5003, 0)
                .serve(5004, 0)
                .outbound(5002)
                .outbound(new ClientTunnel(0xFFFF_FFFEL, Duration.ofNanos(1)))
                .build();
        assertThat(BridgeConfig.fromJson(config.toJson(), Limits.DEFAULT)).isEqualTo(config);
        assertThat(config.toBuilder().build()).isEqualTo(config);
        assertThat(config.logger().systemLevel()).contains(System.Logger.Level.WARNING);
        assertThat(config.toJson()).contains("\"bindAddress\":\"127.0.0.1\",\"proxyProtocol\":true");
    }

    @Test
    void ourAdditionsStayOutWhereTheyAreDefault() {
        String json = BridgeConfig.builder("a").serve(1, 2).build().toJson();
        assertThat(json)
                .endsWith(
                        "\"servers\":[{\"enclaveCid\":0,\"enclaveListenPort\":1,\"bridgeTcpPort\":2}],\"clients\":[]}")
                .doesNotContain("bindAddress", "proxyProtocol");
    }

    @Test
    void onlyOpenCidsAreFilledIn() {
        BridgeConfig config = BridgeConfig.builder("a")
                .serve(1, 2)
                .serve(ServerTunnel.builder(1, 3).enclaveCid(7).build())
                .build()
                .withEnclaveCid(16);
        assertThat(config.servers()).extracting(ServerTunnel::enclaveCid).containsExactly(16L, 7L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"appName\":5|appName",
                "\"appName\":\"a\\u001b[2J\"|appName",
                "\"logger\":\"debug\"|logger",
                "\"logger\":{\"level\":\"loud\"}|logger.level",
                "\"logger\":{\"level\":3}|logger.level",
                "\"servers\":{}|servers",
                "\"servers\":[5]|servers[0]",
                "\"servers\":[{\"enclaveListenPort\":1,\"bridgeTcpPort\":\"80\"}]|servers[0].bridgeTcpPort",
                "\"servers\":[{\"enclaveListenPort\":1,\"bridgeTcpPort\":80.0}]|servers[0].bridgeTcpPort",
                "\"servers\":[{\"enclaveListenPort\":1,\"bridgeTcpPort\":8e1}]|servers[0].bridgeTcpPort",
                "\"servers\":[{\"enclaveListenPort\":1,\"bridgeTcpPort\":65536}]|servers[0].bridgeTcpPort",
                "\"servers\":[{\"enclaveListenPort\":1,\"bridgeTcpPort\":4294967376}]|servers[0].bridgeTcpPort",
                "\"servers\":[{\"enclaveListenPort\":1,\"bridgeTcpPort\":-1}]|servers[0].bridgeTcpPort",
                "\"servers\":[{\"bridgeTcpPort\":80}]|servers[0].enclaveListenPort",
                "\"servers\":[null]|servers[0].enclaveListenPort",
                "\"servers\":[{\"enclaveListenPort\":4294967295}]|servers[0].enclaveListenPort",
                "\"servers\":[{\"enclaveListenPort\":1,\"enclaveCid\":4294967295}]|servers[0].enclaveCid",
                "\"servers\":[{\"enclaveListenPort\":1,\"enclaveCid\":-1}]|servers[0].enclaveCid",
                "\"servers\":[{\"enclaveListenPort\":1,\"bindAddress\":\"localhost\"}]|servers[0].bindAddress",
                "\"servers\":[{\"enclaveListenPort\":1,\"proxyProtocol\":1}]|servers[0].proxyProtocol",
                "\"clients\":[{}]|clients[0].enclaveDialPort",
                "\"clients\":[{\"enclaveDialPort\":0}]|clients[0].enclaveDialPort",
                "\"clients\":[{\"enclaveDialPort\":9,\"requestTimeout\":\"5m\"}]|clients[0].requestTimeout",
                "\"clients\":[{\"enclaveDialPort\":9},{\"enclaveDialPort\":9}]|clients[1].enclaveDialPort",
            })
    void aBadMemberIsNamed(String member, String path) {
        ProtocolException e =
                failureOf(() -> BridgeConfig.fromJson("{" + WATCHDOG + "," + member + "}", Limits.DEFAULT));
        assertThat(e.reason()).isEqualTo(Reason.INVALID_MEMBER);
        assertThat(e.member()).contains(path);
        assertThat(e).hasMessageStartingWith(path + " ");
    }

    @Test
    void aTcpPortIsClaimedOnce() {
        String server = "{\"enclaveCid\":16,\"enclaveListenPort\":1,\"bridgeTcpPort\":80}";
        ProtocolException e = failureOf(() -> BridgeConfig.fromJson(
                "{" + WATCHDOG + ",\"servers\":[" + server + "," + server + "]}", Limits.DEFAULT));
        assertThat(e.member()).contains("servers[1].bridgeTcpPort");
        assertThatThrownBy(() ->
                        BridgeConfig.builder("a").serve(1, 80).serve(2, 80).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("servers[1].bridgeTcpPort claims port 80 a second time");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1-1-1-1-1",
                "3f0c2b6498a14d5e8f7b112233445566",
                "{" + ID + "}",
                "urn:uuid:" + ID,
                "3f0c2b64-98a1-4d5e-8f7b-11223344556g",
                " " + ID
            })
    void anIdHasItsUsualForm(String text) {
        ProtocolException e = failureOf(() -> BridgeConfig.fromJson(
                "{\"watchdog\":{\"enclaveId\":\"" + text + "\",\"interval\":30000000000}}", Limits.DEFAULT));
        assertThat(e.member()).contains("watchdog.enclaveId");
    }

    @Test
    void aMissingWatchdogIsRefused() {
        for (String json : new String[] {"{}", "{\"watchdog\":null}", "{\"watchdog\":{}}"}) {
            assertThat(failureOf(() -> BridgeConfig.fromJson(json, Limits.DEFAULT))
                            .member())
                    .contains("watchdog.enclaveId");
        }
    }

    @Test
    void levelsMapToThoseOfTheJdk() {
        assertThat(new LoggerConfig("trace").systemLevel()).contains(System.Logger.Level.TRACE);
        assertThat(new LoggerConfig("Debug").systemLevel()).contains(System.Logger.Level.DEBUG);
        assertThat(new LoggerConfig("info").systemLevel()).contains(System.Logger.Level.INFO);
        assertThat(new LoggerConfig("error").systemLevel()).contains(System.Logger.Level.ERROR);
        assertThat(new LoggerConfig("fatal").systemLevel()).contains(System.Logger.Level.ERROR);
        assertThat(new LoggerConfig("panic").systemLevel()).contains(System.Logger.Level.ERROR);
        assertThat(new LoggerConfig("disabled").systemLevel()).contains(System.Logger.Level.OFF);
        assertThat(LoggerConfig.UNCHANGED.systemLevel()).isEmpty();
    }

    @Test
    void newIdsAreVersionFourWithoutLineFeeds() {
        RandomGenerator random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            UUID id = WatchdogConfig.newId(random);
            assertThat(id.version()).isEqualTo(4);
            assertThat(id.variant()).isEqualTo(2);
            byte[] bytes = ByteBuffer.allocate(16)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits())
                    .array();
            assertThat(bytes).doesNotContain((byte) 0x0A);
        }
        assertThat(WatchdogConfig.newId()).isNotEqualTo(WatchdogConfig.newId());
    }

    @Test
    void aBrokenSourceOfRandomnessIsNoticed() {
        RandomGenerator stuck = () -> 0x0A0A0A0A0A0A0A0AL;
        assertThatThrownBy(() -> WatchdogConfig.newId(stuck)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void valuesAreCheckedInJavaToo() {
        assertThatThrownBy(() -> new WatchdogConfig(new UUID(0, 0), Duration.ofSeconds(1)))
                .hasMessageStartingWith("enclaveId");
        assertThatThrownBy(() -> WatchdogConfig.every(Duration.ZERO)).hasMessageStartingWith("interval");
        assertThatThrownBy(() -> WatchdogConfig.every(Duration.ofDays(200_000))).hasMessageStartingWith("interval");
        assertThatThrownBy(() -> ServerTunnel.of(0, 80)).hasMessageStartingWith("enclaveListenPort");
        assertThatThrownBy(() -> ServerTunnel.of(1, 65_536)).hasMessageStartingWith("bridgeTcpPort");
        assertThatThrownBy(() -> new ClientTunnel(1, Duration.ofNanos(-1))).hasMessageStartingWith("requestTimeout");
        assertThatThrownBy(() -> BridgeConfig.builder("a".repeat(257)).build()).hasMessageStartingWith("appName");
        assertThatThrownBy(() -> new LoggerConfig("all")).hasMessageStartingWith("level");
    }
}
