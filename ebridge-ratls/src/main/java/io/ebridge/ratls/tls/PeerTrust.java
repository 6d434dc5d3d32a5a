package io.ebridge.ratls.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges the peer's chain for one connection. Only the two checks that know the engine can pass, and only for the role that the peer has; the other
 * methods refuse, since they cannot know which connection they speak of. {@code CertificateVerify} stays the TLS stack's business.
 */
public final class PeerTrust extends X509ExtendedTrustManager {

    /** What is checked of a chain. */
    public interface Check {
        void check(X509Certificate[] chain) throws CertificateException;
    }

    private static final int MAX_CHAIN = 8;

    private final @Nullable Check servers;
    private final @Nullable Check clients;
    private volatile boolean asked;

    public PeerTrust(@Nullable Check servers, @Nullable Check clients) {
        this.servers = servers;
        this.clients = clients;
    }

    /** One that refuses everything, for libraries that want a trust manager beside a socket factory. */
    public static PeerTrust refusing() {
        return new PeerTrust(null, null);
    }

    /** Whether it is of no connection in particular, since it says no to all. */
    boolean refusesAll() {
        return servers == null && clients == null;
    }

    /** Whether a chain was accepted: false after a handshake that was resumed. */
    boolean accepted() {
        return asked;
    }

    private void check(@Nullable Check check, X509Certificate @Nullable [] chain) throws CertificateException {
        if (check == null) {
            throw new CertificateException("no peer of this role is trusted here");
        }
        if (chain == null || chain.length == 0 || chain.length > MAX_CHAIN) {
            throw new CertificateException("no chain, or one of more than " + MAX_CHAIN + " certificates");
        }
        check.check(chain);
        asked = true;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        requireEngine(engine);
        check(servers, chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        requireEngine(engine);
        check(clients, chain);
    }

    private static void requireEngine(@Nullable SSLEngine engine) throws CertificateException {
        if (engine == null) {
            throw unbound();
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw unbound();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw unbound();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw unbound();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw unbound();
    }

    private static CertificateException unbound() {
        return new CertificateException("attested trust is decided for a connection's own engine, not apart from it");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
