package io.ebridge.ratls.tls;

import io.ebridge.ratls.strict.Challenge;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Host names and the names in certificates. No wildcards: a leaf names its services. */
public final class Names {

    private static final int DNS = 2;
    private static final int IP = 7;

    private static final Pattern DOTTED = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private Names() {}

    public static boolean isIpLiteral(String host) {
        return host.indexOf(':') >= 0 || DOTTED.matcher(host).matches();
    }

    /** The host without brackets and final dot. */
    public static @Nullable String normal(@Nullable String host) {
        if (host == null || host.isEmpty()) {
            return null;
        }
        String name = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    static boolean carries(X509Certificate certificate, String name) {
        Collection<List<?>> alternatives;
        try {
            alternatives = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            return false;
        }
        if (alternatives == null) {
            return false;
        }
        int kind = isIpLiteral(name) ? IP : DNS;
        String wanted = kind == IP ? address(name) : name;
        for (List<?> alternative : alternatives) {
            if (alternative.get(0).equals(kind) && alternative.get(1) instanceof String value) {
                if (kind == IP ? address(value).equals(wanted) : Challenge.sameService(value, wanted)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String address(String literal) {
        try {
            // A literal: no name is resolved.
            return java.net.InetAddress.getByName(literal).getHostAddress();
        } catch (java.net.UnknownHostException e) {
            return literal;
        }
    }
}
