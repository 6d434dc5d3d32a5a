package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedPeer;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.strict.Challenge;
import io.ebridge.ratls.strict.Role;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Whom the engine of one connection expects, and whether a chain is that peer's. */
final class ExpectedPeer {

    private final Settings settings;
    private @Nullable String host;
    private @Nullable AttestedPeer shown;
    private SeenCertificates.@Nullable Seen certificate;

    ExpectedPeer(Settings settings) {
        this.settings = settings;
    }

    @Nullable String host() {
        return host;
    }

    /** What a certificate itself has proven, in CERTIFICATE mode. */
    @Nullable AttestedPeer shown() {
        return shown;
    }

    /** The certificate that has passed {@link #check}; null if none was asked for. */
    SeenCertificates.@Nullable Seen certificate() {
        return certificate;
    }

    /** Names the host that is dialled, before the handshake, and has the engine send it as SNI. */
    void host(@Nullable String name, SSLEngine engine) {
        host = Names.normal(name);
        String sni = host;
        if (sni != null && settings.role() == Role.CLIENT && !Names.isIpLiteral(sni)) {
            try {
                settings.stack().serverName(engine, new SNIHostName(sni));
            } catch (IllegalArgumentException e) {
                // Not a name that SNI can carry; whether it is the peer's is decided by the certificate.
                host = sni;
            }
        }
    }

    @Nullable String service(SSLEngine engine) {
        String service = settings.service();
        if (service != null) {
            return service;
        }
        if (host != null) {
            return host;
        }
        SSLParameters parameters = engine.getSSLParameters();
        if (parameters.getServerNames() != null) {
            for (SNIServerName name : parameters.getServerNames()) {
                if (name instanceof SNIHostName dns) {
                    return dns.getAsciiName();
                }
            }
        }
        return null;
    }

    void check(X509Certificate[] chain, SSLEngine engine) throws CertificateException {
        try {
            SeenCertificates.Seen seen = settings.stack().seen().of(chain[0]);
            X509Certificate leaf = seen.certificate();
            leaf.checkValidity(java.util.Date.from(settings.clock().instant()));
            CertificateJudge judge = settings.certificates();
            if (judge != null) {
                X509Certificate[] judged = chain.clone();
                judged[0] = leaf;
                shown = judge.judge(judged);
            }
            checkName(leaf, engine);
            certificate = seen;
        } catch (AttestedTlsException e) {
            throw new CertificateException(e.getMessage(), e);
        }
    }

    private void checkName(X509Certificate leaf, SSLEngine engine) throws AttestedTlsException {
        if (settings.anyService() || settings.strict() && settings.role() == Role.SERVER) {
            // A client's service is bound by its STRICT evidence; its certificate need not repeat it.
            return;
        }
        String service = service(engine);
        if (service == null) {
            throw new AttestedTlsException(
                    Reason.SERVICE_IDENTITY, "neither a host nor a service identity says whom to expect; name one");
        }
        AttestedPeer peer = shown;
        boolean named = peer != null && Challenge.sameService(peer.service(), service);
        if (!named && !Names.carries(leaf, service)) {
            throw new AttestedTlsException(Reason.SERVICE_IDENTITY, "the peer's certificate does not name " + service);
        }
    }
}
