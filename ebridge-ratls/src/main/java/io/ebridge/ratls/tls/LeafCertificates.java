package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.jspecify.annotations.Nullable;

/** Keys on P-256 and certificates over them, signed by the JCA's ECDSA. */
public final class LeafCertificates {

    private LeafCertificates() {}

    /**
     * What goes into a certificate.
     *
     * @param issuer signs it; null to sign itself
     * @param alternatives DNS names and IP literals; none for no extension
     * @param extensions raw values by OID, non-critical, in this order
     */
    public record Spec(
            X500Name subject,
            @Nullable Issuer issuer,
            List<String> alternatives,
            Instant notBefore,
            Instant notAfter,
            Map<String, byte[]> extensions) {}

    /** Who signs: a name and its EC key. */
    public record Issuer(X500Name name, PrivateKey key) {
        @Override
        public String toString() {
            return "Issuer[" + name + "]";
        }
    }

    public static KeyPair newKeys(SecureRandom random) throws AttestedTlsException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AttestedTlsException(Reason.CERTIFICATE, "no keys on P-256", e);
        }
    }

    public static X509Certificate build(Spec spec, KeyPair keys, SecureRandom random) throws AttestedTlsException {
        try {
            Issuer issuer = spec.issuer;
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    issuer == null ? spec.subject : issuer.name,
                    new BigInteger(127, random).setBit(126),
                    Date.from(spec.notBefore),
                    Date.from(spec.notAfter),
                    spec.subject,
                    SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
            if (!spec.alternatives.isEmpty()) {
                GeneralName[] names = spec.alternatives.stream()
                        .map(name -> new GeneralName(
                                Names.isIpLiteral(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
                        .toArray(GeneralName[]::new);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            for (Map.Entry<String, byte[]> extension : spec.extensions.entrySet()) {
                builder.addExtension(
                        new Extension(new ASN1ObjectIdentifier(extension.getKey()), false, extension.getValue()));
            }
            byte[] der = builder.build(new EcdsaSigner(issuer == null ? keys.getPrivate() : issuer.key))
                    .getEncoded();
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw new AttestedTlsException(Reason.CERTIFICATE, "the certificate was not made: " + e.getMessage(), e);
        }
    }

    private static final class EcdsaSigner implements ContentSigner {

        private static final AlgorithmIdentifier ALGORITHM =
                new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

        private final Signature signature;

        EcdsaSigner(PrivateKey key) throws GeneralSecurityException {
            signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return ALGORITHM;
        }

        @Override
        public java.io.OutputStream getOutputStream() {
            return new java.io.OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] from, int offset, int length) throws IOException {
                    try {
                        signature.update(from, offset, length);
                    } catch (GeneralSecurityException e) {
                        throw new IOException("signing failed", e);
                    }
                }
            };
        }

        @Override
        public byte[] getSignature() {
            try {
                return signature.sign();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("signing failed", e);
            }
        }
    }
}
