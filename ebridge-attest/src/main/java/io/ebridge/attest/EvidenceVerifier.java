package io.ebridge.attest;

import io.ebridge.attest.crypto.Signatures;
import io.ebridge.attest.internal.FormatVerifier;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.internal.VerifierState;
import io.ebridge.attest.internal.dcap.SgxVerifier;
import io.ebridge.attest.internal.dcap.TdxVerifier;
import io.ebridge.attest.internal.nitro.NitroVerifier;
import io.ebridge.attest.internal.snp.SnpVerifier;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.NitroResult;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxResult;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.snp.SnpResult;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxResult;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges evidence.
 *
 * <p>Guarantees: a result is returned only if every check of the format passed at one instant, which the verifier's clock gives;
 * otherwise an {@link EvidenceRejectedException} names the first that failed. Every input, however long or wrong, leads to one
 * of the two, with bounded memory and time. Not guaranteed: that collateral is the newest there is (within its signed window
 * a source may hold it back; policies can bound its age), nor anything about side channels.
 *
 * <p>Thread-safe and made to be shared: it remembers verified chains and collateral, keyed by their hash, bounded in
 * number; what it remembers is used only within the windows that it rests on. Lookups take no lock.
 *
 * <p>It does no I/O; a {@link CollateralSource} may, on the calling thread.
 */
public final class EvidenceVerifier {

    private final VerifierState state;
    private final FormatVerifier<NitroPolicy, NitroResult> nitro = new NitroVerifier();
    private final FormatVerifier<SgxPolicy, SgxResult> sgx = new SgxVerifier();
    private final FormatVerifier<TdxPolicy, TdxResult> tdx = new TdxVerifier();
    private final FormatVerifier<SnpPolicy, SnpResult> snp = new SnpVerifier();

    private EvidenceVerifier(VerifierState state) {
        this.state = state;
    }

    /**
     * Starts a verifier with the vendors' roots, no collateral source and the system clock.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Judges evidence by the policy of its format.
     *
     * @param evidence the evidence
     * @param policy the policy
     * @return the result
     * @throws EvidenceRejectedException if any check fails
     */
    public AttestationResult verify(Evidence evidence, AppraisalPolicy policy) throws EvidenceRejectedException {
        return run(evidence, policy, policy.strictness(), null);
    }

    /**
     * Judges a Nitro attestation document.
     *
     * @param evidence the document
     * @param policy the policy
     * @return the result
     * @throws EvidenceRejectedException if any check fails
     */
    public NitroResult verify(Evidence evidence, NitroPolicy policy) throws EvidenceRejectedException {
        return run(nitro, EvidenceFormat.NITRO, evidence, policy, policy.strictness(), null);
    }

    /**
     * Judges an SGX quote.
     *
     * @param evidence the quote
     * @param policy the policy
     * @return the result
     * @throws EvidenceRejectedException if any check fails
     */
    public SgxResult verify(Evidence evidence, SgxPolicy policy) throws EvidenceRejectedException {
        return run(sgx, EvidenceFormat.SGX, evidence, policy, policy.strictness(), null);
    }

    /**
     * Judges a TDX quote.
     *
     * @param evidence the quote
     * @param policy the policy
     * @return the result
     * @throws EvidenceRejectedException if any check fails
     */
    public TdxResult verify(Evidence evidence, TdxPolicy policy) throws EvidenceRejectedException {
        return run(tdx, EvidenceFormat.TDX, evidence, policy, policy.strictness(), null);
    }

    /**
     * Judges a SEV-SNP report.
     *
     * @param evidence the report
     * @param policy the policy
     * @return the result
     * @throws EvidenceRejectedException if any check fails
     */
    public SnpResult verify(Evidence evidence, SnpPolicy policy) throws EvidenceRejectedException {
        return run(snp, EvidenceFormat.SNP, evidence, policy, policy.strictness(), null);
    }

    /**
     * Judges evidence that a certificate carries, its binding to the certificate's key, and the certificate's own dates.
     *
     * <p>What binds the key takes the place of expected report data; a nonce that the policy expects must be among the claims. The
     * certificate's signature is not looked at.
     *
     * @param evidence the evidence with its certificate
     * @param policy the policy; it must not itself expect report data
     * @return the result
     * @throws EvidenceRejectedException if any check fails; {@link RejectionReason#KEY_BINDING} if the evidence is good and speaks for
     *     another key
     * @throws IllegalArgumentException if the policy expects report data
     */
    public AttestationResult verify(CertificateEvidence evidence, AppraisalPolicy policy)
            throws EvidenceRejectedException {
        if (policy.reportData().isPresent()) {
            throw new IllegalArgumentException("the certificate's key determines the report data");
        }
        AppraisalPolicy bound = policy;
        if (policy.nonce().isPresent() && policy.format() != EvidenceFormat.NITRO) {
            if (!policy.nonce().equals(evidence.nonce())) {
                throw new EvidenceRejectedException(
                        RejectionReason.NONCE_MISMATCH,
                        evidence.nonce().isEmpty()
                                ? "there is no nonce among the certificate's claims"
                                : "the nonce among the certificate's claims is not the one that was sent");
            }
            // The claims are covered by the report data, which is compared below with a reason of its own.
            bound = policy.withReportData(evidence.boundReportData().toByteArray());
        }
        Certified certified = new Certified(evidence);
        try {
            return certified.check(run(evidence.evidence(), bound, bound.strictness(), certified));
        } catch (EvidenceRejectedException e) {
            if (e.reason() == RejectionReason.REPORT_DATA_MISMATCH && bound != policy) {
                throw Certified.unbound();
            }
            throw e;
        }
    }

    /**
     * As {@link #insecureWithoutAppraisal(Evidence, Strictness)}, for evidence that a certificate carries: its binding to the
     * certificate's key and the certificate's dates are checked too.
     *
     * @param evidence the evidence with its certificate
     * @param strictness how much collateral is demanded
     * @return a result whose {@link AttestationResult#appraisal()} says that none was made
     * @throws EvidenceRejectedException if the evidence is not authentic, not bound, or outside a window
     */
    public AttestationResult insecureWithoutAppraisal(CertificateEvidence evidence, Strictness strictness)
            throws EvidenceRejectedException {
        Certified certified = new Certified(evidence);
        return certified.check(run(evidence.evidence(), null, strictness, certified));
    }

    /**
     * Checks authenticity and time windows only: no reference values, no TCB decision, no debug check, no age. For tools that
     * show what a piece of evidence is; a service that trusts such a result trusts every enclave there is.
     *
     * @param evidence the evidence
     * @param strictness how much collateral is demanded
     * @return a result whose {@link AttestationResult#appraisal()} says that none was made
     * @throws EvidenceRejectedException if the evidence is not authentic or outside a window
     */
    public AttestationResult insecureWithoutAppraisal(Evidence evidence, Strictness strictness)
            throws EvidenceRejectedException {
        return run(evidence, null, strictness, null);
    }

    /**
     * Checks collateral on its own: signatures, chains and windows of every piece in the bag. The collateral source is not
     * asked. Revocation lists for Nitro cannot be checked so: their issuers come with each document.
     *
     * @param format what it is collateral for
     * @param collateral at least one piece
     * @param strictness encodings to put up with
     * @return what was found
     * @throws EvidenceRejectedException if any piece fails a check
     */
    public CollateralReport checkCollateral(EvidenceFormat format, Collateral collateral, Strictness strictness)
            throws EvidenceRejectedException {
        VerificationContext context = state.begin(strictness, Duration.ZERO, collateral, false);
        return switch (format) {
            case NITRO -> nitro.checkCollateral(collateral, context);
            case SGX -> sgx.checkCollateral(collateral, context);
            case TDX -> tdx.checkCollateral(collateral, context);
            case SNP -> snp.checkCollateral(collateral, context);
        };
    }

    private AttestationResult run(
            Evidence evidence, @Nullable AppraisalPolicy policy, Strictness strictness, @Nullable Certified certified)
            throws EvidenceRejectedException {
        EvidenceFormat format = policy == null ? evidence.format() : policy.format();
        return switch (format) {
            case NITRO -> run(nitro, format, evidence, (NitroPolicy) policy, strictness, certified);
            case SGX -> run(sgx, format, evidence, (SgxPolicy) policy, strictness, certified);
            case TDX -> run(tdx, format, evidence, (TdxPolicy) policy, strictness, certified);
            case SNP -> run(snp, format, evidence, (SnpPolicy) policy, strictness, certified);
        };
    }

    private <P extends AppraisalPolicy, R extends AttestationResult> R run(
            FormatVerifier<P, R> verifier,
            EvidenceFormat format,
            Evidence evidence,
            @Nullable P policy,
            Strictness strictness,
            @Nullable Certified certified)
            throws EvidenceRejectedException {
        if (evidence.format() != format) {
            throw new EvidenceRejectedException(
                    RejectionReason.FORMAT_MISMATCH,
                    "the evidence is " + evidence.format() + ", the policy is for " + format);
        }
        VerificationContext context = state.begin(
                strictness, policy == null ? Duration.ZERO : policy.clockSkew(), evidence.collateral(), true);
        context.passed(RejectionReason.FORMAT_MISMATCH);
        if (certified != null) {
            certified.begin(context);
        }
        return verifier.verify(evidence.bytes().toByteArray(), policy, context);
    }

    /** What evidence in a certificate needs beside the evidence's own checks. */
    private record Certified(CertificateEvidence evidence) {

        void begin(VerificationContext context) throws EvidenceRejectedException {
            X509Certificate certificate = evidence.certificate();
            context.window(
                    new ValidityWindow(
                            certificate.getNotBefore().toInstant(),
                            certificate.getNotAfter().toInstant()),
                    RejectionReason.CERTIFICATE_NOT_YET_VALID,
                    RejectionReason.CERTIFICATE_EXPIRED,
                    "the certificate that carries the evidence");
            context.passed(RejectionReason.CERTIFICATE_WITHOUT_EVIDENCE);
            context.passed(RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED);
            // Noted before it is checked: there is no result unless check() passes.
            context.passed(RejectionReason.KEY_BINDING);
        }

        AttestationResult check(AttestationResult result) throws EvidenceRejectedException {
            if (!result.reportData().equals(Optional.of(evidence.boundReportData()))) {
                throw unbound();
            }
            return result;
        }

        static EvidenceRejectedException unbound() {
            return new EvidenceRejectedException(
                    RejectionReason.KEY_BINDING,
                    "the evidence's report data does not cover the certificate's key: it was made for another certificate");
        }
    }

    /**
     * How signatures are verified, for logs and benchmarks.
     *
     * @return the provider's name
     */
    public String cryptography() {
        return state.signatures().description();
    }

    /**
     * The clock by which every window is judged, for those who keep results for a while.
     *
     * @return the clock
     */
    public InstantSource clock() {
        return state.clock();
    }

    /** Configures a verifier. Not thread-safe. */
    public static final class Builder {

        private TrustAnchors anchors = TrustAnchors.builtIn();
        private CollateralSource source = CollateralSource.none();
        private InstantSource clock = InstantSource.system();
        private int cacheEntries = 1024;
        private @Nullable Provider provider;

        private Builder() {}

        /**
         * Replaces the vendors' roots.
         *
         * @param trustAnchors the only roots that evidence may lead to
         * @return this
         */
        public Builder trustAnchors(TrustAnchors trustAnchors) {
            this.anchors = Objects.requireNonNull(trustAnchors, "trustAnchors");
            return this;
        }

        /**
         * Says where collateral comes from. Default: only what is attached to the evidence.
         *
         * @param collateralSource the source
         * @return this
         */
        public Builder collateral(CollateralSource collateralSource) {
            this.source = Objects.requireNonNull(collateralSource, "collateralSource");
            return this;
        }

        /**
         * Replaces the system clock.
         *
         * @param instantSource the clock; asked once per verification
         * @return this
         */
        public Builder clock(InstantSource instantSource) {
            this.clock = Objects.requireNonNull(instantSource, "instantSource");
            return this;
        }

        /**
         * Bounds what is remembered of earlier verifications, in entries of each cache (chains, CRLs, documents). Default: 1024.
         * Zero remembers nothing.
         *
         * @param entries 0 to 1,000,000
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder cacheEntries(int entries) {
            if (entries < 0 || entries > 1_000_000) {
                throw new IllegalArgumentException("cache entries " + entries);
            }
            this.cacheEntries = entries;
            return this;
        }

        /**
         * Verifies ECDSA and RSA signatures with one security provider, given as an instance; it need not be registered. Default:
         * Amazon Corretto Crypto Provider if it is on the path and works here (on a module path it also needs
         * {@code --add-modules AmazonCorrettoCryptoProvider}), else Bouncy Castle for ECDSA and the JDK for RSA.
         *
         * <p>Bouncy Castle's curves are used without its provider, whichever instance is given. They verify by a public key that they
         * have met several times in less than half the time, so the points of keys that verified something are kept for all
         * verifiers of the JVM, at most 256 of each curve.
         *
         * @param securityProvider the provider
         * @return this
         */
        public Builder signatureProvider(Provider securityProvider) {
            this.provider = Objects.requireNonNull(securityProvider, "securityProvider");
            return this;
        }

        /**
         * Makes the verifier.
         *
         * @return the verifier
         */
        public EvidenceVerifier build() {
            Signatures signatures = provider == null ? Signatures.best() : Signatures.of(provider);
            return new EvidenceVerifier(new VerifierState(anchors, source, clock, cacheEntries, signatures));
        }
    }
}
