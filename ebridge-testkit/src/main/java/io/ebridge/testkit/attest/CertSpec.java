package io.ebridge.testkit.attest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/** What a certificate will say, open to changes until {@link #issue()} signs it. */
final class CertSpec {
    /** One extension. */
    record Ext(ASN1ObjectIdentifier oid, boolean critical, byte[] value) {}

    BigInteger serial;
    X500Name issuer;
    X500Name subject;
    Instant notBefore;
    Instant notAfter;
    SubjectPublicKeyInfo key;
    Signer signer;
    final List<Ext> extensions = new ArrayList<>();
    boolean breakSignature;

    CertSpec(
            X500Name subject,
            SubjectPublicKeyInfo key,
            X500Name issuer,
            Signer signer,
            BigInteger serial,
            Instant notBefore,
            Instant notAfter) {
        this.subject = subject;
        this.key = key;
        this.issuer = issuer;
        this.signer = signer;
        this.serial = serial;
        this.notBefore = notBefore;
        this.notAfter = notAfter;
    }

    /** A finished certificate. */
    record Issued(byte[] der, CertSpec spec) {
        /** As JCA has it. */
        X509Certificate x509() {
            try {
                return (X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            } catch (CertificateException e) {
                throw new IllegalStateException("the forge made a certificate that JCA cannot read", e);
            }
        }

        /** PEM with a final newline. */
        String pem() {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                            .encodeToString(der)
                    + "\n-----END CERTIFICATE-----\n";
        }
    }

    static String pem(byte[] der) {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }

    CertSpec ext(ASN1ObjectIdentifier oid, boolean critical, ASN1Encodable value) {
        return ext(oid, critical, der(value));
    }

    CertSpec ext(ASN1ObjectIdentifier oid, boolean critical, byte[] value) {
        extensions.add(new Ext(oid, critical, value.clone()));
        return this;
    }

    CertSpec remove(ASN1ObjectIdentifier oid) {
        extensions.removeIf(e -> e.oid().equals(oid));
        return this;
    }

    /** Replaces the value of an extension where it stands. */
    CertSpec replace(ASN1ObjectIdentifier oid, byte[] value) {
        extensions.replaceAll(e -> e.oid().equals(oid) ? new Ext(oid, e.critical(), value.clone()) : e);
        return this;
    }

    CertSpec ca(int pathLen) {
        return ext(
                Extension.basicConstraints,
                true,
                pathLen < 0 ? new BasicConstraints(true) : new BasicConstraints(pathLen));
    }

    CertSpec notCa() {
        return ext(Extension.basicConstraints, true, new BasicConstraints(false));
    }

    CertSpec usage(boolean critical, int bits) {
        return ext(Extension.keyUsage, critical, new KeyUsage(bits));
    }

    CertSpec subjectKeyId(byte[] id) {
        return ext(Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(id));
    }

    CertSpec authorityKeyId(byte[] id) {
        return ext(Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(id));
    }

    CertSpec crlAt(String uri) {
        GeneralNames names = new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
        return ext(Extension.cRLDistributionPoints, false, new CRLDistPoint(new DistributionPoint[] {
            new DistributionPoint(new DistributionPointName(names), null, null)
        }));
    }

    Issued issue() {
        V3TBSCertificateGenerator g = new V3TBSCertificateGenerator();
        g.setSerialNumber(new ASN1Integer(serial));
        g.setSignature(signer.algorithm());
        g.setIssuer(issuer);
        g.setSubject(subject);
        g.setStartDate(new Time(Date.from(notBefore)));
        g.setEndDate(new Time(Date.from(notAfter)));
        g.setSubjectPublicKeyInfo(key);
        if (!extensions.isEmpty()) {
            g.setExtensions(extensions());
        }
        return new Issued(sign(g.generateTBSCertificate(), signer, breakSignature), this);
    }

    private Extensions extensions() {
        ExtensionsGenerator g = new ExtensionsGenerator();
        for (Ext e : extensions) {
            g.addExtension(new Extension(e.oid(), e.critical(), new DEROctetString(e.value())));
        }
        return g.generate();
    }

    /** The signed structure of X.509: to be signed, algorithm, signature. */
    static byte[] sign(ASN1Encodable tbs, Signer signer, boolean breakSignature) {
        byte[] signature = signer.sign(der(tbs));
        if (breakSignature) {
            // The last octet belongs to s (ECDSA) or to the whole (RSA): the DER around it stays sound.
            signature[signature.length - 1] ^= 1;
        }
        AlgorithmIdentifier algorithm = signer.algorithm();
        ASN1EncodableVector v = new ASN1EncodableVector();
        v.add(tbs);
        v.add(algorithm);
        v.add(new DERBitString(signature));
        return der(new DERSequence(v));
    }

    static byte[] der(ASN1Encodable value) {
        try {
            return value.toASN1Primitive().getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
