package io.ebridge.attest.tdx;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.EvidenceFormat;

/** Which TDX evidence is accepted. */
public final class TdxPolicy extends AppraisalPolicy {

    private TdxPolicy(Terms terms) {
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
        return EvidenceFormat.TDX;
    }

    @Override
    protected AppraisalPolicy copy(Terms changed) {
        return new TdxPolicy(changed);
    }

    /** Builds a policy. Not thread-safe. */
    public static final class Builder extends AppraisalPolicy.Builder<Builder> {

        private Builder() {}

        @Override
        public TdxPolicy build() {
            throw new IllegalStateException("a policy needs reference values");
        }
    }
}
