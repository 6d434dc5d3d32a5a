package io.ebridge.attest.sgx;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.intel.TcbPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Which SGX enclaves are accepted, on which platforms.
 *
 * <p>Default: no debug enclave, an up-to-date platform, full collateral. Freshness is
 * what the expected report data brings: a quote has no time.
 */
public final class SgxPolicy extends AppraisalPolicy {

    private final List<SgxReference> references;
    private final TcbPolicy tcb;

    private SgxPolicy(Terms terms, List<SgxReference> references, TcbPolicy tcb) {
        super(terms);
        this.references = List.copyOf(references);
        this.tcb = tcb;
    }

    /**
     * Starts a policy.
     *
     * @return a builder without reference values, which does not build yet
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.SGX;
    }

    /**
     * The allowed sets of reference values; an enclave must match one of them.
     *
     * @return an unmodifiable list, not empty
     */
    public List<SgxReference> allowed() {
        return references;
    }

    /**
     * What is accepted of the platform.
     *
     * @return the policy
     */
    public TcbPolicy tcb() {
        return tcb;
    }

    @Override
    public SgxPolicy withReportData(byte[] reportData) {
        return (SgxPolicy) super.withReportData(reportData);
    }

    @Override
    public SgxPolicy withNonce(byte[] nonce) {
        return (SgxPolicy) super.withNonce(nonce);
    }

    @Override
    public SgxPolicy withPublicKeySha256(byte[] sha256) {
        return (SgxPolicy) super.withPublicKeySha256(sha256);
    }

    @Override
    public SgxPolicy expecting(EvidenceRequest request) {
        return (SgxPolicy) super.expecting(request);
    }

    @Override
    protected SgxPolicy copy(Terms changed) {
        return new SgxPolicy(changed, references, tcb);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return super.equals(other)
                && other instanceof SgxPolicy that
                && references.equals(that.references)
                && tcb.equals(that.tcb);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), references, tcb);
    }

    /** Collects what is accepted. Not thread-safe. */
    public static final class Builder extends AppraisalPolicy.Builder<Builder> {

        private final List<SgxReference> references = new ArrayList<>();
        private TcbPolicy tcb = TcbPolicy.upToDate();

        private Builder() {}

        /**
         * Allows one more set of reference values.
         *
         * @param reference the set
         * @return this
         */
        public Builder allow(SgxReference reference) {
            references.add(Objects.requireNonNull(reference, "reference"));
            return this;
        }

        /**
         * Says what is accepted of the platform. Default: {@link TcbPolicy#upToDate()}.
         *
         * @param policy the policy
         * @return this
         */
        public Builder tcb(TcbPolicy policy) {
            tcb = Objects.requireNonNull(policy, "policy");
            return this;
        }

        @Override
        public SgxPolicy build() {
            if (references.isEmpty()) {
                throw new IllegalStateException("no reference values: allow(...) at least one SgxReference");
            }
            return new SgxPolicy(terms(), references, tcb);
        }
    }
}
