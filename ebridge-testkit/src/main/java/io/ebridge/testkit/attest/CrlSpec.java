package io.ebridge.testkit.attest;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V2TBSCertListGenerator;

/** What a revocation list will say, open to changes until {@link #issue()} signs it. */
final class CrlSpec {
    X500Name issuer;
    Signer signer;
    Instant thisUpdate;
    Instant nextUpdate;
    byte[] authorityKeyId;
    final List<BigInteger> revoked = new ArrayList<>();
    boolean breakSignature;

    CrlSpec(X500Name issuer, Signer signer, byte[] authorityKeyId, Instant thisUpdate, Instant nextUpdate) {
        this.issuer = issuer;
        this.signer = signer;
        this.authorityKeyId = authorityKeyId.clone();
        this.thisUpdate = thisUpdate;
        this.nextUpdate = nextUpdate;
    }

    byte[] issue() {
        V2TBSCertListGenerator g = new V2TBSCertListGenerator();
        g.setIssuer(issuer);
        g.setSignature(signer.algorithm());
        g.setThisUpdate(new Time(Date.from(thisUpdate)));
        g.setNextUpdate(new Time(Date.from(nextUpdate)));
        for (BigInteger serial : revoked) {
            g.addCRLEntry(new ASN1Integer(serial), new Time(Date.from(thisUpdate)), CRLReason.keyCompromise);
        }
        g.setExtensions(new Extensions(new Extension[] {
            extension(Extension.cRLNumber, CertSpec.der(new ASN1Integer(1))),
            extension(Extension.authorityKeyIdentifier, CertSpec.der(new AuthorityKeyIdentifier(authorityKeyId)))
        }));
        return CertSpec.sign(g.generateTBSCertList(), signer, breakSignature);
    }

    private static Extension extension(org.bouncycastle.asn1.ASN1ObjectIdentifier oid, byte[] value) {
        return new Extension(oid, false, new DEROctetString(value));
    }
}
