package io.ebridge.attest.nitro;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which Nitro enclaves are accepted: those whose PCRs are in one of several complete sets.
 *
 * <p>By default a document may be five minutes old by its signed time, and debug enclaves are rejected. Expected report data is
 * compared with {@code user_data}, an expected nonce with {@code nonce}, and an expected key hash with {@code public_key}, which
 * the suite's own provider fills with SHA-256 of the SubjectPublicKeyInfo. Documents of other makers may carry other things
 * there: {@link Builder#userData} and {@link Builder#publicKey} expect those as they are.
 *
 * <pre>{@code
 * NitroPolicy policy = NitroPolicy.builder()
 *         .allow(PcrSet.ofHex(pcr0, pcr1, pcr2).named("1.4"))
 *         .clockSkew(Duration.ofSeconds(5))
 *         .build();
 * }</pre>
 */
public final class NitroPolicy extends AppraisalPolicy {

    private final List<PcrSet> allowed;
    private final Optional<Bytes> userData;
    private final Optional<Bytes> publicKey;

    private NitroPolicy(Terms terms, List<PcrSet> allowed, Optional<Bytes> userData, Optional<Bytes> publicKey) {
        super(terms);
        this.allowed = allowed;
        this.userData = userData;
        this.publicKey = publicKey;
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
        return EvidenceFormat.NITRO;
    }

    /**
     * The sets of PCRs, one of which a document must match.
     *
     * @return at least one
     */
    public List<PcrSet> allowed() {
        return allowed;
    }

    /**
     * The {@code user_data} that a document must carry, beside expected report data.
     *
     * @return the bytes, or empty if none are expected
     */
    public Optional<Bytes> userData() {
        return userData;
    }

    /**
     * The {@code public_key} that a document must carry, beside an expected key hash.
     *
     * @return the bytes, or empty if none are expected
     */
    public Optional<Bytes> publicKey() {
        return publicKey;
    }

    @Override
    public NitroPolicy withReportData(byte[] reportData) {
        return (NitroPolicy) super.withReportData(reportData);
    }

    @Override
    public NitroPolicy withNonce(byte[] nonce) {
        return (NitroPolicy) super.withNonce(nonce);
    }

    @Override
    public NitroPolicy withPublicKeySha256(byte[] sha256) {
        return (NitroPolicy) super.withPublicKeySha256(sha256);
    }

    @Override
    public NitroPolicy expecting(EvidenceRequest request) {
        return (NitroPolicy) super.expecting(request);
    }

    /**
     * The same policy, expecting {@code user_data} of any length.
     *
     * @param expected 0 to 1024 bytes; copied
     * @return a copy
     */
    public NitroPolicy withUserData(byte[] expected) {
        return new NitroPolicy(terms(), allowed, Optional.of(Bytes.of(expected)), publicKey);
    }

    @Override
    protected AppraisalPolicy copy(Terms changed) {
        return new NitroPolicy(changed, allowed, userData, publicKey);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof NitroPolicy that
                && allowed.equals(that.allowed)
                && userData.equals(that.userData)
                && publicKey.equals(that.publicKey);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), allowed, userData, publicKey);
    }

    /** Builds a policy. Not thread-safe. */
    public static final class Builder extends AppraisalPolicy.Builder<Builder> {

        private final Set<PcrSet> allowed = new LinkedHashSet<>();
        private Optional<Bytes> userData = Optional.empty();
        private Optional<Bytes> publicKey = Optional.empty();

        private Builder() {}

        /**
         * Accepts a set of PCRs, beside those that were allowed before.
         *
         * @param set the set
         * @return this
         */
        public Builder allow(PcrSet set) {
            allowed.add(set);
            return this;
        }

        /**
         * Accepts the image that was measured.
         *
         * @param image the measurements of an image file
         * @return this
         */
        public Builder allow(EifMeasurements image) {
            return allow(image.pcrs());
        }

        /**
         * Accepts an image by PCR0, which measures all of it.
         *
         * @param pcr0 48 bytes
         * @return this
         * @throws IllegalArgumentException if it is not 48 bytes
         */
        public Builder pcr0(Bytes pcr0) {
            return allow(PcrSet.of(Map.of(0, pcr0)));
        }

        /**
         * Expects {@code user_data} of any length. Where the suite's provider made the document, expect report data instead.
         *
         * @param expected 0 to 1024 bytes; copied
         * @return this
         */
        public Builder userData(byte[] expected) {
            userData = Optional.of(Bytes.of(expected));
            return this;
        }

        /**
         * Expects a {@code public_key} of any content. Where the suite's provider made the document, expect a key hash instead.
         *
         * @param expected 1 to 1024 bytes; copied
         * @return this
         */
        public Builder publicKey(byte[] expected) {
            publicKey = Optional.of(Bytes.of(expected));
            return this;
        }

        /**
         * Makes the policy.
         *
         * @return the policy
         * @throws IllegalStateException if no set was allowed, or one has PCR0, PCR1 or PCR2 all zero, as debug enclaves have
         */
        @Override
        public NitroPolicy build() {
            if (allowed.isEmpty()) {
                throw new IllegalStateException("a policy needs reference values: allow at least one set of PCRs");
            }
            for (PcrSet set : allowed) {
                for (int index = 0; index <= 2; index++) {
                    Bytes value = set.values().get(index);
                    if (value != null && value.isZero()) {
                        throw new IllegalStateException("PCR" + index
                                + " of a set is zero, as in every debug enclave: take the measurements that the build"
                                + " printed, and insecureAllowDebug() to accept debug enclaves");
                    }
                }
            }
            return new NitroPolicy(terms(), List.copyOf(allowed), userData, publicKey);
        }
    }
}
