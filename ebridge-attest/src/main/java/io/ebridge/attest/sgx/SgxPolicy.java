package io.ebridge.attest.sgx;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.EvidenceFormat;

/** Which SGX evidence is accepted. */
public final class SgxPolicy extends AppraisalPolicy {

    private SgxPolicy(Terms terms) {
        super(terms);
    }

    /**
     * Starts a policy.
     *
     * @return a builder without reference values
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.SGX;
    }

    @Override
    protected AppraisalPolicy copy(Terms changed) {
        return new SgxPolicy(changed);
    }

    /** Builds a policy. Not thread-safe. */
    public static final class Builder extends AppraisalPolicy.Builder<Builder> {

        private Builder() {}

        @Override
        public SgxPolicy build() {
            throw new IllegalStateException("a policy needs reference values");
        }
    }
}
