package io.ebridge.attest.x509;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.security.auth.x500.X500Principal;

/** Reads names (RFC 5280 section 4.1.2.4). */
final class DistinguishedName {

    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int OID = 0x06;
    private static final int UTF8_STRING = 0x0C;
    private static final int PRINTABLE_STRING = 0x13;
    private static final byte[] COMMON_NAME = {0x55, 0x04, 0x03};

    private DistinguishedName() {}

    /** The one common name, or the empty string: of a name that has none, several, one among other attributes, or none in ASCII or UTF-8. */
    static String commonName(X500Principal name) {
        byte[] der = name.getEncoded();
        int[] all = X509.element(der, 0, der.length, SEQUENCE);
        String found = "";
        for (int at = all == null ? der.length : all[0]; all != null && at < all[1]; ) {
            int[] relative = X509.element(der, at, all[1], SET);
            if (relative == null) {
                return "";
            }
            for (int in = relative[0]; in < relative[1]; ) {
                int[] attribute = X509.element(der, in, relative[1], SEQUENCE);
                int[] type = attribute == null ? null : X509.element(der, attribute[0], attribute[1], OID);
                if (attribute == null || type == null) {
                    return "";
                }
                if (Arrays.equals(der, type[0], type[1], COMMON_NAME, 0, COMMON_NAME.length)) {
                    boolean alone = in == relative[0] && attribute[1] == relative[1];
                    String value = text(der, type[1], attribute[1]);
                    if (!alone || !found.isEmpty() || value.isEmpty()) {
                        return "";
                    }
                    found = value;
                }
                in = attribute[1];
            }
            at = relative[1];
        }
        return found;
    }

    private static String text(byte[] der, int at, int end) {
        int tag = at < end ? der[at] : 0;
        int[] value = tag == UTF8_STRING || tag == PRINTABLE_STRING ? X509.element(der, at, end, tag) : null;
        return value == null || value[1] != end
                ? ""
                : new String(der, value[0], value[1] - value[0], StandardCharsets.UTF_8);
    }
}
