package io.ebridge.testkit.junit;

import static io.ebridge.testkit.assertions.BridgeAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.testkit.EbridgeFixture;
import io.ebridge.testkit.Faults;
import io.ebridge.testkit.LoopbackNetwork;
import io.ebridge.testkit.TestClock;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.vsock.Cid;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The extension in each of its forms, used as a reader of its documentation would. */
@Timeout(60)
@EbridgeTest
class EbridgeExtensionTest {
    /** Answers each connection with what it sent, in capitals, once it has ended. */
    private static ServerSocket shouting() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> {
            while (!server.isClosed()) {
                try (Socket s = server.accept()) {
                    String text = new String(s.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                    s.getOutputStream()
                            .write(text.toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    private static String ask(InetSocketAddress where, String text) throws IOException {
        try (Socket s = new Socket(where.getAddress(), where.getPort())) {
            s.setSoTimeout(20_000);
            s.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            s.shutdownOutput();
            return new String(s.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void bridgeCarriesTraffic(HostBridge host, EnclaveBridge enclave, EbridgeFixture fixture) throws Exception {
        assertThat(host.awaitEnclave(Duration.ofSeconds(20)).cid()).isEqualTo(Cid.of(16));
        try (ServerSocket service = shouting()) {
            enclave.expose(
                    EbridgeFixture.SERVICE_PORT,
                    new InetSocketAddress(service.getInetAddress(), service.getLocalPort()));
            assertThat(ask(fixture.hostAddress(), "hello")).isEqualTo("HELLO");
            assertThat(fixture.hostRecord())
                    .saw(BridgeEvent.Bridged.class)
                    .carried(5, 5)
                    .hasNotSeen(BridgeEvent.Lost.class);
        }
    }

    @Test
    void hostLetsNothingOutByDefault(EnclaveBridge enclave, EbridgeFixture fixture) {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> enclave.socketFactory()
                        .createSocket("example.com", 443)
                        .getInputStream()
                        .read()))
                .isInstanceOf(IOException.class);
        assertThat(fixture.hostRecord()).refused(BridgeReason.TARGET_NOT_ALLOWED);
    }

    @Test
    void enclaveLogsArriveAtTheHost(EnclaveBridge enclave, EbridgeFixture fixture) throws Exception {
        enclave.logStream().write("a line of the enclave\n".getBytes(StandardCharsets.UTF_8));
        enclave.logStream().flush();
        assertThat(fixture.hostRecord()).within(Duration.ofSeconds(20)).logged("a line of the enclave");
    }

    @Test
    void evidenceVerifies(FakeQuotingEnclave quoting, TestClock clock, InstantSource same) throws Exception {
        assertThat(same).isSameAs(clock);
        AttestationResult result =
                quoting.verifier().verify(quoting.quote(EvidenceRequest.of(new byte[64])), quoting.policy());
        assertThat(result).isNotNull();
    }

    @Test
    void enclaveThatCrashedComesBack(EbridgeFixture fixture, LoopbackNetwork network, Faults faults) throws Exception {
        assertThat(faults).isSameAs(network.faults());
        EnclaveBridge first = fixture.enclave();
        fixture.restartEnclave();
        assertThat(fixture.enclave()).isNotSameAs(first);
        assertThat(fixture.hostRecord()).within(Duration.ofSeconds(20)).saw(BridgeEvent.Lost.class);
        try (ServerSocket service = shouting()) {
            fixture.enclave()
                    .expose(
                            EbridgeFixture.SERVICE_PORT,
                            new InetSocketAddress(service.getInetAddress(), service.getLocalPort()));
            assertThat(ask(fixture.hostAddress(), "again")).isEqualTo("AGAIN");
        }
    }

    /** Runs test classes that are not tests of this build by themselves. */
    private static TestExecutionSummary run(Class<?> type) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(type))
                                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                                .configurationParameter(
                                        "junit.jupiter.execution.parallel.config.fixed.parallelism", "4")
                                .build(),
                        listener);
        return listener.getSummary();
    }

    private static void assertPasses(Class<?> type, int tests) {
        TestExecutionSummary summary = run(type);
        assertThat(summary.getFailures().stream().map(f -> f.getException().toString()))
                .isEmpty();
        assertThat(summary.getTestsSucceededCount()).isEqualTo(tests);
    }

    @Test
    void oneFixtureForAClass() {
        assertPasses(OfClass.class, 3);
    }

    @Test
    void fieldFormsLiveAsLongAsTheirFields() {
        assertPasses(StaticField.class, 2);
        assertPasses(InstanceField.class, 2);
    }

    @Test
    void manyAtOnce() {
        assertPasses(Parallel.class, 6);
    }

    @Test
    void somethingLeftBehindFailsTheTest() {
        TestExecutionSummary summary = run(LeavesAThread.class);
        LeavesAThread.RELEASE.countDown();
        assertThat(summary.getFailures()).hasSize(1);
        assertThat(summary.getFailures().get(0).getException())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("left behind")
                .hasMessageContaining("forgotten");
    }

    @EbridgeTest(scope = EbridgeTest.Scope.CLASS, evidence = EvidenceFormat.SNP, cid = 42)
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class OfClass {
        private static EbridgeFixture seen;

        OfClass(EbridgeFixture fixture) {
            assertThat(fixture).isNotNull();
        }

        @Test
        @Order(1)
        void first(EbridgeFixture fixture, FakeQuotingEnclave quoting, HostBridge host) throws Exception {
            seen = fixture;
            assertThat(quoting.format()).isEqualTo(EvidenceFormat.SNP);
            assertThat(host.awaitEnclave(Duration.ofSeconds(20)).cid()).isEqualTo(Cid.of(42));
        }

        @Test
        @Order(2)
        void second(EbridgeFixture fixture) {
            assertThat(fixture).isSameAs(seen);
        }

        @Nested
        class Inside {
            @Test
            void same(EbridgeFixture fixture) {
                assertThat(fixture).isSameAs(seen);
            }
        }
    }

    static class StaticField {
        @RegisterExtension
        static final EbridgeExtension BRIDGE = EbridgeExtension.builder()
                .fixture(f -> f.withoutBridge().cid(Cid.of(7)))
                .build();

        @Test
        void one(LoopbackNetwork network) {
            assertThat(BRIDGE.fixture().network()).isSameAs(network);
        }

        @Test
        void two(EbridgeFixture fixture) {
            assertThat(BRIDGE.fixture()).isSameAs(fixture);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(fixture::host))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    static class InstanceField {
        private static EbridgeFixture other;

        @RegisterExtension
        final EbridgeExtension bridge = EbridgeExtension.builder()
                .fixture(EbridgeFixture.Builder::withoutHalfClose)
                .build();

        @Test
        void one() {
            assertThat(bridge.fixture()).isNotSameAs(other);
            other = bridge.fixture();
        }

        @Test
        void two() {
            assertThat(bridge.fixture()).isNotSameAs(other);
            other = bridge.fixture();
        }
    }

    @EbridgeTest
    @Execution(ExecutionMode.CONCURRENT)
    static class Parallel {
        private static void use(EbridgeFixture fixture) throws Exception {
            try (ServerSocket service = shouting()) {
                fixture.enclave()
                        .expose(
                                EbridgeFixture.SERVICE_PORT,
                                new InetSocketAddress(service.getInetAddress(), service.getLocalPort()));
                assertThat(ask(fixture.hostAddress(), "x".repeat(100_000))).hasSize(100_000);
            }
        }

        @Test
        void a(EbridgeFixture fixture) throws Exception {
            use(fixture);
        }

        @Test
        void b(EbridgeFixture fixture) throws Exception {
            use(fixture);
        }

        @Test
        void c(EbridgeFixture fixture) throws Exception {
            use(fixture);
        }

        @Test
        void d(EbridgeFixture fixture) throws Exception {
            use(fixture);
        }

        @Test
        void e(EbridgeFixture fixture) throws Exception {
            use(fixture);
        }

        @Test
        void f(EbridgeFixture fixture) throws Exception {
            use(fixture);
        }
    }

    static class LeavesAThread {
        static final CountDownLatch RELEASE = new CountDownLatch(1);

        @RegisterExtension
        final EbridgeExtension bridge = EbridgeExtension.builder()
                .fixture(f -> f.host(h -> {
                    Thread forgotten = new Thread(
                            () -> {
                                try {
                                    RELEASE.await(60, TimeUnit.SECONDS);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            },
                            "forgotten");
                    forgotten.setDaemon(true);
                    forgotten.start();
                    return h;
                }))
                .build();

        @Test
        void passesByItself() {
            assertThat(bridge.fixture().host()).isNotNull();
        }
    }
}
