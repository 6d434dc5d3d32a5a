package io.ebridge.attest.snp;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.EvidenceFormat;

/** Which SNP evidence is accepted. */
public final class SnpPolicy extends AppraisalPolicy {

    private SnpPolicy(Terms terms) {
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
        return EvidenceFormat.SNP;
    }

    @Override
    protected AppraisalPolicy copy(Terms changed) {
        return new SnpPolicy(changed);
    }

    /** Builds a policy. Not thread-safe. */
    public static final class Builder extends AppraisalPolicy.Builder<Builder> {

        private Builder() {}

        @Override
        public SnpPolicy build() {
            throw new IllegalStateException("a policy needs reference values");
        }
    }
}
