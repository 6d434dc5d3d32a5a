package io.ebridge.attest.snp;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a relying party accepts of SEV-SNP guests.
 *
 * <p>Guaranteed: a policy names at least one {@link SnpReference}. Unless told otherwise it accepts only reports that a
 * chip's own key (VCEK) signed, that code at VMPL 0 asked for, of guests that cannot be debugged nor be given a migration
 * agent, on platforms whose firmware is committed. Not guaranteed, unless asked for: a minimum TCB. AMD publishes no signed
 * statement of which versions are current, so {@link Builder#minTcb} has to follow AMD's security bulletins.
 *
 * <pre>{@code
 * SnpPolicy policy = SnpPolicy.builder()
 *         .allow(SnpReference.ofMeasurement(expected))
 *         .minTcb(SnpProduct.GENOA, SnpTcb.of(10, 0, 23, 84))
 *         .require(SnpFeature.ALIAS_CHECK)
 *         .build();
 * SnpResult result = verifier.verify(evidence, policy.withReportData(sessionBinding));
 * }</pre>
 *
 * <p>Immutable.
 */
public final class SnpPolicy extends AppraisalPolicy {

    private final Demands demands;

    private SnpPolicy(Terms terms, Demands demands) {
        super(terms);
        this.demands = demands;
    }

    /**
     * Starts a policy.
     *
     * @return an empty builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.SNP;
    }

    /**
     * The sets of reference values, of which evidence must match one.
     *
     * @return an unmodifiable list, not empty
     */
    public List<SnpReference> allowed() {
        return demands.allowed;
    }

    /**
     * The privilege levels from which a report may have been asked for.
     *
     * @return an unmodifiable set, not empty
     */
    public Set<Integer> vmpls() {
        return demands.vmpls;
    }

    /**
     * The cloud providers whose loaded keys (VLEK) may sign, by the name in the key's certificate.
     *
     * @return an unmodifiable set, perhaps empty
     */
    public Set<String> vlekProviders() {
        return demands.vlekProviders;
    }

    /**
     * The chips that evidence may come from.
     *
     * @return an unmodifiable set; empty if any will do
     */
    public Set<Bytes> chips() {
        return demands.chips;
    }

    /**
     * The products that evidence may come from.
     *
     * @return an unmodifiable set, not empty
     */
    public Set<SnpProduct> products() {
        return demands.products;
    }

    /**
     * The least reported TCB of each product.
     *
     * @return an unmodifiable map; products that are absent have no minimum
     */
    public Map<SnpProduct, SnpTcb> minTcbs() {
        return demands.minTcbs;
    }

    /**
     * The least TCB of each product at the guest's launch.
     *
     * @return an unmodifiable map; products that are absent have no minimum
     */
    public Map<SnpProduct, SnpTcb> minLaunchTcbs() {
        return demands.minLaunchTcbs;
    }

    /**
     * The least committed firmware.
     *
     * @return the version, or empty for none
     */
    public Optional<SnpFirmware> minFirmware() {
        return demands.minFirmware;
    }

    /**
     * What guest policy and platform must show.
     *
     * @return an unmodifiable set, perhaps empty
     */
    public Set<SnpFeature> required() {
        return demands.required;
    }

    /**
     * The mitigations that must have been verified when the guest was launched and still be so now.
     *
     * @return the bits; zero for none
     */
    public long requiredMitigations() {
        return demands.requiredMitigations;
    }

    /**
     * Whether guests that may be given a migration agent are accepted.
     *
     * @return whether they are
     */
    public boolean allowsMigrationAgent() {
        return demands.allowMigrationAgent;
    }

    /**
     * Whether platforms that run firmware from which they can still go back are accepted.
     *
     * @return whether they are
     */
    public boolean allowsProvisionalFirmware() {
        return demands.allowProvisionalFirmware;
    }

    @Override
    public SnpPolicy withReportData(byte[] reportData) {
        return (SnpPolicy) super.withReportData(reportData);
    }

    @Override
    public SnpPolicy withNonce(byte[] nonce) {
        return (SnpPolicy) super.withNonce(nonce);
    }

    @Override
    public SnpPolicy withPublicKeySha256(byte[] sha256) {
        return (SnpPolicy) super.withPublicKeySha256(sha256);
    }

    @Override
    public SnpPolicy expecting(EvidenceRequest request) {
        return (SnpPolicy) super.expecting(request);
    }

    @Override
    protected SnpPolicy copy(Terms changed) {
        return new SnpPolicy(changed, demands);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof SnpPolicy that && super.equals(that) && demands.equals(that.demands);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + demands.hashCode();
    }

    private record Demands(
            List<SnpReference> allowed,
            Set<Integer> vmpls,
            Set<String> vlekProviders,
            Set<Bytes> chips,
            Set<SnpProduct> products,
            Map<SnpProduct, SnpTcb> minTcbs,
            Map<SnpProduct, SnpTcb> minLaunchTcbs,
            Optional<SnpFirmware> minFirmware,
            Set<SnpFeature> required,
            long requiredMitigations,
            boolean allowMigrationAgent,
            boolean allowProvisionalFirmware) {}

    /** Collects what a policy demands. Not thread-safe. */
    public static final class Builder extends AppraisalPolicy.Builder<Builder> {

        private final Set<SnpReference> allowed = new LinkedHashSet<>();
        private final Set<Integer> vmpls = new TreeSet<>();
        private final Set<String> vlekProviders = new TreeSet<>();
        private final Set<Bytes> chips = new TreeSet<>();
        private final Set<SnpProduct> products = EnumSet.noneOf(SnpProduct.class);
        private final Map<SnpProduct, SnpTcb> minTcbs = new EnumMap<>(SnpProduct.class);
        private final Map<SnpProduct, SnpTcb> minLaunchTcbs = new EnumMap<>(SnpProduct.class);
        private Optional<SnpFirmware> minFirmware = Optional.empty();
        private final Set<SnpFeature> required = EnumSet.noneOf(SnpFeature.class);
        private long requiredMitigations;
        private boolean allowMigrationAgent;
        private boolean allowProvisionalFirmware;

        private Builder() {}

        /**
         * Allows guests that match a set of reference values, beside those allowed before.
         *
         * @param reference the set
         * @return this
         */
        public Builder allow(SnpReference reference) {
            allowed.add(Objects.requireNonNull(reference, "reference"));
            return this;
        }

        /**
         * Allows a guest by its launch measurement.
         *
         * @param measurement 48 bytes; copied
         * @return this
         * @throws IllegalArgumentException if it is not 48 bytes
         */
        public Builder measurement(byte[] measurement) {
            return allow(SnpReference.ofMeasurement(measurement));
        }

        /**
         * Allows reports that were asked for at a privilege level, beside those allowed before; the first call replaces the
         * default, which is level 0 alone.
         *
         * @param vmpl 0 to 3
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder vmpl(int vmpl) {
            if (vmpl < 0 || vmpl > 3) {
                throw new IllegalArgumentException("a VMPL is 0 to 3, not " + vmpl);
            }
            vmpls.add(vmpl);
            return this;
        }

        /**
         * Allows reports that were signed by the loaded key (VLEK) of a cloud provider, beside chips' own keys. Such a report
         * does not say which chip it comes from.
         *
         * @param cspId the provider as its key's certificate names it, for example {@code CN=cc-us-east-2.amazonaws.com}
         * @return this
         * @throws IllegalArgumentException if the name is empty
         */
        public Builder vlekProvider(String cspId) {
            if (cspId.isEmpty()) {
                throw new IllegalArgumentException("a provider has a name");
            }
            vlekProviders.add(cspId);
            return this;
        }

        /**
         * Allows evidence from one chip, beside chips allowed before; without any call, every chip will do.
         *
         * @param chipId 64 bytes, not all zero; copied
         * @return this
         * @throws IllegalArgumentException if it is not 64 bytes or all zero
         */
        public Builder chip(byte[] chipId) {
            Bytes id = Bytes.of(chipId);
            if (id.length() != 64 || id.isZero()) {
                throw new IllegalArgumentException("a chip id has 64 bytes, not all zero");
            }
            chips.add(id);
            return this;
        }

        /**
         * Allows evidence from one product, beside products allowed before; without any call, all will do.
         *
         * @param product the product
         * @return this
         */
        public Builder product(SnpProduct product) {
            products.add(product);
            return this;
        }

        /**
         * Demands a minimum of the reported TCB of one product, component by component.
         *
         * @param product the product
         * @param minimum the least of each component
         * @return this
         */
        public Builder minTcb(SnpProduct product, SnpTcb minimum) {
            minTcbs.put(product, Objects.requireNonNull(minimum, "minimum"));
            return this;
        }

        /**
         * Demands a minimum of the TCB at launch of one product, component by component: firmware may have been updated under a
         * guest that an older one launched.
         *
         * @param product the product
         * @param minimum the least of each component
         * @return this
         */
        public Builder minLaunchTcb(SnpProduct product, SnpTcb minimum) {
            minLaunchTcbs.put(product, Objects.requireNonNull(minimum, "minimum"));
            return this;
        }

        /**
         * Demands a minimum of the committed firmware.
         *
         * @param minimum the least version
         * @return this
         */
        public Builder minFirmware(SnpFirmware minimum) {
            minFirmware = Optional.of(minimum);
            return this;
        }

        /**
         * Demands something of the guest's policy or of the platform, beside what was demanded before.
         *
         * @param feature what
         * @return this
         */
        public Builder require(SnpFeature feature) {
            required.add(feature);
            return this;
        }

        /**
         * Demands mitigations, beside those demanded before: each bit must be set in the vector of the launch and in that of
         * now. Only reports of version 5 and later have these vectors; older ones are then rejected.
         *
         * @param bits the bits, as AMD's bulletins number them
         * @return this
         */
        public Builder requireMitigations(long bits) {
            requiredMitigations |= bits;
            return this;
        }

        /**
         * Accepts guests that may be given a migration agent, which can move their memory to where nobody attests it.
         *
         * @return this
         */
        public Builder insecureAllowMigrationAgent() {
            allowMigrationAgent = true;
            return this;
        }

        /**
         * Accepts platforms whose running firmware is newer than what they committed to, so that their host can still go back
         * to the committed one.
         *
         * @return this
         */
        public Builder insecureAllowProvisionalFirmware() {
            allowProvisionalFirmware = true;
            return this;
        }

        @Override
        public SnpPolicy build() {
            if (allowed.isEmpty()) {
                throw new IllegalStateException("a policy without reference values would accept any guest");
            }
            return new SnpPolicy(
                    terms(),
                    new Demands(
                            List.copyOf(allowed),
                            vmpls.isEmpty() ? Set.of(0) : sorted(vmpls),
                            sorted(vlekProviders),
                            sorted(chips),
                            sorted(products.isEmpty() ? EnumSet.allOf(SnpProduct.class) : products),
                            Map.copyOf(minTcbs),
                            Map.copyOf(minLaunchTcbs),
                            minFirmware,
                            sorted(required),
                            requiredMitigations,
                            allowMigrationAgent,
                            allowProvisionalFirmware));
        }

        private static <T extends Comparable<? super T>> Set<T> sorted(Set<T> set) {
            return Collections.unmodifiableSet(new TreeSet<>(set));
        }
    }
}
