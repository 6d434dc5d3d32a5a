package io.ebridge.attest.http;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Revocation lists that are well-formed and nobody's. */
final class TestCrl {

    private TestCrl() {}

    static byte[] der(Instant nextUpdate) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        X509v2CRLBuilder builder =
                new X509v2CRLBuilder(new X500Name("CN=ARK-Turin"), Date.from(Instant.parse("2026-01-01T00:00:00Z")));
        builder.setNextUpdate(Date.from(nextUpdate));
        builder.addCRLEntry(BigInteger.TEN, new Date(0), 0);
        return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
    }
}
