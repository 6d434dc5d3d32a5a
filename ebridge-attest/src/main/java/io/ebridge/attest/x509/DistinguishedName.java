package io.ebridge.attest.x509;

import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/** Reads names. */
final class DistinguishedName {

    private DistinguishedName() {}

    static String commonName(X500Principal name) {
        try {
            RDN[] names = X500Name.getInstance(name.getEncoded()).getRDNs(BCStyle.CN);
            if (names.length != 1 || names[0].isMultiValued()) {
                return "";
            }
            return IETFUtils.valueToString(names[0].getFirst().getValue());
        } catch (IllegalArgumentException | IllegalStateException e) {
            // A damaged name, which the JDK's parser lets through: it is nobody's.
            return "";
        }
    }
}
