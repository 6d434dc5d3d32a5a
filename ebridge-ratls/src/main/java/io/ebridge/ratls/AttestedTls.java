package io.ebridge.ratls;

import io.ebridge.attest.AppraisalPolicy;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Where attested TLS starts: contexts for clients that trust only certain code, and for the services that such clients trust.
 *
 * <p>Guarantees of a STRICT context, the default: TLS 1.3 only; before any application byte in either direction the peer has answered a fresh challenge
 * with evidence that is bound to this session and satisfies the policy; no fallback, no resumption; a start-up self-test has tried to resume and
 * failed. It holds for every engine and socket of the context, whatever library drives it. An engine cannot wake up by itself: how long a peer may stay
 * silent during the handshake is up to the driver's own time-out; sockets enforce {@link AttestedClient#timeout} themselves.
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
     * A trust manager that refuses everything in all its methods, for libraries that demand one beside a socket factory. The contexts of this class
     * bring their own.
     *
     * @return the trust manager
     */
    public static X509ExtendedTrustManager refusingTrustManager() {
        return io.ebridge.ratls.tls.PeerTrust.refusing();
    }
}
