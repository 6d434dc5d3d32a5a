package io.ebridge.testkit.attest;

import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** Distinguished names in the vendors' shapes, with the vendor's organisation replaced by the mark of the testkit. */
final class Names {
    /** In every certificate's subject. */
    static final String MARK = "INSECURE TEST";

    private Names() {}

    private static X500NameBuilder add(X500NameBuilder b, ASN1ObjectIdentifier type, String value) {
        return BCStyle.C.equals(type)
                ? b.addRDN(type, new DERPrintableString(value))
                : b.addRDN(type, new DERUTF8String(value));
    }

    /** Intel: CN, O, L, ST, C. */
    static X500Name intel(String cn) {
        X500NameBuilder b = new X500NameBuilder();
        add(b, BCStyle.CN, cn);
        add(b, BCStyle.O, MARK);
        add(b, BCStyle.L, "Santa Clara");
        add(b, BCStyle.ST, "CA");
        return add(b, BCStyle.C, "US").build();
    }

    /** AMD: OU, C, L, ST, O, CN. */
    static X500Name amd(String cn) {
        X500NameBuilder b = new X500NameBuilder();
        add(b, BCStyle.OU, "Engineering");
        add(b, BCStyle.C, "US");
        add(b, BCStyle.L, "Santa Clara");
        add(b, BCStyle.ST, "CA");
        add(b, BCStyle.O, MARK);
        return add(b, BCStyle.CN, cn).build();
    }

    /** AWS root and regional certificates: C, O, OU, CN. */
    static X500Name aws(String cn) {
        X500NameBuilder b = new X500NameBuilder();
        add(b, BCStyle.C, "US");
        add(b, BCStyle.O, MARK);
        add(b, BCStyle.OU, "AWS");
        return add(b, BCStyle.CN, cn).build();
    }

    /** AWS zonal certificates: CN, OU, O, C, ST, L. */
    static X500Name awsZonal(String cn) {
        X500NameBuilder b = new X500NameBuilder();
        add(b, BCStyle.CN, cn);
        add(b, BCStyle.OU, "AWS");
        add(b, BCStyle.O, MARK);
        add(b, BCStyle.C, "US");
        add(b, BCStyle.ST, "WA");
        return add(b, BCStyle.L, "Seattle").build();
    }

    /** AWS instance and leaf certificates: C, ST, L, O, OU, CN. */
    static X500Name awsInstance(String cn) {
        X500NameBuilder b = new X500NameBuilder();
        add(b, BCStyle.C, "US");
        add(b, BCStyle.ST, "Washington");
        add(b, BCStyle.L, "Seattle");
        add(b, BCStyle.O, MARK);
        add(b, BCStyle.OU, "AWS");
        return add(b, BCStyle.CN, cn).build();
    }
}
