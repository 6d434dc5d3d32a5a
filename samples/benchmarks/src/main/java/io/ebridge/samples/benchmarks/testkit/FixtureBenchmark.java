package io.ebridge.samples.benchmarks.testkit;

import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.testkit.EbridgeFixture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The whole fixture: network, host, enclave and quoting enclave, from nothing to bridged with a piece of evidence in hand, and closed again. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 20)
@Fork(1)
public class FixtureBenchmark {
    @Benchmark
    public Evidence wholeFixture() throws Exception {
        try (EbridgeFixture fixture = EbridgeFixture.builder().start()) {
            return fixture.quotingEnclave().quote(EvidenceRequest.of(new byte[EvidenceRequest.REPORT_DATA_BYTES]));
        }
    }
}
