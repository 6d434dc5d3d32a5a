package io.ebridge.attest.tdx;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.intel.TcbPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Which trust domains are accepted, on which platforms.
 *
 * <p>Default: no bit of the debug group, {@code SEPT_VE_DISABLE} set, no other attribute, no feature outside those that the
 * TDX architecture knows, no service TD, an up-to-date platform, full collateral. Freshness is what the expected report data
 * brings: a quote has no time.
 */
public final class TdxPolicy extends AppraisalPolicy {

    /** Features that a TD may have (Intel TDX Module 1.5 base architecture specification, XFAM): all others are reserved. */
    public static final long KNOWN_XFAM = 0x6DBE7L;

    private final Settings settings;

    private TdxPolicy(Terms terms, Settings settings) {
        super(terms);
        this.settings = settings;
    }

    private record Settings(
            List<TdxReference> references,
            TcbPolicy tcb,
            Set<TdAttribute> allowedAttributes,
            boolean requireSeptVeDisable,
            long allowedXfam,
            Set<Bytes> allowedServiceTds) {}

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
        return EvidenceFormat.TDX;
    }

    /**
     * The allowed sets of reference values; a TD must match one of them.
     *
     * @return an unmodifiable list, not empty
     */
    public List<TdxReference> allowed() {
        return settings.references;
    }

    /**
     * What is accepted of the platform.
     *
     * @return the policy
     */
    public TcbPolicy tcb() {
        return settings.tcb;
    }

    /**
     * Attributes that may be set, besides {@link TdAttribute#SEPT_VE_DISABLE}.
     *
     * @return an unmodifiable set without members of the debug group
     */
    public Set<TdAttribute> allowedAttributes() {
        return settings.allowedAttributes;
    }

    /**
     * Whether {@link TdAttribute#SEPT_VE_DISABLE} must be set.
     *
     * @return whether it must
     */
    public boolean requiresSeptVeDisable() {
        return settings.requireSeptVeDisable;
    }

    /**
     * Features that may be enabled.
     *
     * @return a mask
     */
    public long allowedXfam() {
        return settings.allowedXfam;
    }

    /**
     * Values of {@code MRSERVICETD} that are accepted, besides zero.
     *
     * @return an unmodifiable set
     */
    public Set<Bytes> allowedServiceTds() {
        return settings.allowedServiceTds;
    }

    @Override
    public TdxPolicy withReportData(byte[] reportData) {
        return (TdxPolicy) super.withReportData(reportData);
    }

    @Override
    public TdxPolicy withNonce(byte[] nonce) {
        return (TdxPolicy) super.withNonce(nonce);
    }

    @Override
    public TdxPolicy withPublicKeySha256(byte[] sha256) {
        return (TdxPolicy) super.withPublicKeySha256(sha256);
    }

    @Override
    public TdxPolicy expecting(EvidenceRequest request) {
        return (TdxPolicy) super.expecting(request);
    }

    @Override
    protected TdxPolicy copy(Terms changed) {
        return new TdxPolicy(changed, settings);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return super.equals(other) && other instanceof TdxPolicy that && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), settings);
    }

    /** Collects what is accepted. Not thread-safe. */
    public static final class Builder extends AppraisalPolicy.Builder<Builder> {

        private final List<TdxReference> references = new ArrayList<>();
        private TcbPolicy tcb = TcbPolicy.upToDate();
        private final EnumSet<TdAttribute> allowedAttributes = EnumSet.noneOf(TdAttribute.class);
        private boolean requireSeptVeDisable = true;
        private long allowedXfam = KNOWN_XFAM;
        private final Set<Bytes> allowedServiceTds = new LinkedHashSet<>();

        private Builder() {}

        /**
         * Allows one more set of reference values.
         *
         * @param reference the set
         * @return this
         */
        public Builder allow(TdxReference reference) {
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

        /**
         * Allows attributes to be set, {@link TdAttribute#PKS} or {@link TdAttribute#PERFMON}, say.
         *
         * @param attributes the attributes
         * @return this
         * @throws IllegalArgumentException for an attribute of the debug group (bits 0 to 7)
         */
        public Builder allowAttributes(TdAttribute... attributes) {
            for (TdAttribute attribute : attributes) {
                if (attribute.bit() < 8) {
                    throw new IllegalArgumentException(
                            attribute + " lets the host look into the TD: see insecureAllowDebug()");
                }
            }
            allowedAttributes.addAll(Arrays.asList(attributes));
            return this;
        }

        /**
         * Accepts TDs without {@link TdAttribute#SEPT_VE_DISABLE}, into which the host can inject faults.
         *
         * @return this
         */
        public Builder insecureAllowSeptVe() {
            requireSeptVeDisable = false;
            return this;
        }

        /**
         * Narrows the features that may be enabled. Default: {@link #KNOWN_XFAM}.
         *
         * @param mask features that may be enabled
         * @return this
         * @throws IllegalArgumentException if it has reserved bits, or lacks x87 and SSE (bits 0 and 1), which every TD has
         */
        public Builder allowedXfam(long mask) {
            if ((mask & ~KNOWN_XFAM) != 0 || (mask & 3) != 3) {
                throw new IllegalArgumentException("XFAM mask 0x" + Long.toHexString(mask));
            }
            allowedXfam = mask;
            return this;
        }

        /**
         * Allows TDs bound to these service TDs, which may migrate them, say.
         *
         * @param mrServiceTd 48 bytes
         * @return this
         * @throws IllegalArgumentException if it is not 48 bytes
         */
        public Builder allowServiceTd(Bytes mrServiceTd) {
            if (mrServiceTd.length() != 48) {
                throw new IllegalArgumentException("MRSERVICETD has 48 bytes, not " + mrServiceTd.length());
            }
            allowedServiceTds.add(mrServiceTd);
            return this;
        }

        @Override
        public TdxPolicy build() {
            if (references.isEmpty()) {
                throw new IllegalStateException("no reference values: allow(...) at least one TdxReference");
            }
            return new TdxPolicy(
                    terms(),
                    new Settings(
                            List.copyOf(references),
                            tcb,
                            Collections.unmodifiableSet(EnumSet.copyOf(allowedAttributes)),
                            requireSeptVeDisable,
                            allowedXfam,
                            Collections.unmodifiableSet(new LinkedHashSet<>(allowedServiceTds))));
        }
    }
}
