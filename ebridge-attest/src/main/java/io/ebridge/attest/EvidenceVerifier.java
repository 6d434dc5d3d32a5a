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
import java.time.InstantSource;
import java.util.Objects;
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
        if (policy instanceof NitroPolicy nitroPolicy) {
            return verify(evidence, nitroPolicy);
        }
        if (policy instanceof SgxPolicy sgxPolicy) {
            return verify(evidence, sgxPolicy);
        }
        if (policy instanceof TdxPolicy tdxPolicy) {
            return verify(evidence, tdxPolicy);
        }
        return verify(evidence, (SnpPolicy) policy);
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
        return run(nitro, EvidenceFormat.NITRO, evidence, policy, policy.strictness());
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
        return run(sgx, EvidenceFormat.SGX, evidence, policy, policy.strictness());
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
        return run(tdx, EvidenceFormat.TDX, evidence, policy, policy.strictness());
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
        return run(snp, EvidenceFormat.SNP, evidence, policy, policy.strictness());
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
        return switch (evidence.format()) {
            case NITRO -> run(nitro, EvidenceFormat.NITRO, evidence, null, strictness);
            case SGX -> run(sgx, EvidenceFormat.SGX, evidence, null, strictness);
            case TDX -> run(tdx, EvidenceFormat.TDX, evidence, null, strictness);
            case SNP -> run(snp, EvidenceFormat.SNP, evidence, null, strictness);
        };
    }

    /**
     * Checks collateral on its own: signatures, chains and windows of every piece in the bag. The collateral source is not
     * asked.
     *
     * @param format what it is collateral for
     * @param collateral at least one piece
     * @param strictness encodings to put up with
     * @return what was found
     * @throws EvidenceRejectedException if any piece fails a check
     */
    public CollateralReport checkCollateral(EvidenceFormat format, Collateral collateral, Strictness strictness)
            throws EvidenceRejectedException {
        VerificationContext context = state.begin(strictness, java.time.Duration.ZERO, collateral, false);
        return switch (format) {
            case NITRO -> nitro.checkCollateral(collateral, context);
            case SGX -> sgx.checkCollateral(collateral, context);
            case TDX -> tdx.checkCollateral(collateral, context);
            case SNP -> snp.checkCollateral(collateral, context);
        };
    }

    private <P extends AppraisalPolicy, R extends AttestationResult> R run(
            FormatVerifier<P, R> verifier,
            EvidenceFormat format,
            Evidence evidence,
            @Nullable P policy,
            Strictness strictness)
            throws EvidenceRejectedException {
        if (evidence.format() != format) {
            throw new EvidenceRejectedException(
                    RejectionReason.FORMAT_MISMATCH,
                    "the evidence is " + evidence.format() + ", the policy is for " + format);
        }
        VerificationContext context = state.begin(
                strictness, policy == null ? java.time.Duration.ZERO : policy.clockSkew(), evidence.collateral(), true);
        context.passed(RejectionReason.FORMAT_MISMATCH);
        return verifier.verify(evidence.bytes().toByteArray(), policy, context);
    }

    /**
     * How signatures are verified, for logs and benchmarks.
     *
     * @return the provider's name
     */
    public String cryptography() {
        return state.signatures().description();
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
         * Amazon Corretto Crypto Provider if it is on the path and works here, else Bouncy Castle for ECDSA and the JDK for RSA.
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
