package io.ebridge.samples.benchmarks.attest;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
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
 * One verification per operation: warm, with the caches of a verifier that has seen the platform, and cold, with a new verifier. Compare with
 * {@link PrimitiveBenchmark} of the same provider in the same run: a warm SGX or TDX verification needs two P-256 verifications, a cold one nine or ten.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class VerifierBenchmark {
    @Param({"NITRO", "SGX", "TDX", "SNP"})
    public EvidenceFormat format;

    @Param({"best", "corretto", "bouncycastle", "jdk"})
    public String provider;

    private FakeQuotingEnclave enclave;
    private Evidence evidence;
    private AppraisalPolicy policy;
    private EvidenceVerifier warm;

    @Setup
    public void prepare() throws Exception {
        byte[] reportData = new byte[64];
        enclave = FakeQuotingEnclave.of(format);
        evidence = enclave.quote(EvidenceRequest.of(reportData));
        policy = enclave.policy().withReportData(reportData);
        warm = verifier();
        warm.verify(evidence, policy);
    }

    private EvidenceVerifier verifier() {
        EvidenceVerifier.Builder builder =
                EvidenceVerifier.builder().trustAnchors(enclave.trustAnchors()).collateral(enclave.collateralSource());
        Provider chosen = provider(provider);
        return (chosen == null ? builder : builder.signatureProvider(chosen)).build();
    }

    static Provider provider(String name) {
        return switch (name) {
            case "best" -> null;
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
