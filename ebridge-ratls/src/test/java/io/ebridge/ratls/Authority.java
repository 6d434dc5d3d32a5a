package io.ebridge.ratls;

import io.ebridge.ratls.tls.Leaf;
import io.ebridge.ratls.tls.LeafCertificates;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;

/** A CA as others have one. */
record Authority(KeyPair keys, X509Certificate certificate) {
    static Authority make(String name) throws Exception {
        Instant now = Instant.now();
        return make(name, now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1)));
    }

    static Authority make(String name, Instant from, Instant until) throws Exception {
        SecureRandom random = new SecureRandom();
        KeyPair keys = LeafCertificates.newKeys(random);
        return new Authority(
                keys,
                LeafCertificates.build(
                        new LeafCertificates.Spec(
                                new X500Name("CN=" + name),
                                null,
                                List.of(),
                                from,
                                until,
                                Map.of("2.5.29.19", HexFormat.of().parseHex("30030101ff"))),
                        keys,
                        random));
    }

    Leaf leaf(String host) throws Exception {
        SecureRandom random = new SecureRandom();
        KeyPair own = LeafCertificates.newKeys(random);
        Instant now = Instant.now();
        return new Leaf(
                own.getPrivate(),
                List.of(LeafCertificates.build(
                        new LeafCertificates.Spec(
                                new X500Name("CN=" + host),
                                new LeafCertificates.Issuer(
                                        X500Name.getInstance(certificate
                                                .getSubjectX500Principal()
                                                .getEncoded()),
                                        keys.getPrivate()),
                                List.of(host),
                                now.minus(Duration.ofHours(1)),
                                now.plus(Duration.ofHours(1)),
                                Map.of()),
                        own,
                        random)));
    }

    static String pem(X509Certificate certificate) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }
}
