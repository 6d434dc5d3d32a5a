package io.ebridge.attest;

import java.util.ArrayList;
import java.util.List;

/**
 * How much collateral a verification demands, and which oddities of encoding it puts up with. The default,
 * {@link #full()}, demands everything; whatever asks for less security says {@code insecure} in its name.
 *
 * <p>"Without" means that a piece may be absent. A piece that is at hand is always checked.
 */
public final class Strictness {

    /** How much collateral must be at hand, from most to least. */
    public enum Level {
        /** Everything: chains, revocation lists, TCB info, QE identity. */
        FULL,
        /** Certificate revocation lists may be absent. */
        WITHOUT_REVOCATION,
        /** As before, and either of TCB info and QE identity may be absent. */
        PARTIAL_TCB,
        /** Signatures and the endorsement chain only; all other collateral may be absent. */
        SIGNATURES_ONLY
    }

    /** What may follow the declared end of a quote. */
    public enum Trailing {
        /** Nothing. */
        NONE,
        /** Zero bytes, as quotes copied out of fixed-size buffers have. */
        ZERO,
        /** Anything; it is ignored. */
        ANY
    }

    private static final Strictness FULL = new Strictness(Level.FULL, Trailing.ZERO, false, false, false);

    private final Level level;
    private final Trailing trailing;
    private final boolean tcbInfoV2;
    private final boolean unorderedChain;
    private final boolean archived;

    private Strictness(Level level, Trailing trailing, boolean tcbInfoV2, boolean unorderedChain, boolean archived) {
        this.level = level;
        this.trailing = trailing;
        this.tcbInfoV2 = tcbInfoV2;
        this.unorderedChain = unorderedChain;
        this.archived = archived;
    }

    /**
     * Everything is demanded; zero bytes after a quote are tolerated.
     *
     * @return the default
     */
    public static Strictness full() {
        return FULL;
    }

    /**
     * Revocation lists may be absent: a revoked platform or signer is then accepted.
     *
     * @return a copy
     */
    public Strictness insecureWithoutRevocation() {
        return new Strictness(Level.WITHOUT_REVOCATION, trailing, tcbInfoV2, unorderedChain, archived);
    }

    /**
     * TCB info or QE identity, and revocation lists, may be absent: the part of the TCB that they describe goes unchecked.
     *
     * @return a copy
     */
    public Strictness insecureWithPartialTcb() {
        return new Strictness(Level.PARTIAL_TCB, trailing, tcbInfoV2, unorderedChain, archived);
    }

    /**
     * Only signatures and the endorsement chain are demanded: nothing is then known of the platform's TCB.
     *
     * @return a copy
     */
    public Strictness insecureSignaturesOnly() {
        return new Strictness(Level.SIGNATURES_ONLY, trailing, tcbInfoV2, unorderedChain, archived);
    }

    /**
     * Accepts TCB info of version 2, which Intel no longer issues (Intel PCS API version 3).
     *
     * @return a copy
     */
    public Strictness insecureAcceptTcbInfoV2() {
        return new Strictness(level, trailing, true, unorderedChain, archived);
    }

    /**
     * Verifies as of the time that the evidence itself states (Nitro only), once its signature has been checked: for
     * archives. The result says that nothing is known of freshness.
     *
     * @return a copy
     */
    public Strictness insecureArchived() {
        return new Strictness(level, trailing, tcbInfoV2, unorderedChain, true);
    }

    /**
     * Accepts the certificates of a PCK chain in any order. Some producers write the root before the intermediate; the
     * chain is verified all the same.
     *
     * @return a copy
     */
    public Strictness acceptUnorderedChain() {
        return new Strictness(level, trailing, tcbInfoV2, true, archived);
    }

    /**
     * Rejects every byte after the declared end of a quote, zero or not.
     *
     * @return a copy
     */
    public Strictness rejectTrailingZeros() {
        return new Strictness(level, Trailing.NONE, tcbInfoV2, unorderedChain, archived);
    }

    /**
     * Ignores whatever follows the declared end of a quote: bytes that no signature covers then travel along unnoticed.
     *
     * @return a copy
     */
    public Strictness insecureIgnoreTrailingBytes() {
        return new Strictness(level, Trailing.ANY, tcbInfoV2, unorderedChain, archived);
    }

    /**
     * How much collateral is demanded.
     *
     * @return the level
     */
    public Level level() {
        return level;
    }

    /**
     * What may follow a quote.
     *
     * @return what may follow
     */
    public Trailing trailing() {
        return trailing;
    }

    /**
     * Whether TCB info of version 2 is accepted.
     *
     * @return whether it is
     */
    public boolean acceptsTcbInfoV2() {
        return tcbInfoV2;
    }

    /**
     * Whether a PCK chain may be in any order.
     *
     * @return whether it may
     */
    public boolean acceptsUnorderedChain() {
        return unorderedChain;
    }

    /**
     * Whether evidence is judged as of its own time.
     *
     * @return whether it is
     */
    public boolean archived() {
        return archived;
    }

    /**
     * Whether this demands everything, as {@link #full()} and {@link #rejectTrailingZeros()} do.
     *
     * @return whether nothing insecure was asked for
     */
    public boolean isSecure() {
        return level == Level.FULL && trailing != Trailing.ANY && !tcbInfoV2 && !archived;
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Strictness that
                && level == that.level
                && trailing == that.trailing
                && tcbInfoV2 == that.tcbInfoV2
                && unorderedChain == that.unorderedChain
                && archived == that.archived;
    }

    @Override
    public int hashCode() {
        return java.util.Objects.hash(level, trailing, tcbInfoV2, unorderedChain, archived);
    }

    /** The deviations from the default, or {@code FULL}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        parts.add(level.toString());
        if (trailing != Trailing.ZERO) {
            parts.add("TRAILING_" + trailing);
        }
        if (tcbInfoV2) {
            parts.add("TCB_INFO_V2");
        }
        if (unorderedChain) {
            parts.add("UNORDERED_CHAIN");
        }
        if (archived) {
            parts.add("ARCHIVED");
        }
        return String.join("+", parts);
    }
}
