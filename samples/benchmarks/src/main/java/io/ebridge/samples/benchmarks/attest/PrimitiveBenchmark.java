package io.ebridge.samples.benchmarks.attest;

import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
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

/**
 * What one signature verification costs on each provider: the floor under {@link VerifierBenchmark}. Several keys take turns, as they do in a chain; one
 * key and signature for ever would teach the processor's branch predictor its bits. A provider may remember things about a key that it has met before,
 * so a key that is read anew each time is measured as well.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class PrimitiveBenchmark {
    private static final int KEYS = 10;
    private static final PSSParameterSpec PSS =
            new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 48, PSSParameterSpec.TRAILER_FIELD_BC);

    @Param({"corretto", "bouncycastle", "jdk"})
    public String provider;

    @Param({"P256", "P384", "RSA4096"})
    public String key;

    private final byte[] message = new byte[512];
    private final PublicKey[] keys = new PublicKey[KEYS];
    private final byte[][] encoded = new byte[KEYS][];
    private final byte[][] signatures = new byte[KEYS][];
    private KeyFactory reader;
    private Provider chosen;
    private int next;

    @Setup
    public void prepare() throws Exception {
        chosen = provider();
        reader = KeyFactory.getInstance(isRsa() ? "RSA" : "EC", chosen);
        KeyPairGenerator generator;
        if (isRsa()) {
            generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(4096);
        } else {
            generator = KeyPairGenerator.getInstance("EC", chosen);
            generator.initialize(new ECGenParameterSpec("secp" + key.substring(1) + "r1"));
        }
        KeyPair pair = generator.generateKeyPair();
        for (int i = 0; i < KEYS; i++) {
            // A key of RSA takes long to make, and verification takes the same path whatever its bits.
            pair = i == 0 || isRsa() ? pair : generator.generateKeyPair();
            Signature signer = instance();
            signer.initSign(pair.getPrivate());
            signer.update(message);
            signatures[i] = signer.sign();
            keys[i] = pair.getPublic();
            encoded[i] = keys[i].getEncoded();
        }
    }

    /** The verifier leaves RSA to the JDK where Bouncy Castle has the curves, so the floor does too. */
    private Provider provider() {
        return isRsa() && !provider.equals("corretto")
                ? Security.getProvider("SunRsaSign")
                : VerifierBenchmark.provider(provider);
    }

    private boolean isRsa() {
        return key.startsWith("RSA");
    }

    private Signature instance() throws Exception {
        Signature signature =
                Signature.getInstance(isRsa() ? "RSASSA-PSS" : "SHA" + key.substring(1) + "withECDSA", chosen);
        if (isRsa()) {
            signature.setParameter(PSS);
        }
        return signature;
    }

    @Benchmark
    public boolean verify() throws Exception {
        int i = turn();
        return verify(keys[i], signatures[i]);
    }

    @Benchmark
    public boolean verifyNewKey() throws Exception {
        int i = turn();
        return verify(reader.generatePublic(new X509EncodedKeySpec(encoded[i])), signatures[i]);
    }

    private int turn() {
        next = (next + 1) % KEYS;
        return next;
    }

    private boolean verify(PublicKey publicKey, byte[] signature) throws Exception {
        Signature verifier = instance();
        verifier.initVerify(publicKey);
        verifier.update(message);
        return verifier.verify(signature);
    }
}
