package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedPeer;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.security.GeneralSecurityException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Trusts servers that do not attest as ordinary TLS does: a chain to one of certain CAs (RFC 5280, section 6), without revocation. */
public final class AuthorityJudge implements CertificateJudge {

    /** What JSSE itself says for TLS 1.3, whose suites name no key exchange; other implementations say words that the JDK's check does not know. */
    private static final String ANY_KEY_EXCHANGE = "UNKNOWN";

    private final Set<TrustAnchor> anchors;
    private final InstantSource clock;

    public AuthorityJudge(Collection<X509Certificate> authorities, InstantSource clock) {
        if (authorities.isEmpty()) {
            throw new IllegalArgumentException("no CA to trust");
        }
        anchors = authorities.stream().map(ca -> new TrustAnchor(ca, null)).collect(Collectors.toUnmodifiableSet());
        this.clock = clock;
    }

    @Override
    public @Nullable AttestedPeer judge(X509Certificate[] chain) throws AttestedTlsException {
        try {
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(clock.instant()));
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            for (TrustManager each : factory.getTrustManagers()) {
                if (each instanceof X509TrustManager x509) {
                    x509.checkServerTrusted(chain, ANY_KEY_EXCHANGE);
                    return null;
                }
            }
        } catch (GeneralSecurityException e) {
            throw new AttestedTlsException(
                    Reason.CERTIFICATE, "no CA that is trusted here stands behind the server's certificate", e);
        }
        throw new AttestedTlsException(Reason.CERTIFICATE, "the JDK offers no check of certificate chains");
    }
}
