package io.ebridge.attest.crypto;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECPoint;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;

/**
 * ECDSA on Bouncy Castle's curve-specific arithmetic, without its security provider.
 *
 * <p>Bouncy Castle hangs tables of multiples on a point that it has met several times, and a verification then takes less than half
 * as long. So the points of keys that verified something are kept, for all verifiers of the JVM and in bounded number.
 */
final class BouncyEcdsa {

    /** A point with its tables takes up to about 10 KB. */
    static final int MAX_POINTS = 256;

    private static final BouncyEcdsa P256 = new BouncyEcdsa("P-256");
    private static final BouncyEcdsa P384 = new BouncyEcdsa("P-384");

    private final ECDomainParameters domain;
    private final Map<ECPoint, ECPublicKeyParameters> known = new ConcurrentHashMap<>();

    private BouncyEcdsa(String curve) {
        domain = new ECDomainParameters(CustomNamedCurves.getByName(curve));
    }

    static BouncyEcdsa on(EcCurve curve) {
        return curve == EcCurve.P256 ? P256 : P384;
    }

    boolean verify(SignatureScheme scheme, PublicKey key, byte[] signature, byte[]... parts)
            throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance(scheme.digest());
        for (byte[] part : parts) {
            digest.update(part);
        }
        ECPoint point = ((ECPublicKey) key).getW();
        ECPublicKeyParameters kept = known.get(point);
        ECPublicKeyParameters parameters = kept == null ? parameters(point) : kept;
        ECDSASigner verifier = new ECDSASigner();
        verifier.init(false, parameters);
        int size = signature.length / 2;
        boolean verified = verifier.verifySignature(
                digest.digest(), new BigInteger(1, signature, 0, size), new BigInteger(1, signature, size, size));
        if (verified && kept == null) {
            keep(point, parameters);
        }
        return verified;
    }

    /** How many points there are now. */
    int size() {
        return known.size();
    }

    private ECPublicKeyParameters parameters(ECPoint point) {
        return new ECPublicKeyParameters(domain.getCurve().createPoint(point.getAffineX(), point.getAffineY()), domain);
    }

    private void keep(ECPoint point, ECPublicKeyParameters parameters) {
        if (known.size() >= MAX_POINTS) {
            // Rare, and all that it costs are a few slow verifications of each key that is still in use.
            known.clear();
        }
        known.put(point, parameters);
    }
}
