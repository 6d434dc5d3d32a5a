package io.ebridge.attest.intel;

import io.ebridge.attest.RejectionReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a relying party accepts of an Intel platform's TCB and of the collateral that describes it. Immutable.
 *
 * <p>Default: {@link TcbStatus#UP_TO_DATE} only. Whatever else is accepted is accepted together with the advisories that are
 * named: an advisory that a level leaves open and that nobody named rejects. A platform that is out of date is accepted only
 * in a {@link Grace} that ends, or by a method with {@code insecure} in its name.
 */
public final class TcbPolicy {

    private static final TcbPolicy DEFAULT = builder().build();
    private static final Pattern ADVISORY = Pattern.compile("INTEL-SA-[0-9]{1,8}");

    /**
     * A dated exception for platforms that are out of date: until the deadline, a part that is out of date is accepted if its
     * level has all updates for issues public by {@code tcbDateNotBefore}. Advisories need not be named for it.
     *
     * @param tcbDateNotBefore the oldest {@code tcbDate} that a part's level may have
     * @param until the last instant at which the exception holds, by the verifier's clock
     */
    public record Grace(Instant tcbDateNotBefore, Instant until) {
        /**
         * Checks that both are given.
         *
         * @param tcbDateNotBefore the oldest {@code tcbDate} that a part's level may have
         * @param until the last instant at which the exception holds, by the verifier's clock
         */
        public Grace {
            Objects.requireNonNull(tcbDateNotBefore, "tcbDateNotBefore");
            Objects.requireNonNull(until, "until");
        }
    }

    private final Set<TcbStatus> accepted;
    private final SortedSet<String> advisories;
    private final boolean anyAdvisory;
    private final Optional<Grace> grace;
    private final int minEvaluationDataNumber;
    private final Optional<Duration> maxCollateralAge;
    private final boolean requireSmtDisabled;
    private final boolean rejectDynamicPlatform;
    private final boolean rejectCachedKeys;
    private final Set<IntelPlatform.SgxType> sgxTypes;

    private TcbPolicy(Builder builder) {
        accepted = Collections.unmodifiableSet(EnumSet.copyOf(builder.accepted));
        advisories = Collections.unmodifiableSortedSet(new TreeSet<>(builder.advisories));
        anyAdvisory = builder.anyAdvisory;
        grace = builder.grace;
        minEvaluationDataNumber = builder.minEvaluationDataNumber;
        maxCollateralAge = builder.maxCollateralAge;
        requireSmtDisabled = builder.requireSmtDisabled;
        rejectDynamicPlatform = builder.rejectDynamicPlatform;
        rejectCachedKeys = builder.rejectCachedKeys;
        sgxTypes = Collections.unmodifiableSet(EnumSet.copyOf(builder.sgxTypes));
    }

    /**
     * Up-to-date platforms only, by whatever collateral is within its signed window.
     *
     * @return the default
     */
    public static TcbPolicy upToDate() {
        return DEFAULT;
    }

    /**
     * Starts from the default.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The states that are accepted.
     *
     * @return an unmodifiable set, with {@link TcbStatus#UP_TO_DATE}
     */
    public Set<TcbStatus> accepted() {
        return accepted;
    }

    /**
     * The advisories that may be open.
     *
     * @return an unmodifiable set
     */
    public SortedSet<String> acceptedAdvisories() {
        return advisories;
    }

    /**
     * Whether any advisory may be open.
     *
     * @return whether {@link Builder#insecureAcceptAnyAdvisory()} was asked for
     */
    public boolean acceptsAnyAdvisory() {
        return anyAdvisory;
    }

    /**
     * The dated exception for platforms that are out of date.
     *
     * @return the exception, or empty
     */
    public Optional<Grace> grace() {
        return grace;
    }

    /**
     * The least evaluation number of TCB info and QE identity.
     *
     * @return the number; 0 accepts any
     */
    public int minEvaluationDataNumber() {
        return minEvaluationDataNumber;
    }

    /**
     * How long ago TCB info, QE identity and CRLs may have been issued.
     *
     * @return the age, or empty if their own windows decide
     */
    public Optional<Duration> maxCollateralAge() {
        return maxCollateralAge;
    }

    /**
     * Whether hyper-threading must be known to be off.
     *
     * @return whether it must
     */
    public boolean requiresSmtDisabled() {
        return requireSmtDisabled;
    }

    /**
     * Whether the platform must be known not to be dynamic.
     *
     * @return whether it must
     */
    public boolean rejectsDynamicPlatform() {
        return rejectDynamicPlatform;
    }

    /**
     * Whether the platform's keys must be known not to be kept by Intel.
     *
     * @return whether they must
     */
    public boolean rejectsCachedKeys() {
        return rejectCachedKeys;
    }

    /**
     * The accepted kinds of memory protection.
     *
     * @return an unmodifiable set; all kinds unless set
     */
    public Set<IntelPlatform.SgxType> sgxTypes() {
        return sgxTypes;
    }

    /**
     * Decides on a platform's TCB. A verifier does this on its own; call it to ask how a fleet would fare, with the collateral of
     * a coming TCB recovery (assess it by {@code EvidenceVerifier.insecureWithoutAppraisal} with that collateral), at a later
     * instant, or under another policy.
     *
     * @param tcb the assessment
     * @param at the instant by which a grace is judged
     * @return why it is refused, or empty if it is accepted
     */
    public Optional<TcbRefusal> judge(TcbAssessment tcb, Instant at) {
        return TcbJudge.tcb(this, tcb, at);
    }

    /**
     * Decides on what a PCK certificate says of its platform.
     *
     * @param platform the platform
     * @return why it is refused, or empty if it is accepted
     */
    public Optional<TcbRefusal> judge(IntelPlatform platform) {
        return TcbJudge.platform(this, platform);
    }

    /**
     * The check that refuses a state.
     *
     * @param status any state but {@link TcbStatus#UP_TO_DATE}
     * @return the reason
     * @throws IllegalArgumentException for {@link TcbStatus#UP_TO_DATE}
     */
    public static RejectionReason reasonFor(TcbStatus status) {
        return switch (status) {
            case UP_TO_DATE -> throw new IllegalArgumentException("an up-to-date platform is not refused");
            case SW_HARDENING_NEEDED -> RejectionReason.TCB_SW_HARDENING_NEEDED;
            case CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED ->
                RejectionReason.TCB_CONFIGURATION_NEEDED;
            case RELAUNCH_ADVISED, RELAUNCH_ADVISED_CONFIGURATION_NEEDED -> RejectionReason.TCB_RELAUNCH_ADVISED;
            case OUT_OF_DATE, OUT_OF_DATE_CONFIGURATION_NEEDED -> RejectionReason.TCB_OUT_OF_DATE;
            case NOT_SUPPORTED -> RejectionReason.TCB_NOT_SUPPORTED;
            case REVOKED -> RejectionReason.TCB_REVOKED;
        };
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof TcbPolicy that
                && accepted.equals(that.accepted)
                && advisories.equals(that.advisories)
                && anyAdvisory == that.anyAdvisory
                && grace.equals(that.grace)
                && minEvaluationDataNumber == that.minEvaluationDataNumber
                && maxCollateralAge.equals(that.maxCollateralAge)
                && requireSmtDisabled == that.requireSmtDisabled
                && rejectDynamicPlatform == that.rejectDynamicPlatform
                && rejectCachedKeys == that.rejectCachedKeys
                && sgxTypes.equals(that.sgxTypes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(accepted, advisories, grace, minEvaluationDataNumber, maxCollateralAge);
    }

    /** What is accepted, for logs. */
    @Override
    public String toString() {
        return "TcbPolicy" + accepted + (anyAdvisory ? " any advisory" : " " + advisories)
                + grace.map(g -> " grace until " + g.until()).orElse("") + " evaluation number >= "
                + minEvaluationDataNumber;
    }

    /** Collects what is accepted. Not thread-safe. */
    public static final class Builder {

        private final EnumSet<TcbStatus> accepted = EnumSet.of(TcbStatus.UP_TO_DATE);
        private final SortedSet<String> advisories = new TreeSet<>();
        private boolean anyAdvisory;
        private Optional<Grace> grace = Optional.empty();
        private int minEvaluationDataNumber;
        private Optional<Duration> maxCollateralAge = Optional.empty();
        private boolean requireSmtDisabled;
        private boolean rejectDynamicPlatform;
        private boolean rejectCachedKeys;
        private EnumSet<IntelPlatform.SgxType> sgxTypes = EnumSet.allOf(IntelPlatform.SgxType.class);

        private Builder() {}

        /**
         * Accepts further states in which no update is missing, each only with the advisories named by
         * {@link #acceptAdvisories}.
         *
         * @param states the states
         * @return this
         * @throws IllegalArgumentException for states in which an update is missing, and for
         *     {@link TcbStatus#NOT_SUPPORTED} and {@link TcbStatus#REVOKED}
         */
        public Builder accept(TcbStatus... states) {
            for (TcbStatus state : states) {
                if (state.outOfDate() || state == TcbStatus.NOT_SUPPORTED || state == TcbStatus.REVOKED) {
                    throw new IllegalArgumentException(
                            state + " needs a dated grace, or a method that says that it is insecure");
                }
            }
            accepted.addAll(Arrays.asList(states));
            return this;
        }

        /**
         * Accepts states whatever they say: {@link TcbStatus#OUT_OF_DATE} without an end,
         * {@link TcbStatus#NOT_SUPPORTED}, {@link TcbStatus#REVOKED}. Advisories must still be named.
         *
         * @param states the states
         * @return this
         */
        public Builder insecureAccept(TcbStatus... states) {
            accepted.addAll(Arrays.asList(states));
            return this;
        }

        /**
         * Names advisories that may be open, because the software was hardened or does not depend on them.
         *
         * @param ids Intel's ids, {@code INTEL-SA-00615}
         * @return this
         * @throws IllegalArgumentException if one is not of that form
         */
        public Builder acceptAdvisories(String... ids) {
            for (String id : ids) {
                if (!ADVISORY.matcher(id).matches()) {
                    throw new IllegalArgumentException("not an advisory of Intel's: " + id);
                }
            }
            advisories.addAll(Arrays.asList(ids));
            return this;
        }

        /**
         * Accepts any open advisory, known or not, in the states that are accepted.
         *
         * @return this
         */
        public Builder insecureAcceptAnyAdvisory() {
            anyAdvisory = true;
            return this;
        }

        /**
         * Accepts platforms that are out of date for a while: for the weeks between a TCB recovery and the fleet's update.
         *
         * @param tcbDateNotBefore the oldest {@code tcbDate} that the level of a part that is out of date may have
         * @param until the last instant at which they are accepted
         * @return this
         */
        public Builder acceptOutOfDateUntil(Instant tcbDateNotBefore, Instant until) {
            grace = Optional.of(new Grace(tcbDateNotBefore, until));
            return this;
        }

        /**
         * Demands collateral of a TCB recovery or a later one. Without it, whoever delivers the collateral may stay on the one
         * before for as long as its window lasts.
         *
         * @param number the least {@code tcbEvaluationDataNumber}, 0 to {@link Integer#MAX_VALUE}
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder minEvaluationDataNumber(int number) {
            if (number < 0) {
                throw new IllegalArgumentException("evaluation data number " + number);
            }
            minEvaluationDataNumber = number;
            return this;
        }

        /**
         * Bounds the age of TCB info, QE identity and CRLs, whose own windows are about a month.
         *
         * @param age more than zero
         * @return this
         * @throws IllegalArgumentException if it is zero or negative
         */
        public Builder maxCollateralAge(Duration age) {
            if (age.isZero() || age.isNegative()) {
                throw new IllegalArgumentException("collateral age " + age);
            }
            maxCollateralAge = Optional.of(age);
            return this;
        }

        /**
         * Demands a certificate that says that hyper-threading is off.
         *
         * @return this
         */
        public Builder requireSmtDisabled() {
            requireSmtDisabled = true;
            return this;
        }

        /**
         * Demands a certificate that says that no package can be added to the platform.
         *
         * @return this
         */
        public Builder rejectDynamicPlatform() {
            rejectDynamicPlatform = true;
            return this;
        }

        /**
         * Demands a certificate that says that Intel does not keep the platform's root keys.
         *
         * @return this
         */
        public Builder rejectCachedKeys() {
            rejectCachedKeys = true;
            return this;
        }

        /**
         * Accepts some kinds of memory protection only.
         *
         * @param types at least one
         * @return this
         * @throws IllegalArgumentException if there is none
         */
        public Builder sgxTypes(IntelPlatform.SgxType... types) {
            if (types.length == 0) {
                throw new IllegalArgumentException("no kind of memory protection");
            }
            sgxTypes = EnumSet.copyOf(Arrays.asList(types));
            return this;
        }

        /**
         * Makes the policy.
         *
         * @return the policy
         */
        public TcbPolicy build() {
            return new TcbPolicy(this);
        }
    }
}
