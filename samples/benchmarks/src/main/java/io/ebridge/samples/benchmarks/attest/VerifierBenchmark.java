package io.ebridge.samples.benchmarks.attest;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.security.Provider;
import java.security.Security;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One verification per operation: warm, with the caches of a verifier that has seen the platform, and cold, with a new verifier. Collateral is at hand
 * in memory. {@link VerifierReport} compares with {@link PrimitiveBenchmark} of the same provider in the same run. A verifier that is cold in this sense
 * still runs on a warm JVM, whose own certificate factory remembers certificates that it has parsed.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 6, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class VerifierBenchmark {
    @Param({"NITRO", "SGX", "TDX", "SNP"})
    public EvidenceFormat format;

    @Param({"corretto", "bouncycastle", "jdk"})
    public String provider;

    private FakeQuotingEnclave enclave;
    private CollateralSource collateral;
    private Evidence evidence;
    private AppraisalPolicy policy;
    private EvidenceVerifier warm;

    @Setup
    public void prepare() throws Exception {
        byte[] reportData = new byte[64];
        enclave = FakeQuotingEnclave.of(format);
        evidence = enclave.quote(EvidenceRequest.of(reportData));
        // The enclave's own source would sign everything anew for every request.
        collateral = CollateralSource.inMemory(enclave.collateral());
        policy = enclave.policy().withReportData(reportData);
        warm = verifier();
        warm.verify(evidence, policy);
    }

    private EvidenceVerifier verifier() {
        return EvidenceVerifier.builder()
                .trustAnchors(enclave.trustAnchors())
                .collateral(collateral)
                .signatureProvider(provider(provider))
                .build();
    }

    static Provider provider(String name) {
        return switch (name) {
            case "corretto" -> AmazonCorrettoCryptoProvider.INSTANCE;
            case "bouncycastle" -> new BouncyCastleProvider();
            case "jdk" -> Security.getProvider("SunEC");
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Benchmark
    public AttestationResult warm() throws Exception {
        return warm.verify(evidence, policy);
    }

    @Benchmark
    public AttestationResult cold() throws Exception {
        return verifier().verify(evidence, policy);
    }
}
