package io.ebridge.samples.benchmarks.ratls;

import io.ebridge.attest.Availability;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.ratls.AttestedTls;
import io.ebridge.ratls.ServiceIdentity;
import io.ebridge.ratls.TlsProvider;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.util.ReferenceCountUtil;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Full handshakes between two engines in memory, many at once: plain TLS 1.3, evidence in the certificate, and STRICT, on one TLS implementation. As many
 * threads as {@code connections} do one handshake after the other, without waiting for each other; one operation is as many handshakes as there are of
 * them. {@code handshakes} is their number in a second, {@code cpuMicros} the CPU time of the process for all that were {@code completed}: both sides, the
 * collector, and {@code quoteMicros} for making quotes in software, which elsewhere a device does. {@link HandshakeReport} puts them side by side. No
 * session is resumed in the plain rows either. Before it begins, two threads do handshakes until little is left to compile.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class HandshakeBenchmark {

    /** What is compared. */
    public enum Kind {
        /** TLS 1.3 with a self-signed certificate that the client trusts. */
        PLAIN,
        /** Evidence in the certificate. */
        CERTIFICATE,
        /** Evidence bound to the session. */
        STRICT
    }

    /** Handshakes in a second. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Counters {
        /** Handshakes that were completed. */
        public long handshakes;
    }

    /** CPU time, in microseconds, of so many handshakes: sums over all iterations. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Cpu {
        /** Handshakes that were completed. */
        public long completed;

        private long start;
        private long startOfQuotes;

        /** Notes where it begins. */
        @Setup(Level.Iteration)
        public void begin() {
            start = processNanos();
            startOfQuotes = QUOTE_NANOS.get();
        }

        /** Of the whole process. */
        public long cpuMicros() {
            return (processNanos() - start) / 1000;
        }

        /** Of what stands for the quoting device. */
        public long quoteMicros() {
            return (QUOTE_NANOS.get() - startOfQuotes) / 1000;
        }
    }

    private static final Duration WARM_ROUND = Duration.ofSeconds(2);
    private static final int MOST_WARM_ROUNDS = 20;

    private static final AtomicLong QUOTE_NANOS = new AtomicLong();

    private static long processNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    @Param({"PLAIN", "CERTIFICATE", "STRICT"})
    Kind kind;

    @Param({"AUTO"})
    TlsProvider provider;

    @Param({"0", "5", "50"})
    int quoteMillis;

    @Param({"1", "16", "128"})
    int connections;

    private ExecutorService threads;
    private Sides sides;
    private final Semaphore done = new Semaphore(0);
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private volatile boolean ended;

    /** Makes both sides. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        warm();
        sides = Sides.of(kind, provider, quoteMillis);
        threads = Executors.newFixedThreadPool(connections);
        begin();
    }

    /** With many threads the compiler hardly gets to run, and for minutes its work would count as that of handshakes. */
    private void warm() throws Exception {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        ExecutorService two = Executors.newFixedThreadPool(2);
        try (Sides quick = Sides.of(kind, provider, 0)) {
            long compiled = 0;
            for (int round = 0; round < MOST_WARM_ROUNDS; round++) {
                long end = System.nanoTime() + WARM_ROUND.toNanos();
                Callable<Void> one = () -> {
                    Buffers buffers = new Buffers();
                    while (System.nanoTime() - end < 0) {
                        handshake(quick, buffers);
                    }
                    return null;
                };
                for (Future<Void> each : two.invokeAll(List.of(one, one))) {
                    each.get();
                }
                long now = compiler.getTotalCompilationTime();
                if (now - compiled < WARM_ROUND.toMillis() / 20) {
                    break;
                }
                compiled = now;
            }
        } finally {
            two.shutdown();
        }
    }

    /** What is on both ends of the connections. */
    private record Sides(ServiceIdentity identity, Plain plain, SSLContext client, SSLContext server)
            implements AutoCloseable {

        static Sides of(Kind kind, TlsProvider provider, int quoteMillis) throws Exception {
            if (kind == Kind.PLAIN) {
                return new Sides(null, new Plain(provider), null, null);
            }
            FakeQuotingEnclave enclave = FakeQuotingEnclave.nitro();
            ServiceIdentity identity = ServiceIdentity.builder("bench.example", new Slow(enclave, quoteMillis))
                    .evidenceRefresh(Duration.ofHours(1))
                    .build();
            var serverSettings = AttestedTls.server(identity).provider(provider);
            var clientSettings = AttestedTls.client(enclave.policy())
                    .verifier(enclave.verifier())
                    .provider(provider);
            if (kind == Kind.CERTIFICATE) {
                serverSettings.insecureCertificateMode();
                clientSettings.insecureCertificateMode();
            }
            return new Sides(identity, null, clientSettings.sslContext(), serverSettings.sslContext());
        }

        SSLEngine engine(boolean ofClient) throws Exception {
            if (plain != null) {
                return plain.engine(ofClient);
            }
            return ofClient ? client.createSSLEngine("bench.example", 443) : server.createSSLEngine();
        }

        @Override
        public void close() {
            if (identity != null) {
                identity.close();
            }
            if (plain != null) {
                plain.close();
            }
        }
    }

    private void begin() {
        for (int i = 0; i < connections; i++) {
            threads.execute(() -> {
                Buffers buffers = new Buffers();
                try {
                    while (!ended) {
                        handshake(sides, buffers);
                        done.release();
                    }
                } catch (Exception e) {
                    failure.compareAndSet(null, e);
                }
            });
        }
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void stop() throws InterruptedException {
        ended = true;
        threads.shutdown();
        if (!threads.awaitTermination(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("handshakes that do not end");
        }
        sides.close();
    }

    /** As many as there are connections. */
    @Benchmark
    public void handshakes(Counters counters, Cpu cpu) throws Exception {
        boolean all = done.tryAcquire(connections, 60, TimeUnit.SECONDS);
        Exception failed = failure.get();
        if (failed != null || !all) {
            throw new IllegalStateException("handshakes failed, or none ended in a minute", failed);
        }
        counters.handshakes += connections;
        cpu.completed += connections;
    }

    /** Of one thread. */
    private static final class Buffers {
        final ByteBuffer toServer = ByteBuffer.allocate(64 * 1024);
        final ByteBuffer toClient = ByteBuffer.allocate(64 * 1024);
        final ByteBuffer sink = ByteBuffer.allocate(32 * 1024);
    }

    private static void handshake(Sides sides, Buffers buffers) throws Exception {
        SSLEngine one = sides.engine(true);
        SSLEngine two = sides.engine(false);
        ByteBuffer toServer = buffers.toServer.clear().flip();
        ByteBuffer toClient = buffers.toClient.clear().flip();
        ByteBuffer sink = buffers.sink;
        one.beginHandshake();
        two.beginHandshake();
        for (int step = 0; step < 10_000; step++) {
            if (idle(one) && idle(two) && !toServer.hasRemaining() && !toClient.hasRemaining()) {
                close(one, toServer);
                close(two, toClient);
                return;
            }
            step(one, toClient, toServer, sink);
            step(two, toServer, toClient, sink);
        }
        throw new IllegalStateException("no end of the handshake");
    }

    /** As a service would, so that an engine's native memory is not left to the collector: Netty's plain one knows no other way than its count. */
    private static void close(SSLEngine engine, ByteBuffer out) throws SSLException {
        engine.closeOutbound();
        out.compact();
        engine.wrap(ByteBuffer.allocate(0), out);
        out.flip();
        try {
            engine.closeInbound();
        } catch (SSLException e) {
            // The other side's alert was not waited for.
            engine.closeOutbound();
        }
        ReferenceCountUtil.release(engine);
    }

    private static boolean idle(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out, ByteBuffer sink) throws SSLException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        } else if (status == HandshakeStatus.NEED_WRAP) {
            out.compact();
            engine.wrap(ByteBuffer.allocate(0), out);
            out.flip();
        } else if (in.hasRemaining() || engine instanceof ReferenceCountedOpenSslEngine) {
            // Netty's own engine sees the end of a handshake only when it is asked once more.
            engine.unwrap(in, sink.clear());
        }
    }

    /** Leaf certificates with evidence, made one after the other. */
    @State(Scope.Benchmark)
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @Fork(1)
    @Warmup(iterations = 3, time = 2)
    @Measurement(iterations = 5, time = 2)
    public static class Leaves {
        private final FakeQuotingEnclave enclave = FakeQuotingEnclave.nitro();
        private final java.security.SecureRandom random = new java.security.SecureRandom();
        private final Evidence evidence = quote(enclave);

        private static Evidence quote(FakeQuotingEnclave enclave) {
            try {
                return enclave.quote(new byte[64], null);
            } catch (EvidenceUnavailableException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Key, certificate and signature, with evidence that is at hand. */
        @Benchmark
        public Object leaf() throws Exception {
            return io.ebridge.ratls.certificate.CertificateProfile.ebridge()
                    .issue(
                            new io.ebridge.ratls.certificate.CertificateProfile.Content(
                                    "bench.example",
                                    List.of("bench.example"),
                                    io.ebridge.attest.Bytes.of(new byte[32]),
                                    java.util.Map.of(),
                                    Duration.ofHours(1)),
                            new AtHand(evidence),
                            java.time.Instant.now(),
                            random);
        }
    }

    /** Evidence that was made before. */
    record AtHand(Evidence evidence) implements EvidenceProvider {
        @Override
        public EvidenceFormat format() {
            return evidence.format();
        }

        @Override
        public Availability available() {
            return Availability.yes();
        }

        @Override
        public Evidence quote(EvidenceRequest request) {
            return evidence;
        }
    }

    /** A quoting device that takes its time. */
    private record Slow(FakeQuotingEnclave enclave, int millis) implements EvidenceProvider {
        @Override
        public EvidenceFormat format() {
            return enclave.format();
        }

        @Override
        public Availability available() {
            return enclave.available();
        }

        @Override
        public Evidence quote(EvidenceRequest request) throws EvidenceUnavailableException {
            try {
                if (millis > 0) {
                    TimeUnit.MILLISECONDS.sleep(millis);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long start = threads.getCurrentThreadCpuTime();
            try {
                return enclave.quote(request);
            } finally {
                QUOTE_NANOS.addAndGet(threads.getCurrentThreadCpuTime() - start);
            }
        }
    }
}
