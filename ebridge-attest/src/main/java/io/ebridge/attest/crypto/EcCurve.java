package io.ebridge.attest.crypto;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;

/** The two curves that vendors use, and keys on them (SEC 1; NIST SP 800-186). */
public enum EcCurve {
    /** P-256, secp256r1. */
    P256("secp256r1", 32),
    /** P-384, secp384r1. */
    P384("secp384r1", 48);

    private final int fieldBytes;
    private final ECParameterSpec parameters;

    EcCurve(String name, int fieldBytes) {
        this.fieldBytes = fieldBytes;
        try {
            AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
            named.init(new ECGenParameterSpec(name));
            parameters = named.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no " + name, e);
        }
    }

    /** The length of a coordinate, and of each half of a signature. */
    public int fieldBytes() {
        return fieldBytes;
    }

    /** The domain parameters. */
    public ECParameterSpec parameters() {
        return parameters;
    }

    /** Whether a key lies on this curve: same domain parameters, and a point that satisfies the curve's equation. */
    public boolean holds(PublicKey key) {
        if (!(key instanceof ECPublicKey ec)) {
            return false;
        }
        ECParameterSpec spec = ec.getParams();
        return spec.getCurve().equals(parameters.getCurve())
                && spec.getGenerator().equals(parameters.getGenerator())
                && spec.getOrder().equals(parameters.getOrder())
                && spec.getCofactor() == 1
                && isOnCurve(ec.getW());
    }

    /**
     * A key from its point.
     *
     * @param xy both coordinates, big-endian, one after the other
     * @throws GeneralSecurityException if the length is wrong or the point is not on the curve
     */
    public ECPublicKey publicKey(byte[] xy) throws GeneralSecurityException {
        if (xy.length != 2 * fieldBytes) {
            throw new java.security.InvalidKeyException("a point has " + 2 * fieldBytes + " bytes, not " + xy.length);
        }
        ECPoint point =
                new ECPoint(new BigInteger(1, xy, 0, fieldBytes), new BigInteger(1, xy, fieldBytes, fieldBytes));
        if (!isOnCurve(point)) {
            throw new java.security.InvalidKeyException("the point is not on " + this);
        }
        return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, parameters));
    }

    private boolean isOnCurve(ECPoint point) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        EllipticCurve curve = parameters.getCurve();
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        if (x.signum() < 0 || y.signum() < 0 || x.compareTo(p) >= 0 || y.compareTo(p) >= 0) {
            return false;
        }
        BigInteger right =
                x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB()).mod(p);
        return y.multiply(y).mod(p).equals(right);
    }
}
