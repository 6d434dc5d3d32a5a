package io.ebridge.ratls;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.strict.Attester;
import io.ebridge.ratls.strict.Role;
import io.ebridge.ratls.tls.Identity;
import io.ebridge.ratls.tls.Leaf;
import io.ebridge.ratls.tls.Settings;
import io.ebridge.ratls.tls.TlsStack;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an attested service, or of one that only verifies its clients; {@link #sslContext()} makes the context. Mutable, not thread-safe; the contexts are both immutable and
 * thread-safe.
 */
public final class AttestedServer extends Endpoint<AttestedServer> {

    private final @Nullable ServiceIdentity identity;
    private final @Nullable Leaf leaf;
    private @Nullable String clientService;
    private boolean strict = true;

    AttestedServer(ServiceIdentity identity) {
        this.identity = Objects.requireNonNull(identity, "identity");
        this.leaf = null;
    }

    AttestedServer(PrivateKey key, List<X509Certificate> chain) {
        this.identity = null;
        this.leaf = new Leaf(Objects.requireNonNull(key, "key"), chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("no certificate");
        }
    }

    @Override
    AttestedServer self() {
        return this;
    }

    /**
     * Demands that clients attest too, by this policy; called again, accepts a further format.
     *
     * @param policy what a client's evidence must show
     * @param service the identity that clients must have
     * @return this
     */
    public AttestedServer requireClient(AppraisalPolicy policy, String service) {
        policies.add(Objects.requireNonNull(policy, "policy"));
        clientService = Objects.requireNonNull(service, "service");
        return this;
    }

    /**
     * Verifies clients by this verifier; by default, one with the built-in trust anchors and no collateral but what the client sends along.
     *
     * @param value the verifier
     * @return this
     */
    public AttestedServer verifier(EvidenceVerifier value) {
        return setVerifier(value);
    }

    /**
     * Accepts only clients with one of the configuration roots named by calls of this method.
     *
     * @param root 32 bytes
     * @return this
     */
    public AttestedServer clientConfigurationRoot(Bytes root) {
        if (root.length() != 32) {
            throw new IllegalArgumentException("a root has 32 bytes, not " + root.length());
        }
        roots.add(root);
        return this;
    }

    /**
     * In CERTIFICATE mode, looks for our own extensions in clients' certificates below another arc; STRICT ignores it.
     *
     * @param value as in {@link io.ebridge.ratls.certificate.CertificateProfile#ebridge(String)}; by default
     *     {@link io.ebridge.ratls.certificate.CertificateProfile#DEFAULT_ARC}
     * @return this
     * @throws IllegalArgumentException if it is not dotted decimal
     */
    public AttestedServer certificateArc(String value) {
        return setArc(value);
    }

    /**
     * Chooses the TLS implementation.
     *
     * @param value by default {@link TlsProvider#AUTO}
     * @return this
     */
    public AttestedServer provider(TlsProvider value) {
        provider = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * How long an exchange of challenge and answer may take; with sockets, the whole handshake.
     *
     * @param value more than zero, at most a minute; by default 10 s
     * @return this
     */
    public AttestedServer timeout(Duration value) {
        return setTimeout(value);
    }

    /**
     * How long after a verdict a client is challenged again, with the next byte that is sent or received.
     *
     * @param value at least 2 s; by default 10 min
     * @return this
     */
    public AttestedServer renewEvery(Duration value) {
        return setRenewal(value);
    }

    /**
     * Tells the time to the check of clients' certificates.
     *
     * @param value by default the system's clock
     * @return this
     */
    public AttestedServer clock(InstantSource value) {
        clock = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * Shows evidence in the certificate instead of attesting STRICT, for clients that know no other; the identity must have been built with a
     * certificate profile that carries evidence. Such evidence can be relayed by whoever gets hold of the certificate's key.
     *
     * @return this
     */
    public AttestedServer insecureCertificateMode() {
        strict = false;
        return this;
    }

    /**
     * Makes the context.
     *
     * @return a context whose engines and sockets are servers and attest, or verify, by themselves
     * @throws IllegalStateException if the server neither attests nor demands that clients do
     * @throws AttestedTlsException ({@link AttestedTlsException.Reason#EXPORTER_UNAVAILABLE}) if no TLS implementation at hand can do it, or
     *     ({@link AttestedTlsException.Reason#SELF_TEST}) if the one at hand resumes sessions
     */
    public SSLContext sslContext() throws AttestedTlsException {
        if (identity == null && policies.isEmpty()) {
            throw new IllegalStateException(
                    "a server that does not attest must demand it of its clients: requireClient");
        }
        TlsStack stack = TlsStack.choose(provider, strict);
        return AttestedClient.context(new Settings(
                Role.SERVER,
                stack,
                strict,
                strict ? appraiser() : null,
                strict || policies.isEmpty()
                        ? null
                        : new CertificateMode(
                                policies, verifier, clock, roots, java.util.List.of(), arc, System::nanoTime),
                own(),
                clientService,
                false,
                timing(),
                clock,
                random));
    }

    private Identity own() throws AttestedTlsException {
        ServiceIdentity service = identity;
        if (service != null) {
            return service.core(strict);
        }
        Leaf ordinary = Objects.requireNonNull(leaf);
        return new Identity() {
            @Override
            public Leaf leaf() {
                return ordinary;
            }

            @Override
            public @Nullable Attester attester() {
                return null;
            }
        };
    }
}
