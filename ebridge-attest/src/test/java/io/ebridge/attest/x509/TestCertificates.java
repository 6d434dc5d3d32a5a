package io.ebridge.attest.x509;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates and CRLs for tests, each wrong in one way if asked. */
final class TestCertificates {

    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    static final KeyPair ROOT_KEY = ec("secp384r1");
    static final KeyPair CA_KEY = ec("secp384r1");
    static final KeyPair LEAF_KEY = ec("secp384r1");

    private TestCertificates() {}

    /** What to put into a certificate; the defaults make a good leaf under the CA. */
    static final class Spec {
        String subject = "CN=INSECURE TEST leaf";
        String issuer = "CN=INSECURE TEST ca";
        KeyPair key = LEAF_KEY;
        KeyPair issuerKey = CA_KEY;
        Integer pathLength = null;
        boolean ca = false;
        boolean constraints = true;
        int usage = KeyUsage.digitalSignature;
        String algorithm = "SHA384withECDSA";
        Instant from = NOW.minus(Duration.ofHours(1));
        Instant until = NOW.plus(Duration.ofHours(1));
        boolean unknownCritical = false;
        long serial = 7;

        X509Certificate make() {
            try {
                JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        new X500Name(issuer),
                        BigInteger.valueOf(serial),
                        Date.from(from),
                        Date.from(until),
                        new X500Name(subject),
                        key.getPublic());
                if (constraints) {
                    builder.addExtension(
                            Extension.basicConstraints,
                            true,
                            ca && pathLength != null ? new BasicConstraints(pathLength) : new BasicConstraints(ca));
                }
                if (usage != 0) {
                    builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
                }
                if (unknownCritical) {
                    builder.addExtension(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"), true, DERNull.INSTANCE);
                }
                return new JcaX509CertificateConverter()
                        .getCertificate(
                                builder.build(new JcaContentSignerBuilder(algorithm).build(issuerKey.getPrivate())));
            } catch (GeneralSecurityException | OperatorCreationException | java.io.IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static Spec root() {
        Spec spec = new Spec();
        spec.subject = "CN=INSECURE TEST root";
        spec.issuer = spec.subject;
        spec.key = ROOT_KEY;
        spec.issuerKey = ROOT_KEY;
        spec.ca = true;
        spec.usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
        spec.until = NOW.plus(Duration.ofDays(3650));
        return spec;
    }

    static Spec ca() {
        Spec spec = new Spec();
        spec.subject = "CN=INSECURE TEST ca";
        spec.issuer = "CN=INSECURE TEST root";
        spec.key = CA_KEY;
        spec.issuerKey = ROOT_KEY;
        spec.ca = true;
        spec.pathLength = 0;
        spec.usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
        return spec;
    }

    static Spec leaf() {
        return new Spec();
    }

    /** A CRL of the CA. */
    static byte[] crl(String issuer, KeyPair key, Instant from, Instant until, boolean delta, long... revoked) {
        try {
            X509v2CRLBuilder builder = new X509v2CRLBuilder(new X500Name(issuer), Date.from(from));
            if (until != null) {
                builder.setNextUpdate(Date.from(until));
            }
            for (long serial : revoked) {
                builder.addCRLEntry(BigInteger.valueOf(serial), Date.from(from), 0);
            }
            if (delta) {
                builder.addExtension(
                        Extension.deltaCRLIndicator, true, new org.bouncycastle.asn1.ASN1Integer(BigInteger.ONE));
            }
            X509CRLHolder holder =
                    builder.build(new JcaContentSignerBuilder("SHA384withECDSA").build(key.getPrivate()));
            return holder.getEncoded();
        } catch (OperatorCreationException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
