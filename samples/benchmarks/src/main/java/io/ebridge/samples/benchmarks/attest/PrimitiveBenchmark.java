package io.ebridge.samples.benchmarks.attest;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.concurrent.TimeUnit;
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

/** What one ECDSA verification costs on each provider: the floor under {@link VerifierBenchmark}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class PrimitiveBenchmark {
    @Param({"corretto", "bouncycastle", "jdk"})
    public String provider;

    @Param({"256", "384"})
    public int curve;

    private final byte[] message = new byte[512];
    private Provider chosen;
    private String algorithm;
    private PublicKey key;
    private byte[] signature;

    @Setup
    public void prepare() throws Exception {
        chosen = VerifierBenchmark.provider(provider);
        algorithm = "SHA" + curve + "withECDSA";
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", chosen);
        generator.initialize(new ECGenParameterSpec("secp" + curve + "r1"));
        KeyPair pair = generator.generateKeyPair();
        Signature signer = Signature.getInstance(algorithm, chosen);
        signer.initSign(pair.getPrivate());
        signer.update(message);
        signature = signer.sign();
        key = pair.getPublic();
    }

    @Benchmark
    public boolean verify() throws Exception {
        Signature verifier = Signature.getInstance(algorithm, chosen);
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(signature);
    }
}
