package io.ebridge.testkit.attest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** A key pair derived from a seed, with deterministic ECDSA (RFC 6979). */
final class EcKey implements Signer {
    /** The two curves in use. */
    enum Curve {
        /** With SHA-256. */
        P256("P-256", SECObjectIdentifiers.secp256r1, X9ObjectIdentifiers.ecdsa_with_SHA256, 32),
        /** With SHA-384. */
        P384("P-384", SECObjectIdentifiers.secp384r1, X9ObjectIdentifiers.ecdsa_with_SHA384, 48);

        final ECDomainParameters domain;
        final ASN1ObjectIdentifier oid;
        final AlgorithmIdentifier signature;
        final int octets;

        Curve(String name, ASN1ObjectIdentifier oid, ASN1ObjectIdentifier signature, int octets) {
            X9ECParameters x9 = CustomNamedCurves.getByName(name);
            this.domain = new ECDomainParameters(x9);
            this.oid = oid;
            this.signature = new AlgorithmIdentifier(signature);
            this.octets = octets;
        }

        Digest digest() {
            return this == P256 ? new SHA256Digest() : new SHA384Digest();
        }
    }

    private final Curve curve;
    private final BigInteger d;
    private final byte[] point;

    private EcKey(Curve curve, BigInteger d) {
        this.curve = curve;
        this.d = d;
        this.point = new FixedPointCombMultiplier()
                .multiply(curve.domain.getG(), d)
                .normalize()
                .getEncoded(false);
    }

    static EcKey derive(Seed seed, Curve curve, String label) {
        BigInteger n = curve.domain.getN();
        // 128 spare bits keep the bias of the reduction negligible (FIPS 186-5, A.2.1).
        BigInteger c = new BigInteger(1, seed.bytes("key " + label, curve.octets + 16));
        return new EcKey(curve, c.mod(n.subtract(BigInteger.ONE)).add(BigInteger.ONE));
    }

    /** The public point as X and Y, big-endian. */
    byte[] rawPublic() {
        return Arrays.copyOfRange(point, 1, point.length);
    }

    SubjectPublicKeyInfo spki() {
        return new SubjectPublicKeyInfo(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve.oid), point);
    }

    /** SHA-1 of the public point, as key identifiers have it (RFC 5280, 4.2.1.2). */
    byte[] keyId() {
        return Digests.sha1(point);
    }

    /** The private key for JCA, for tests that speak TLS or sign themselves. */
    PrivateKey privateKey() {
        try {
            PrivateKeyInfo info = new PrivateKeyInfo(
                    new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve.oid),
                    new ECPrivateKey(curve.octets * 8, d));
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK knows " + curve, e);
        }
    }

    @Override
    public AlgorithmIdentifier algorithm() {
        return curve.signature;
    }

    /** A DER signature, as X.509 wants it. */
    @Override
    public byte[] sign(byte[] data) {
        BigInteger[] rs = rs(data);
        ASN1EncodableVector v = new ASN1EncodableVector();
        v.add(new ASN1Integer(rs[0]));
        v.add(new ASN1Integer(rs[1]));
        try {
            return new DERSequence(v).getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** r and s, big-endian, each as wide as the curve. */
    byte[] signRaw(byte[] data) {
        BigInteger[] rs = rs(data);
        byte[] out = new byte[2 * curve.octets];
        fixed(rs[0], out, 0);
        fixed(rs[1], out, curve.octets);
        return out;
    }

    private BigInteger[] rs(byte[] data) {
        Digest digest = curve.digest();
        digest.update(data, 0, data.length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(curve.digest()));
        signer.init(true, new ECPrivateKeyParameters(d, curve.domain));
        return signer.generateSignature(hash);
    }

    private void fixed(BigInteger v, byte[] out, int at) {
        byte[] b = v.toByteArray();
        int skip = b.length > curve.octets ? b.length - curve.octets : 0;
        int n = b.length - skip;
        System.arraycopy(b, skip, out, at + curve.octets - n, n);
    }
}
