package io.ebridge.attest.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Verifies signatures with explicit provider instances; registers none with the JVM. Thread-safe.
 *
 * <p>ECDSA signatures are r and s of the curve's length each; their range [1, n-1] is checked whatever the provider, and so is
 * that the key lies on the scheme's curve. A low s is not demanded, so a signature has a twin: never use one as an identity.
 */
public final class Signatures {

    private static final PSSParameterSpec PSS_SHA384 =
            new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 48, PSSParameterSpec.TRAILER_FIELD_BC);

    private static final class Best {
        static final Signatures INSTANCE = choose();
    }

    private final @Nullable Provider ecProvider;
    private final @Nullable Provider rsaProvider;
    private final String description;

    private Signatures(@Nullable Provider ecProvider, @Nullable Provider rsaProvider, String description) {
        this.ecProvider = ecProvider;
        this.rsaProvider = rsaProvider;
        this.description = description;
    }

    /**
     * The fastest present: Amazon Corretto Crypto Provider if it is on the path, loads its native part and passes a
     * self-test; else Bouncy Castle for ECDSA and the JDK for RSA. Chosen once.
     */
    public static Signatures best() {
        return Best.INSTANCE;
    }

    /** Bouncy Castle's curves for ECDSA, the JDK for RSA. */
    public static Signatures bouncyCastle() {
        return new Signatures(null, jdkProvider("SunRsaSign"), "Bouncy Castle (ECDSA), SunRsaSign (RSA)");
    }

    /** The JDK's own providers. */
    public static Signatures jdk() {
        return new Signatures(jdkProvider("SunEC"), jdkProvider("SunRsaSign"), "SunEC (ECDSA), SunRsaSign (RSA)");
    }

    /**
     * One provider for everything that it offers, the JDK for the rest.
     *
     * @param provider an instance; it need not be registered
     */
    public static Signatures of(Provider provider) {
        if (provider.getName().equals("BC")) {
            return bouncyCastle();
        }
        boolean ec = offers(provider, SignatureScheme.ES256) && offers(provider, SignatureScheme.ES384);
        boolean rsa = offers(provider, SignatureScheme.PS384);
        Signatures jdk = jdk();
        return new Signatures(
                ec ? provider : jdk.ecProvider,
                rsa ? provider : jdk.rsaProvider,
                (ec ? provider.getName() : "SunEC") + " (ECDSA), " + (rsa ? provider.getName() : "SunRsaSign")
                        + " (RSA)");
    }

    /** Which providers are used. */
    public String description() {
        return description;
    }

    /**
     * Verifies a signature over the concatenation of some parts.
     *
     * @param scheme the scheme
     * @param key the key; one of another type or curve verifies nothing
     * @param signature for ECDSA r and s of fixed length, for RSA of the modulus's length
     * @param parts what was signed, in order
     * @return whether it verifies; false too for anything malformed
     */
    public boolean verify(SignatureScheme scheme, PublicKey key, byte[] signature, byte[]... parts) {
        EcCurve curve = scheme.curve();
        try {
            if (curve == null) {
                return key instanceof RSAPublicKey && verifyJca(rsaProvider, scheme, key, signature, parts);
            }
            if (signature.length != 2 * curve.fieldBytes() || !curve.holds(key)) {
                return false;
            }
            if (!EcRange.inRange(signature, curve)) {
                return false;
            }
            return ecProvider == null
                    ? BouncyEcdsa.on(curve).verify(scheme, key, signature, parts)
                    : verifyJca(ecProvider, scheme, key, signature, parts);
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the provider offered " + scheme + " and has it no more", e);
        }
    }

    private static boolean verifyJca(
            @Nullable Provider provider, SignatureScheme scheme, PublicKey key, byte[] signature, byte[]... parts)
            throws GeneralSecurityException {
        Signature verifier = provider == null
                ? Signature.getInstance(scheme.jcaName())
                : Signature.getInstance(scheme.jcaName(), provider);
        if (scheme == SignatureScheme.PS384) {
            verifier.setParameter(PSS_SHA384);
        }
        verifier.initVerify(key);
        for (byte[] part : parts) {
            verifier.update(part);
        }
        return verifier.verify(signature);
    }

    private static boolean offers(Provider provider, SignatureScheme scheme) {
        return provider.getService("Signature", scheme.jcaName()) != null;
    }

    private static @Nullable Provider jdkProvider(String name) {
        return java.security.Security.getProvider(name);
    }

    private static Signatures choose() {
        return CorrettoProvider.find().map(Signatures::of).orElseGet(Signatures::bouncyCastle);
    }

    @Override
    public String toString() {
        return description;
    }
}
