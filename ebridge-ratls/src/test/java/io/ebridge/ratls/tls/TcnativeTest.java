package io.ebridge.ratls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.TlsProvider;
import io.ebridge.ratls.strict.Binding;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.bouncycastle.asn1.x500.X500Name;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is particular to Netty's BoringSSL: the key log, its secrets, native memory, and saying why it is not there. */
class TcnativeTest {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String OPENING = "--add-opens=io.netty.handler/io.netty.handler.ssl=io.ebridge.ratls";
    private static final String NATIVE = "META-INF/native/libnetty_tcnative_linux_x86_64.so";
    private static Leaf leaf;

    @BeforeAll
    static void makeLeaf() throws Exception {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "the tests bring the native library for Linux on x86-64 only");
        KeyPair keys = LeafCertificates.newKeys(RANDOM);
        Instant now = Instant.now();
        leaf = new Leaf(
                keys.getPrivate(),
                List.of(LeafCertificates.build(
                        new LeafCertificates.Spec(
                                new X500Name("CN=peer"),
                                null,
                                List.of("peer.example"),
                                now.minus(Duration.ofHours(1)),
                                now.plus(Duration.ofHours(1)),
                                Map.of()),
                        keys,
                        RANDOM)));
    }

    /** Two engines, and the bytes on their way. */
    private static final class Pair {
        final SSLEngine client;
        final SSLEngine server;
        final ByteBuffer toServer = ByteBuffer.allocate(1 << 16).flip();
        final ByteBuffer toClient = ByteBuffer.allocate(1 << 16).flip();

        Pair(SSLEngine client, SSLEngine server) {
            this.client = client;
            this.server = server;
        }

        boolean step() throws SSLException {
            return step(client, toClient, toServer) | step(server, toServer, toClient);
        }

        private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
                return true;
            }
            if (status == HandshakeStatus.NEED_WRAP) {
                out.compact();
                try {
                    engine.wrap(ByteBuffer.allocate(0), out);
                } finally {
                    out.flip();
                }
                return true;
            }
            if (in.hasRemaining() && !engine.isInboundDone()) {
                engine.unwrap(in, ByteBuffer.allocate(1 << 15));
                return true;
            }
            return false;
        }

        void run() throws SSLException {
            client.beginHandshake();
            server.beginHandshake();
            settle();
        }

        void settle() throws SSLException {
            for (int i = 0; step(); i++) {
                assertThat(i).isLessThan(1000);
            }
        }
    }

    private final PeerTrust trust = new PeerTrust(chain -> {}, chain -> {});

    private Pair pair(TlsStack clients, TlsStack servers) throws Exception {
        return new Pair(clients.newEngine(true, null, trust, RANDOM), servers.newEngine(false, leaf, trust, RANDOM));
    }

    private static TlsStack stack(TlsProvider provider) throws AttestedTlsException {
        return TlsStack.choose(provider, true);
    }

    @Test
    void isThereForTheseTests() {
        assertThat(TlsProvider.TCNATIVE.strict().reason()).isEmpty();
    }

    // ---- the exporter's value

    static Stream<TlsProvider> others() {
        return Stream.of(TlsProvider.JSSE, TlsProvider.CONSCRYPT, TlsProvider.TCNATIVE)
                .filter(provider -> provider.strict().available());
    }

    @ParameterizedTest
    @MethodSource("others")
    void bothEndsExportTheSameValue(TlsProvider other) throws Exception {
        TlsStack ours = stack(TlsProvider.TCNATIVE);
        for (boolean client : new boolean[] {true, false}) {
            Pair pair = client ? pair(ours, stack(other)) : pair(stack(other), ours);
            pair.run();
            byte[] one = (client ? ours : stack(other)).export(pair.client, Binding.EXPORTER_LABEL, 32);
            byte[] two = (client ? stack(other) : ours).export(pair.server, Binding.EXPORTER_LABEL, 32);
            assertThat(one).hasSize(32).isEqualTo(two).isNotEqualTo(new byte[32]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"})
    void withTheHashOfEverySuite(String suite) throws Exception {
        assumeTrue(TlsProvider.JSSE.strict().available(), "the JDK's TLS exports nothing before Java 25");
        TlsStack ours = stack(TlsProvider.TCNATIVE);
        TlsStack jdk = stack(TlsProvider.JSSE);
        for (int length : new int[] {1, 32, 48, 100}) {
            Pair pair = pair(jdk, ours);
            pair.client.setEnabledCipherSuites(new String[] {suite});
            pair.run();
            assertThat(pair.server.getSession().getCipherSuite()).isEqualTo(suite);
            assertThat(ours.export(pair.server, "EXPORTER-test", length))
                    .isEqualTo(jdk.export(pair.client, "EXPORTER-test", length));
        }
    }

    @Test
    void theSecretServesOneDerivationAndIsZeroed() throws Exception {
        byte[] line = line("EXPORTER_SECRET", 32);
        KeyLog log = new KeyLog();
        log.handle(1, line);
        assertThat(line).containsOnly(0);
        byte[] held = (byte[]) privateField(KeyLog.class, "secret", log);
        assertThat(held).hasSize(32).isNotEqualTo(new byte[32]);

        assertThat(log.export("EXPORTER-test", 32)).hasSize(32);

        assertThat(held).containsOnly(0);
        assertThat(privateField(KeyLog.class, "secret", log)).isNull();
        assertUnavailable(() -> log.export("EXPORTER-test", 32));
    }

    @Test
    void onlyOneExporterSecretIsTaken() throws Exception {
        KeyLog log = new KeyLog();
        for (String other : List.of("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0", "CLIENT_RANDOM")) {
            byte[] line = line(other, 32);
            log.handle(1, line);
            assertThat(line).containsOnly(0);
            assertThat(privateField(KeyLog.class, "secret", log)).isNull();
        }
        assertUnavailable(() -> log.export("EXPORTER-test", 32));

        KeyLog twice = new KeyLog();
        twice.handle(1, line("EXPORTER_SECRET", 48));
        twice.handle(1, line("EXPORTER_SECRET", 48));
        assertUnavailable(() -> twice.export("EXPORTER-test", 32));

        KeyLog discarded = new KeyLog();
        discarded.handle(1, line("EXPORTER_SECRET", 48));
        byte[] held = (byte[]) privateField(KeyLog.class, "secret", discarded);
        discarded.discard();
        assertThat(held).containsOnly(0);
    }

    @Test
    void malformedLinesEndInNoValue() {
        byte[] good = line("EXPORTER_SECRET", 32);
        for (int length = 0; length < good.length; length++) {
            KeyLog log = new KeyLog();
            log.handle(1, Arrays.copyOf(good, length));
            assertUnavailable(() -> log.export("EXPORTER-test", 32));
        }
        byte[] bad = good.clone();
        bad[bad.length - 1] = 'x';
        KeyLog log = new KeyLog();
        log.handle(1, bad);
        assertUnavailable(() -> log.export("EXPORTER-test", 32));
    }

    @Test
    void linesGoToTheConnectionThatTheyAreOf() throws Exception {
        KeyLogs logs = new KeyLogs();
        KeyLog one = new KeyLog();
        KeyLog two = new KeyLog();
        logs.add(1, one);
        logs.add(2, two);
        logs.handle(1, line("EXPORTER_SECRET", 32));
        assertUnavailable(() -> two.export("EXPORTER-test", 32));
        assertThat(one.export("EXPORTER-test", 32)).hasSize(32);

        byte[] ofNobody = line("EXPORTER_SECRET", 32);
        logs.handle(1, ofNobody);
        assertThat(ofNobody).containsOnly(0);
        assertThat((Map<?, ?>) privateField(KeyLogs.class, "logs", logs)).isEmpty();

        // The address of one that was freed serves another.
        KeyLog freed = new KeyLog();
        KeyLog next = new KeyLog();
        logs.add(3, freed);
        logs.add(3, next);
        freed.discard();
        logs.handle(3, line("EXPORTER_SECRET", 32));
        assertThat(next.export("EXPORTER-test", 32)).hasSize(32);
    }

    @Test
    void connectionsThatShareAContextHaveValuesOfTheirOwn() throws Exception {
        TcnativeStack ours = (TcnativeStack) stack(TlsProvider.TCNATIVE);
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Pair pair = new Pair(
                    ours.newEngine(true, null, trust, RANDOM),
                    ours.newEngine(false, leaf, PeerTrust.refusing(), RANDOM));
            if (i % 2 == 1) {
                // Not the context of those without: each takes the other's place, and lives on with its connections.
                for (SSLEngine engine : List.of(pair.client, pair.server)) {
                    SSLParameters spoken = engine.getSSLParameters();
                    spoken.setApplicationProtocols(new String[] {"h2"});
                    engine.setSSLParameters(spoken);
                }
            }
            pair.client.beginHandshake();
            pair.server.beginHandshake();
            pairs.add(pair);
        }
        boolean moved = true;
        for (int round = 0; moved; round++) {
            assertThat(round).isLessThan(1000);
            moved = false;
            for (Pair pair : pairs) {
                moved |= pair.step();
            }
        }
        java.util.Set<String> values = new java.util.HashSet<>();
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            byte[] value = ours.export(pair.server, Binding.EXPORTER_LABEL, 32);
            assertThat(ours.export(pair.client, Binding.EXPORTER_LABEL, 32)).isEqualTo(value);
            assertThat(values.add(HexFormat.of().formatHex(value))).isTrue();
            assertThat(pair.server.getApplicationProtocol()).isEqualTo(i % 2 == 1 ? "h2" : "");
            ours.release(pair.client);
            ours.release(pair.server);
        }
    }

    @Test
    void aServerThatIsNotUsedAnyMoreKeepsNoContext() throws Exception {
        TcnativeServer server = new TcnativeServer();
        List<ReferenceCountedOpenSslContext> made = new ArrayList<>();
        TcnativeServer.Maker maker = (shown, spoken, logs) -> {
            made.add(context());
            return made.get(made.size() - 1);
        };
        TcnativeServer.Held first = server.hold(leaf, List.of(), maker);
        assertThat(server.hold(leaf, List.of(), maker)).isSameAs(first);
        Leaf renewed = new Leaf(leaf.key(), leaf.chain());
        TcnativeServer.Held second = server.hold(renewed, List.of(), maker);
        assertThat(made).containsExactly(first.context(), second.context());
        // Those of two connections, which outlive its replacement.
        assertThat(first.context().refCnt()).isEqualTo(2);
        assertThat(second.context().refCnt()).isEqualTo(2);

        server.release();
        server.release();
        first.context().release(2);
        second.context().release();

        assertThat(made).allSatisfy(context -> assertThat(context.refCnt()).isZero());
    }

    private static byte[] line(String label, int length) {
        byte[] random = new byte[32];
        byte[] secret = new byte[length];
        RANDOM.nextBytes(random);
        RANDOM.nextBytes(secret);
        HexFormat hex = HexFormat.of();
        return (label + " " + hex.formatHex(random) + " " + hex.formatHex(secret)).getBytes(StandardCharsets.US_ASCII);
    }

    private static Object privateField(Class<?> type, String name, Object of) throws Exception {
        var field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    private static void assertUnavailable(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                .isEqualTo(AttestedTlsException.Reason.EXPORTER_UNAVAILABLE));
    }

    // ---- what kills a process that is careless with pointers

    private static ReferenceCountedOpenSslContext context() throws SSLException {
        return (ReferenceCountedOpenSslContext) SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL_REFCNT)
                .build();
    }

    @Test
    @SuppressWarnings("deprecation")
    void thePointerThatNettyGivesAwayIsRefusedForTheKeyLog() throws Exception {
        ReferenceCountedOpenSslContext context = context();
        try {
            for (long wrong : new long[] {context.sslCtxPointer(), context.context(), 0}) {
                assertUnavailable(() -> TcnativeStack.watch(context, wrong, new KeyLog()));
            }
        } finally {
            context.release();
        }
    }

    @Test
    void aContextThatWasFreedIsRefused() throws Exception {
        ReferenceCountedOpenSslContext context = context();
        long pointer = (long) privateFieldOrZero(context);
        assumeTrue(pointer != 0, "Netty's field is not open here");
        context.release();
        assertUnavailable(() -> TcnativeStack.watch(context, pointer, new KeyLog()));
        assertUnavailable(() -> TcnativeStack.watch(context, 0, new KeyLog()));
    }

    private static Object privateFieldOrZero(ReferenceCountedOpenSslContext context) throws Exception {
        var field = ReferenceCountedOpenSslContext.class.getDeclaredField("ctx");
        return field.trySetAccessible() ? field.get(context) : 0L;
    }

    /** Connections are freed under handshakes, tasks and key logs that are under way in other threads. */
    @Test
    void enginesFreedInTheMiddleOfAHandshake() throws Exception {
        TlsStack ours = stack(TlsProvider.TCNATIVE);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 150; round++) {
                Pair pair = pair(ours, ours);
                pair.client.beginHandshake();
                pair.server.beginHandshake();
                for (int i = 0; i < round % 10; i++) {
                    pair.step();
                }
                CountDownLatch go = new CountDownLatch(1);
                List<Future<?>> all = new ArrayList<>();
                for (SSLEngine engine : List.of(pair.client, pair.server)) {
                    all.add(threads.submit(() -> {
                        go.await();
                        ours.release(engine);
                        ours.release(engine);
                        return null;
                    }));
                }
                all.add(threads.submit(() -> {
                    go.await();
                    try {
                        pair.settle();
                    } catch (SSLException e) {
                        return e;
                    }
                    return null;
                }));
                go.countDown();
                for (Future<?> each : all) {
                    each.get(20, TimeUnit.SECONDS);
                }
                assertThatThrownBy(() -> {
                            pair.client.beginHandshake();
                            ours.export(pair.client, "EXPORTER-test", 32);
                        })
                        .isInstanceOf(SSLException.class);
                assertThat(pair.client.getSession()).isNotNull();
                assertThat(pair.client.isOutboundDone()).isTrue();
                assertThat(pair.client.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
            }
        } finally {
            threads.shutdownNow();
        }
        // And it goes on working.
        bothEndsExportTheSameValue(TlsProvider.TCNATIVE);
    }

    // ---- native memory

    private static ReferenceCountedOpenSslEngine nettys(SSLEngine engine) throws Exception {
        return (ReferenceCountedOpenSslEngine) privateField(TcnativeEngine.class, "started", engine);
    }

    @Test
    void memoryIsFreedWhenBothDirectionsAreClosed() throws Exception {
        Pair pair = pair(stack(TlsProvider.TCNATIVE), stack(TlsProvider.TCNATIVE));
        pair.run();
        ReferenceCountedOpenSslEngine client = nettys(pair.client);
        ReferenceCountedOpenSslEngine server = nettys(pair.server);
        assertThat(client.refCnt()).isEqualTo(1);
        pair.client.closeOutbound();
        pair.settle();
        pair.server.closeOutbound();
        pair.settle();
        assertThat(client.refCnt()).isZero();
        assertThat(server.refCnt()).isZero();
        assertThat(pair.client.getSession().getPeerCertificates()[0].getEncoded())
                .isEqualTo(leaf.chain().get(0).getEncoded());
    }

    @Test
    void memoryIsFreedWhenNobodyHoldsTheEngine() throws Exception {
        List<ReferenceCountedOpenSslEngine> engines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            abandon(engines, i % 2 == 0);
        }
        Instant deadline = Instant.now().plusSeconds(30);
        while (engines.stream().anyMatch(engine -> engine.refCnt() > 0)
                && Instant.now().isBefore(deadline)) {
            System.gc();
            Thread.onSpinWait();
        }
        assertThat(engines).allSatisfy(engine -> assertThat(engine.refCnt()).isZero());
    }

    private static void abandon(List<ReferenceCountedOpenSslEngine> engines, boolean halfWay) throws Exception {
        PeerTrust[] trust = new PeerTrust[1];
        // As an attested engine does: its trust manager leads back to it.
        trust[0] = new PeerTrust(chain -> assertThat(trust).isNotEmpty(), null);
        Pair pair = new Pair(
                stack(TlsProvider.TCNATIVE).newEngine(true, null, trust[0], RANDOM),
                stack(TlsProvider.TCNATIVE).newEngine(false, leaf, trust[0], RANDOM));
        pair.client.beginHandshake();
        pair.server.beginHandshake();
        if (halfWay) {
            pair.step();
        } else {
            pair.settle();
        }
        engines.add(nettys(pair.client));
        engines.add(nettys(pair.server));
        assertThat(trust[0].accepted()).isEqualTo(!halfWay);
    }

    // ---- the manners of a JDK's engine

    /** Drivers that look for tasks once, run them, and then do as they are told, without bytes to read. */
    @Test
    void statusLeadsThroughTasksThatFollowTasks() throws Exception {
        TlsStack ours = stack(TlsProvider.TCNATIVE);
        SSLEngine client = ours.newEngine(true, leaf, trust, RANDOM);
        SSLEngine server = ours.newEngine(false, leaf, trust, RANDOM);
        server.setNeedClientAuth(true);
        Pair pair = new Pair(client, server);
        client.beginHandshake();
        server.beginHandshake();
        for (int i = 0; i < 200 && !(idle(client) && idle(server)); i++) {
            for (SSLEngine engine : List.of(client, server)) {
                if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                    engine.getDelegatedTask().run();
                } else {
                    Pair.step(
                            engine,
                            engine == client ? pair.toClient : pair.toServer,
                            engine == client ? pair.toServer : pair.toClient);
                }
            }
        }
        assertThat(idle(client)).isTrue();
        assertThat(idle(server)).isTrue();
        assertThat(server.getSession().getPeerCertificates()).hasSize(1);
        assertThat(ours.export(client, "EXPORTER-test", 32)).isEqualTo(ours.export(server, "EXPORTER-test", 32));
    }

    private static boolean idle(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    @Test
    void whatBoringSslCannotDoIsRefused() throws Exception {
        SSLEngine engine = stack(TlsProvider.TCNATIVE).newEngine(true, null, trust, RANDOM);
        assertThatThrownBy(() -> engine.setEnabledCipherSuites(new String[] {"TLS_AES_256_GCM_SHA384"}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> engine.setEnabledProtocols(new String[] {"TLSv1.2"}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> engine.setHandshakeApplicationProtocolSelector((e, names) -> "h2"))
                .isInstanceOf(UnsupportedOperationException.class);
        SSLParameters constrained = engine.getSSLParameters();
        constrained.setAlgorithmConstraints(new java.security.AlgorithmConstraints() {
            @Override
            public boolean permits(java.util.Set<java.security.CryptoPrimitive> primitives, java.security.Key key) {
                return true;
            }

            @Override
            public boolean permits(
                    java.util.Set<java.security.CryptoPrimitive> primitives,
                    String algorithm,
                    java.security.AlgorithmParameters parameters) {
                return true;
            }

            @Override
            public boolean permits(
                    java.util.Set<java.security.CryptoPrimitive> primitives,
                    String algorithm,
                    java.security.Key key,
                    java.security.AlgorithmParameters parameters) {
                return true;
            }
        });
        assertThatThrownBy(() -> engine.setSSLParameters(constrained)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void applicationProtocolsAreAgreedOn() throws Exception {
        Pair pair = pair(stack(TlsProvider.TCNATIVE), stack(TlsProvider.TCNATIVE));
        for (SSLEngine engine : List.of(pair.client, pair.server)) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
            engine.setSSLParameters(parameters);
            assertThat(engine.getApplicationProtocol()).isNull();
        }
        pair.run();
        assertThat(pair.client.getApplicationProtocol()).isEqualTo("h2");
        assertThat(pair.server.getApplicationProtocol()).isEqualTo("h2");
        Pair none = pair(stack(TlsProvider.TCNATIVE), stack(TlsProvider.TCNATIVE));
        none.run();
        assertThat(none.client.getApplicationProtocol()).isEmpty();
    }

    @Test
    void severalBuffersMakeOneRecord() throws Exception {
        Pair pair = pair(stack(TlsProvider.TCNATIVE), stack(TlsProvider.TCNATIVE));
        pair.run();
        byte[] text = new byte[20_000];
        RANDOM.nextBytes(text);
        ByteBuffer[] parts = {
            ByteBuffer.wrap(text, 0, 4),
            ByteBuffer.allocate(0),
            ByteBuffer.wrap(text, 4, 9_000),
            ByteBuffer.wrap(text, 9_004, 10_996)
        };
        ByteBuffer net = ByteBuffer.allocate(40_000);
        assertThat(pair.client.wrap(parts, 0, 4, net).bytesConsumed()).isEqualTo(16_384);
        assertThat(pair.client.wrap(parts, 0, 4, net).bytesConsumed()).isEqualTo(20_000 - 16_384);
        net.flip();
        ByteBuffer plain = ByteBuffer.allocate(40_000);
        pair.server.unwrap(net, plain);
        pair.server.unwrap(net, plain);
        assertThat(plain.position()).isEqualTo(20_000);
        assertThat(Arrays.copyOf(plain.array(), 20_000)).isEqualTo(text);
        ByteBuffer tight = ByteBuffer.allocate(10);
        ByteBuffer[] more = {ByteBuffer.allocate(4), ByteBuffer.allocate(100)};
        assertThat(pair.client.wrap(more, 0, 2, tight).getStatus())
                .isEqualTo(javax.net.ssl.SSLEngineResult.Status.BUFFER_OVERFLOW);
        assertThat(more[0].position() + more[1].position()).isZero();
    }

    // ---- saying why not

    @Test
    void saysWhichOpeningIsMissingOnTheModulePath() throws Exception {
        List<String> modules = List.of(
                "--add-modules",
                "io.ebridge.ratls,io.netty.handler,io.netty.tcnative.classes.openssl,io.netty.internal.tcnative.openssl.linux.x86_64");
        assertThat(probe(true, modules, true, true))
                .startsWith("false")
                .contains("--add-opens io.netty.handler/io.netty.handler.ssl=io.ebridge.ratls");
        List<String> opened = new ArrayList<>(modules);
        opened.add(OPENING);
        assertThat(probe(true, opened, true, true)).startsWith("true");
    }

    @Test
    void needsNoOpeningOnTheClassPath() throws Exception {
        assertThat(probe(false, List.of(), true, true)).startsWith("true");
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        assertThat(probe(false, List.of(), true, false))
                .startsWith("false")
                .contains("netty-tcnative-boringssl-static", System.getProperty("os.arch"));
        assertThat(probe(false, List.of(), false, false)).startsWith("false").contains("netty-tcnative-classes");
        assertThat(probe(true, List.of("--add-modules", "io.ebridge.ratls"), true, true))
                .startsWith("false")
                .contains("--add-modules", "io.netty.tcnative.classes.openssl");
        assertThat(probe(false, List.of("-Dos.arch=riscv64"), true, true))
                .startsWith("false")
                .contains("riscv64");
    }

    private static String probe(boolean modules, List<String> options, boolean classes, boolean library)
            throws Exception {
        List<Path> paths = new ArrayList<>();
        for (Class<?> type : List.of(
                TlsStack.class,
                io.ebridge.attest.Availability.class,
                org.bouncycastle.crypto.digests.SHA256Digest.class,
                org.bouncycastle.cert.X509v3CertificateBuilder.class,
                org.bouncycastle.asn1.cmp.PKIStatus.class,
                io.netty.util.ReferenceCounted.class,
                io.netty.buffer.ByteBuf.class,
                io.netty.channel.Channel.class,
                Class.forName("io.netty.resolver.AddressResolver"),
                Class.forName("io.netty.handler.codec.ByteToMessageDecoder"),
                Class.forName("io.netty.channel.unix.Socket"),
                OpenSsl.class)) {
            paths.add(location(type));
        }
        if (classes) {
            paths.add(location(io.netty.internal.tcnative.SSL.class));
        }
        if (library) {
            URL at = OpenSsl.class.getClassLoader().getResource(NATIVE);
            paths.add(Path.of(
                    ((JarURLConnection) at.openConnection()).getJarFileURL().toURI()));
        }
        Path tests = location(TcnativeTest.class, "io/ebridge/ratls/probe/StrictProbe.class");
        String joined = String.join(
                File.pathSeparator, paths.stream().map(Path::toString).toList());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m"));
        if (modules) {
            command.addAll(List.of("--module-path", joined, "-cp", tests.toString()));
        } else {
            command.addAll(List.of("-cp", joined + File.pathSeparator + tests));
        }
        command.addAll(options);
        command.add("io.ebridge.ratls.probe.StrictProbe");
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).isZero();
            return said;
        } finally {
            child.destroyForcibly();
        }
    }

    private static Path location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Where test classes lie, which on the module path are patched into the module. */
    private static Path location(Class<?> type, String resource) throws Exception {
        URL at = type.getClassLoader().getResource(resource);
        if (at == null) {
            at = type.getResource("/" + resource);
        }
        Path path = Path.of(at.toURI());
        for (int i = 0; i < resource.split("/").length; i++) {
            path = path.getParent();
        }
        return path;
    }
}
