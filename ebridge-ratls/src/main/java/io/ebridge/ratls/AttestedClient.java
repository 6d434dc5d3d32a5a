package io.ebridge.ratls;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.strict.Role;
import io.ebridge.ratls.tls.AttestedContextSpi;
import io.ebridge.ratls.tls.AuthorityJudge;
import io.ebridge.ratls.tls.CertificateJudge;
import io.ebridge.ratls.tls.SelfTest;
import io.ebridge.ratls.tls.Settings;
import io.ebridge.ratls.tls.TlsStack;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a client of attested services; {@link #sslContext()} makes the context. Mutable, not thread-safe; the contexts are both immutable and
 * thread-safe.
 *
 * <p>By default the service must be named as the host that is dialled: in its certificate and in what its evidence binds.
 */
public final class AttestedClient extends Endpoint<AttestedClient> {

    private @Nullable ServiceIdentity identity;
    private @Nullable String service;
    private boolean strict = true;
    private final java.util.List<java.security.cert.X509Certificate> issuers = new java.util.ArrayList<>();

    private final boolean demanding;
    private boolean anyService;

    AttestedClient(AppraisalPolicy policy) {
        policies.add(Objects.requireNonNull(policy, "policy"));
        demanding = true;
    }

    AttestedClient(ServiceIdentity own, java.util.Collection<java.security.cert.X509Certificate> authorities) {
        identity = Objects.requireNonNull(own, "own");
        issuers.addAll(authorities);
        demanding = false;
        if (issuers.isEmpty()) {
            throw new IllegalArgumentException("no CA to trust servers by");
        }
    }

    private void requireDemanding() {
        if (!demanding) {
            throw new IllegalStateException("this client attests to servers that it trusts by their CA");
        }
    }

    @Override
    AttestedClient self() {
        return this;
    }

    /**
     * Accepts evidence of a further format too.
     *
     * @param policy for a format that has none yet
     * @return this
     * @throws IllegalStateException if this client demands no evidence
     */
    public AttestedClient or(AppraisalPolicy policy) {
        requireDemanding();
        policies.add(Objects.requireNonNull(policy, "policy"));
        return this;
    }

    /**
     * Verifies by this verifier; by default, one with the built-in trust anchors and no collateral but what the service sends along.
     *
     * @param value the verifier
     * @return this
     */
    public AttestedClient verifier(EvidenceVerifier value) {
        return setVerifier(value);
    }

    /**
     * Expects a service by its identity rather than by the host that is dialled.
     *
     * @param name as {@link ServiceIdentity#builder} has it there
     * @return this
     */
    public AttestedClient service(String name) {
        service = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Accepts only configurations with one of the roots named by calls of this method; by default any, which
     * {@link AttestedPeer#configurationRoot()} then shows.
     *
     * @param root 32 bytes
     * @return this
     * @throws IllegalStateException if this client demands no evidence
     */
    public AttestedClient configurationRoot(Bytes root) {
        requireDemanding();
        if (root.length() != 32) {
            throw new IllegalArgumentException("a root has 32 bytes, not " + root.length());
        }
        roots.add(root);
        return this;
    }

    /**
     * Attests itself to servers that demand it.
     *
     * @param value what this client is; stays the caller's to close
     * @return this
     */
    public AttestedClient identity(ServiceIdentity value) {
        identity = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * In CERTIFICATE mode, looks for our own extensions in services' certificates below another arc; STRICT ignores it.
     *
     * @param value as in {@link io.ebridge.ratls.certificate.CertificateProfile#ebridge(String)}; by default
     *     {@link io.ebridge.ratls.certificate.CertificateProfile#DEFAULT_ARC}
     * @return this
     * @throws IllegalArgumentException if it is not dotted decimal
     */
    public AttestedClient certificateArc(String value) {
        return setArc(value);
    }

    /**
     * Chooses the TLS implementation.
     *
     * @param value by default {@link TlsProvider#AUTO}
     * @return this
     */
    public AttestedClient provider(TlsProvider value) {
        provider = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * How long an exchange of challenge and answer may take; with sockets, the whole handshake.
     *
     * @param value more than zero, at most a minute; by default 10 s
     * @return this
     */
    public AttestedClient timeout(Duration value) {
        return setTimeout(value);
    }

    /**
     * How long after a verdict the service is challenged again, with the next byte that is sent or received.
     *
     * @param value at least 2 s; by default 10 min
     * @return this
     */
    public AttestedClient renewEvery(Duration value) {
        return setRenewal(value);
    }

    /**
     * Tells the time to the check of certificates' validity.
     *
     * @param value by default the system's clock
     * @return this
     */
    public AttestedClient clock(InstantSource value) {
        clock = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * Demands evidence in the certificate instead of STRICT attestation, for peers that know no other. Such evidence is bound to the certificate's key
     * only: whoever holds that key, or a copy of any accepted enclave's, can relay it. A verdict on a certificate is shared for a second by connections of
     * this context that show the very same one.
     *
     * @return this
     */
    public AttestedClient insecureCertificateMode() {
        strict = false;
        return this;
    }

    /**
     * In CERTIFICATE mode, accepts a service whatever its certificate names: for certificates of other stacks, which name nobody. Without, the certificate
     * must name the service, or the host that is dialled. STRICT ignores it.
     *
     * @return this
     */
    public AttestedClient insecureAnyService() {
        anyService = true;
        return this;
    }

    /**
     * In CERTIFICATE mode, demands that one of the CAs named by calls of this method signed the service's certificate. Enclave OS certificates are refused
     * without, since what they say is covered by nothing else. For {@linkplain AttestedTls#attestingClient a client that only attests}, trusts one CA more.
     *
     * @param ca the CA's certificate
     * @return this
     */
    public AttestedClient trustedIssuer(java.security.cert.X509Certificate ca) {
        issuers.add(Objects.requireNonNull(ca, "ca"));
        return this;
    }

    /**
     * Makes the context.
     *
     * @return a context whose engines and sockets are clients and attest by themselves
     * @throws AttestedTlsException ({@link AttestedTlsException.Reason#EXPORTER_UNAVAILABLE}) if no TLS implementation at hand can do it, or
     *     ({@link AttestedTlsException.Reason#SELF_TEST}) if the one at hand resumes sessions
     */
    public SSLContext sslContext() throws AttestedTlsException {
        return context(settings());
    }

    Settings settings() throws AttestedTlsException {
        TlsStack stack = TlsStack.choose(provider, strict);
        ServiceIdentity own = identity;
        return new Settings(
                Role.CLIENT,
                stack,
                strict,
                strict ? appraiser() : null,
                judge(),
                own == null ? null : own.core(strict),
                service,
                anyService && !strict,
                timing(),
                clock,
                random);
    }

    private @Nullable CertificateJudge judge() {
        if (!demanding) {
            return new AuthorityJudge(issuers, clock);
        }
        return strict ? null : new CertificateMode(policies, verifier, clock, roots, issuers, arc, System::nanoTime);
    }

    static SSLContext context(Settings settings) throws AttestedTlsException {
        try {
            SelfTest.require(settings.stack());
            return AttestedContextSpi.context(settings);
        } catch (AttestedTlsException e) {
            throw e;
        } catch (SSLException e) {
            throw new AttestedTlsException(
                    AttestedTlsException.Reason.SESSION, "the TLS implementation does not start: " + e.getMessage(), e);
        }
    }
}
