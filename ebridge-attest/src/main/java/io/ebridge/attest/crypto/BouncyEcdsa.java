package io.ebridge.attest.crypto;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;

/** ECDSA on Bouncy Castle's curve-specific arithmetic, without its security provider. */
final class BouncyEcdsa {

    private static final ECDomainParameters P256 = domain("P-256");
    private static final ECDomainParameters P384 = domain("P-384");

    private BouncyEcdsa() {}

    static boolean verify(SignatureScheme scheme, EcCurve curve, PublicKey key, byte[] signature, byte[]... parts)
            throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance(scheme.digest());
        for (byte[] part : parts) {
            digest.update(part);
        }
        ECDomainParameters domain = curve == EcCurve.P256 ? P256 : P384;
        ECPublicKey ec = (ECPublicKey) key;
        ECDSASigner verifier = new ECDSASigner();
        verifier.init(
                false,
                new ECPublicKeyParameters(
                        domain.getCurve()
                                .createPoint(ec.getW().getAffineX(), ec.getW().getAffineY()),
                        domain));
        int size = curve.fieldBytes();
        return verifier.verifySignature(
                digest.digest(), new BigInteger(1, signature, 0, size), new BigInteger(1, signature, size, size));
    }

    private static ECDomainParameters domain(String name) {
        X9ECParameters curve = CustomNamedCurves.getByName(name);
        return new ECDomainParameters(curve);
    }
}
