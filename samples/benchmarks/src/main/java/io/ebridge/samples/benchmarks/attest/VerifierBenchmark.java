package io.ebridge.samples.benchmarks.attest;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.TrustAnchors;
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
 * One verification per operation: warm, with the caches of a verifier that has seen the platform; cold, with a new verifier; and unseen, with a new
 * verifier and another platform every time. Collateral is at hand in memory. {@link VerifierReport} compares with {@link PrimitiveBenchmark} of the same
 * provider in the same run. A verifier that is cold still runs on a warm JVM, which remembers what does not belong to any verifier: parsed
 * certificates, and tables of multiples of public keys. An unseen platform has nothing of that.
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

    // Made once: Bouncy Castle's takes longer to make than most evidence takes to verify.
    private Provider signatures;
    private Subject subject;
    private EvidenceVerifier warm;

    /** A platform with its evidence and what to verify it by. */
    private record Subject(
            TrustAnchors anchors, CollateralSource collateral, Evidence evidence, AppraisalPolicy policy) {
        static Subject of(FakeQuotingEnclave enclave) throws EvidenceUnavailableException {
            byte[] reportData = new byte[64];
            // The enclave's own source would sign everything anew for every request.
            return new Subject(
                    enclave.trustAnchors(),
                    CollateralSource.inMemory(enclave.collateral()),
                    enclave.quote(EvidenceRequest.of(reportData)),
                    enclave.policy().withReportData(reportData));
        }

        AttestationResult verify(EvidenceVerifier verifier) throws EvidenceRejectedException {
            return verifier.verify(evidence, policy);
        }

        EvidenceVerifier verifier(Provider signatures) {
            return EvidenceVerifier.builder()
                    .trustAnchors(anchors)
                    .collateral(collateral)
                    .signatureProvider(signatures)
                    .build();
        }
    }

    @Setup
    public void prepare() throws Exception {
        signatures = provider(provider);
        subject = Subject.of(FakeQuotingEnclave.of(format));
        warm = subject.verifier(signatures);
        subject.verify(warm);
    }

    /** More platforms than the JVM remembers certificates of, or the verifiers points. */
    @State(Scope.Benchmark)
    public static class Strangers {
        private static final int COUNT = 200;
        private final Subject[] all = new Subject[COUNT];
        private int next;

        @Setup
        public void prepare(VerifierBenchmark benchmark) throws Exception {
            for (int i = 0; i < COUNT; i++) {
                all[i] = Subject.of(FakeQuotingEnclave.of(benchmark.format).seed(1 + i));
            }
        }

        Subject next() {
            next = (next + 1) % COUNT;
            return all[next];
        }
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
        return subject.verify(warm);
    }

    @Benchmark
    public AttestationResult cold() throws Exception {
        return subject.verify(subject.verifier(signatures));
    }

    @Benchmark
    public AttestationResult unseen(Strangers strangers) throws Exception {
        Subject stranger = strangers.next();
        return stranger.verify(stranger.verifier(signatures));
    }
}
