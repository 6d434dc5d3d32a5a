package io.ebridge.ratls;

import io.ebridge.attest.AppraisalPolicy;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Where attested TLS starts: contexts for clients that trust only certain code, and for the services that such clients trust.
 *
 * <p>Guarantees of a STRICT context, the default: TLS 1.3 only; before any application byte in either direction the peer has answered a fresh challenge
 * with evidence that is bound to this session and satisfies the policy; no fallback, no resumption; a start-up self-test has tried to resume and
 * failed. It holds for every engine and socket of the context, whatever library drives it.
 *
 * <p><b>Silent peers.</b> The handshake, verdict included, takes at most {@link AttestedClient#timeout}, and so does each later exchange. Sockets and
 * {@link io.ebridge.ratls.netty.AttestedSslHandlers} keep to it by timers of their own. An engine has none and cannot wake its driver: it fails with
 * {@link AttestedTlsException.Reason#TIMEOUT} at the first {@code wrap} or {@code unwrap} after that time, and lets nothing pass before; when that call
 * comes is up to the driver's own time-out ({@code HttpRequest.timeout} of the JDK's client, say).
 *
 * <pre>{@code
 * SSLContext tls = AttestedTls.client(NitroPolicy.builder().pcr0(expected).build()).sslContext();
 * HttpClient http = HttpClient.newBuilder().sslContext(tls).build();
 * }</pre>
 */
public final class AttestedTls {

    private AttestedTls() {}

    /**
     * A client that accepts services by one policy.
     *
     * @param policy what the service's evidence must show; without report data and nonce, which each session determines
     * @return its settings, from which a context is made
     */
    public static AttestedClient client(AppraisalPolicy policy) {
        return new AttestedClient(policy);
    }

    /**
     * A service.
     *
     * @param identity what it is; stays the caller's to close
     * @return its settings, from which a context is made
     */
    public static AttestedServer server(ServiceIdentity identity) {
        return new AttestedServer(identity);
    }

    /**
     * A server that shows an ordinary certificate and demands evidence of its clients. Clients know it by its certificate's CA:
     * {@link #attestingClient}. A client that demands evidence of it is refused.
     *
     * @param key the certificate's key
     * @param chain the certificate and what leads to its CA, the server's own first
     * @return its settings; name the clients by {@link AttestedServer#requireClient}
     */
    public static AttestedServer verifyingServer(PrivateKey key, List<X509Certificate> chain) {
        return new AttestedServer(key, chain);
    }

    /**
     * A client that attests itself to {@linkplain #verifyingServer servers that demand it} and demands no evidence of them. It trusts a server by an
     * ordinary certificate: a chain to one of the CAs, without revocation, for the host that is dialled or the service that is named; no wildcards. Before
     * the server has taken its evidence no application byte passes. Use {@link #client} with {@link AttestedClient#identity} where both sides attest.
     *
     * @param identity what this client is; stays the caller's to close
     * @param serverAuthorities the CAs, at least one
     * @return its settings, from which a context is made
     */
    public static AttestedClient attestingClient(
            ServiceIdentity identity, Collection<X509Certificate> serverAuthorities) {
        return new AttestedClient(identity, serverAuthorities);
    }

    /**
     * A trust manager that refuses everything in all its methods, for libraries that demand one beside a socket factory. The contexts of this class
     * bring their own.
     *
     * @return the trust manager
     */
    public static X509ExtendedTrustManager refusingTrustManager() {
        return io.ebridge.ratls.tls.PeerTrust.refusing();
    }
}
