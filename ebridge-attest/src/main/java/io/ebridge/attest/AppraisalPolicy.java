package io.ebridge.attest;

import io.ebridge.attest.internal.policy.PolicyJson;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.tdx.TdxPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a relying party accepts. Immutable; made once from configuration, and given a session's expectations by the
 * {@code with…} copies.
 *
 * <p>Guarantees: a policy without reference values does not build, so no policy accepts any enclave; debug enclaves are
 * rejected, and all collateral is demanded, unless a method with {@code insecure} in its name said otherwise. Not guaranteed:
 * freshness, unless the policy expects a nonce or report data that the caller made for this session; a Nitro document alone
 * also has a signed time, which {@link #maxAge()} bounds.
 */
public abstract sealed class AppraisalPolicy permits NitroPolicy, SgxPolicy, TdxPolicy, SnpPolicy {

    /** How old evidence may be unless a policy says otherwise. */
    public static final Duration DEFAULT_MAX_AGE = Duration.ofMinutes(5);

    /** The largest clock skew that a policy may allow. */
    public static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(5);

    private final Terms terms;

    /**
     * For the formats' policies.
     *
     * @param terms what all policies have in common
     */
    protected AppraisalPolicy(Terms terms) {
        this.terms = terms;
    }

    /**
     * Reads a policy from JSON, as {@link #toJson()} writes it: strictly, so that a spelling mistake is an error and not a weaker
     * policy. Members with {@code insecure} in their name weaken it.
     *
     * <pre>{@code
     * {
     *   "format": "nitro",
     *   "max_age": "PT2M",
     *   "clock_skew": "PT5S",
     *   "allow": [
     *     { "name": "1.4", "pcr0": "22f9…", "pcr1": "bcdf…", "pcr2": "0094…" }
     *   ]
     * }
     * }</pre>
     *
     * <p>{@code format} is {@code nitro}, {@code sgx}, {@code tdx} or {@code snp}; {@code allow} lists reference values, of which one
     * must match completely. Bytes are hexadecimal, durations ISO 8601, instants RFC 3339. All other members are optional, and
     * {@link #toJson()} shows how a builder's settings are spelt.
     *
     * @param json at most 1 MiB
     * @return the policy
     * @throws PolicyFormatException if it is no policy; the message names the member
     */
    public static AppraisalPolicy fromJson(String json) throws PolicyFormatException {
        return PolicyJson.read(json);
    }

    /**
     * Writes the policy as JSON, leaving out what is as by default. {@link #fromJson} reads it back as an equal policy.
     *
     * @return indented JSON
     */
    public final String toJson() {
        return PolicyJson.write(this);
    }

    /**
     * The format that this policy judges.
     *
     * @return the format
     */
    public abstract EvidenceFormat format();

    /**
     * The report data that evidence must carry.
     *
     * @return 64 bytes, or empty if none is expected
     */
    public final Optional<Bytes> reportData() {
        return terms.reportData;
    }

    /**
     * The nonce that evidence must carry.
     *
     * @return the nonce, or empty if none is expected
     */
    public final Optional<Bytes> nonce() {
        return terms.nonce;
    }

    /**
     * SHA-256 of the SubjectPublicKeyInfo that evidence must carry.
     *
     * @return 32 bytes, or empty if none is expected
     */
    public final Optional<Bytes> publicKeySha256() {
        return terms.publicKeySha256;
    }

    /**
     * How old evidence may be, where it says when it was made (Nitro).
     *
     * @return the maximum age
     */
    public final Duration maxAge() {
        return terms.maxAge;
    }

    /**
     * How far the verifier's clock may be behind: applied to the start of windows and to signed times in the future, never to
     * the end of a window.
     *
     * @return the skew; zero unless set
     */
    public final Duration clockSkew() {
        return terms.clockSkew;
    }

    /**
     * How much collateral is demanded.
     *
     * @return the strictness
     */
    public final Strictness strictness() {
        return terms.strictness;
    }

    /**
     * Whether debug enclaves are accepted.
     *
     * @return whether they are
     */
    public final boolean allowsDebug() {
        return terms.allowDebug;
    }

    /**
     * The same policy, expecting report data.
     *
     * @param reportData 64 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 64 bytes
     */
    public AppraisalPolicy withReportData(byte[] reportData) {
        return copy(terms.with(new EvidenceRequest(Bytes.of(reportData), terms.nonce, terms.publicKeySha256)));
    }

    /**
     * The same policy, expecting a nonce. SGX, TDX and SNP have no field for one: there the caller hashes it into the report data
     * and expects that too, else evidence is rejected ({@link RejectionReason#NONCE_NOT_CARRIED}).
     *
     * @param nonce 1 to 512 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if the length is out of range
     */
    public AppraisalPolicy withNonce(byte[] nonce) {
        if (nonce.length == 0 || nonce.length > EvidenceRequest.MAX_NONCE_BYTES) {
            throw new IllegalArgumentException("a nonce has 1 to 512 bytes, not " + nonce.length);
        }
        Terms copy = new Terms(terms);
        copy.nonce = Optional.of(Bytes.of(nonce));
        return copy(copy);
    }

    /**
     * The same policy, expecting the hash of a public key. SGX, TDX and SNP have no field for one: there the caller hashes it into
     * the report data and expects that too, else evidence is rejected ({@link RejectionReason#PUBLIC_KEY_NOT_CARRIED}).
     *
     * @param sha256 SHA-256 of the SubjectPublicKeyInfo, 32 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 32 bytes
     */
    public AppraisalPolicy withPublicKeySha256(byte[] sha256) {
        if (sha256.length != 32) {
            throw new IllegalArgumentException("SHA-256 has 32 bytes, not " + sha256.length);
        }
        Terms copy = new Terms(terms);
        copy.publicKeySha256 = Optional.of(Bytes.of(sha256));
        return copy(copy);
    }

    /**
     * The same policy, expecting what a provider was asked to bind.
     *
     * @param request report data, nonce and key hash
     * @return a copy
     */
    public AppraisalPolicy expecting(EvidenceRequest request) {
        return copy(terms.with(request));
    }

    /**
     * For the formats' policies: a copy with other common terms.
     *
     * @param changed the common terms
     * @return a copy of this policy
     */
    protected abstract AppraisalPolicy copy(Terms changed);

    /**
     * For the formats' policies: the common terms.
     *
     * @return the common terms
     */
    protected final Terms terms() {
        return terms;
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof AppraisalPolicy that && format() == that.format() && terms.equals(that.terms);
    }

    @Override
    public int hashCode() {
        return terms.hashCode();
    }

    /** What all policies have in common; opaque outside this package. */
    protected static final class Terms {

        private Optional<Bytes> reportData = Optional.empty();
        private Optional<Bytes> nonce = Optional.empty();
        private Optional<Bytes> publicKeySha256 = Optional.empty();
        private Duration maxAge = DEFAULT_MAX_AGE;
        private Duration clockSkew = Duration.ZERO;
        private Strictness strictness = Strictness.full();
        private boolean allowDebug;

        private Terms() {}

        private Terms(Terms that) {
            reportData = that.reportData;
            nonce = that.nonce;
            publicKeySha256 = that.publicKeySha256;
            maxAge = that.maxAge;
            clockSkew = that.clockSkew;
            strictness = that.strictness;
            allowDebug = that.allowDebug;
        }

        private Terms with(EvidenceRequest request) {
            Terms copy = new Terms(this);
            copy.reportData = Optional.of(request.reportData());
            copy.nonce = request.nonce();
            copy.publicKeySha256 = request.publicKeySha256();
            return copy;
        }

        @Override
        public boolean equals(@org.jspecify.annotations.Nullable Object other) {
            return other instanceof Terms that
                    && reportData.equals(that.reportData)
                    && nonce.equals(that.nonce)
                    && publicKeySha256.equals(that.publicKeySha256)
                    && maxAge.equals(that.maxAge)
                    && clockSkew.equals(that.clockSkew)
                    && strictness.equals(that.strictness)
                    && allowDebug == that.allowDebug;
        }

        @Override
        public int hashCode() {
            return Objects.hash(reportData, nonce, publicKeySha256, maxAge, clockSkew, strictness, allowDebug);
        }
    }

    /**
     * What the builders of all policies have in common. Not thread-safe.
     *
     * @param <B> the builder itself
     */
    public abstract static sealed class Builder<B extends Builder<B>>
            permits NitroPolicy.Builder, SgxPolicy.Builder, TdxPolicy.Builder, SnpPolicy.Builder {

        private final Terms terms = new Terms();

        /** For the formats' builders. */
        protected Builder() {}

        /**
         * Expects report data.
         *
         * @param reportData 64 bytes; copied
         * @return this
         * @throws IllegalArgumentException if it is not 64 bytes
         */
        public final B reportData(byte[] reportData) {
            terms.reportData = Optional.of(EvidenceRequest.of(reportData).reportData());
            return self();
        }

        /**
         * Bounds the age of evidence that says when it was made (Nitro). Default: {@link #DEFAULT_MAX_AGE}.
         *
         * @param maxAge more than zero
         * @return this
         * @throws IllegalArgumentException if it is zero or negative
         */
        public final B maxAge(Duration maxAge) {
            if (maxAge.isNegative() || maxAge.isZero()) {
                throw new IllegalArgumentException("maximum age " + maxAge);
            }
            terms.maxAge = maxAge;
            return self();
        }

        /**
         * Allows the verifier's clock to be behind the attester's. Default: zero. Certificates of Nitro documents start at the
         * second of their making, so that a verifier a second behind rejects a document just made; a few seconds help.
         *
         * @param clockSkew zero to {@link #MAX_CLOCK_SKEW}
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public final B clockSkew(Duration clockSkew) {
            if (clockSkew.isNegative() || clockSkew.compareTo(MAX_CLOCK_SKEW) > 0) {
                throw new IllegalArgumentException("clock skew " + clockSkew);
            }
            terms.clockSkew = clockSkew;
            return self();
        }

        /**
         * Says how much collateral is demanded. Default: {@link Strictness#full()}.
         *
         * @param strictness the strictness
         * @return this
         */
        public final B strictness(Strictness strictness) {
            terms.strictness = Objects.requireNonNull(strictness, "strictness");
            return self();
        }

        /**
         * Accepts revocation lists that are absent: see {@link Strictness#insecureWithoutRevocation()}.
         *
         * @return this
         */
        public final B insecureWithoutRevocation() {
            return strictness(terms.strictness.insecureWithoutRevocation());
        }

        /**
         * Demands signatures and the endorsement chain only: see {@link Strictness#insecureSignaturesOnly()}.
         *
         * @return this
         */
        public final B insecureSignaturesOnly() {
            return strictness(terms.strictness.insecureSignaturesOnly());
        }

        /**
         * Accepts debug enclaves, whose memory is open to the host: for development.
         *
         * @return this
         */
        public final B insecureAllowDebug() {
            terms.allowDebug = true;
            return self();
        }

        /**
         * For the formats' builders: the common terms so far.
         *
         * @return a copy
         */
        protected final Terms terms() {
            return new Terms(terms);
        }

        /**
         * Makes the policy.
         *
         * @return the policy
         * @throws IllegalStateException if there are no reference values
         */
        public abstract AppraisalPolicy build();

        @SuppressWarnings("unchecked")
        private B self() {
            return (B) this;
        }
    }
}
