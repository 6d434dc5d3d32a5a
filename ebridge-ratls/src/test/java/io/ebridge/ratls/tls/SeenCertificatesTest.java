package io.ebridge.ratls.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.Bytes;
import java.io.ByteArrayInputStream;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;

/** What is remembered of certificates is of the very same bytes. */
class SeenCertificatesTest {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final KeyPair KEYS = keys();

    private static KeyPair keys() {
        try {
            return LeafCertificates.newKeys(RANDOM);
        } catch (io.ebridge.ratls.AttestedTlsException e) {
            throw new AssertionError(e);
        }
    }

    private static X509Certificate certificate(KeyPair keys, String name) throws Exception {
        Instant now = Instant.now();
        return LeafCertificates.build(
                new LeafCertificates.Spec(
                        new X500Name("CN=" + name),
                        null,
                        List.of(name),
                        now.minus(Duration.ofHours(1)),
                        now.plus(Duration.ofHours(1)),
                        Map.of()),
                keys,
                RANDOM);
    }

    @Test
    void theSameBytesAreOneCertificateWhoeverParsedThem() throws Exception {
        SeenCertificates seen = new SeenCertificates();
        X509Certificate first = certificate(KEYS, "one.example");
        X509Certificate again = (X509Certificate) CertificateFactory.getInstance("X.509", new BouncyCastleProvider())
                .generateCertificate(new ByteArrayInputStream(first.getEncoded()));

        SeenCertificates.Seen known = seen.of(first);

        assertThat(known.certificate()).isSameAs(first);
        assertThat(known.keyHash())
                .isEqualTo(Bytes.of(KEYS.getPublic().getEncoded()).sha256());
        assertThat(seen.of(again)).isSameAs(known);
    }

    @Test
    void otherBytesAreAnother() throws Exception {
        SeenCertificates seen = new SeenCertificates();
        X509Certificate one = certificate(KEYS, "one.example");
        KeyPair others = LeafCertificates.newKeys(RANDOM);
        X509Certificate other = certificate(others, "one.example");
        // One bit in front of what the two have in common at the end.
        byte[] der = one.getEncoded();
        int inSerial = new String(der, java.nio.charset.StandardCharsets.ISO_8859_1)
                .indexOf(new String(one.getSerialNumber().toByteArray(), java.nio.charset.StandardCharsets.ISO_8859_1));
        der[inSerial + 1] ^= 1;
        X509Certificate altered = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));

        assertThat(seen.of(one).certificate()).isSameAs(one);
        assertThat(seen.of(altered).certificate()).isSameAs(altered);
        assertThat(seen.of(other).certificate()).isSameAs(other);
        assertThat(seen.of(other).keyHash())
                .isEqualTo(Bytes.of(others.getPublic().getEncoded()).sha256());
    }

    @Test
    void theOldestIsForgottenFirst() throws Exception {
        SeenCertificates seen = new SeenCertificates();
        SeenCertificates.Seen oldest = seen.of(certificate(KEYS, "oldest.example"));
        SeenCertificates.Seen second = seen.of(certificate(KEYS, "second.example"));
        for (int i = 2; i < SeenCertificates.MAX; i++) {
            seen.of(certificate(KEYS, i + ".example"));
        }
        assertThat(seen.of(oldest.certificate())).isSameAs(oldest);
        seen.of(certificate(KEYS, "one-too-many.example"));

        assertThat(seen.of(second.certificate())).isSameAs(second);
        assertThat(seen.of(oldest.certificate())).isNotSameAs(oldest);
    }
}
