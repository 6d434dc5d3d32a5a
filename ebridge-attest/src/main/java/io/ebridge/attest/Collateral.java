package io.ebridge.attest;

import io.ebridge.attest.internal.CollateralSorter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An immutable bag of endorsements: certificates, revocation lists and signed documents of the vendor, as they came.
 *
 * <p>Nothing in it is trusted or even parsed until a verifier uses it. Each piece is what a vendor's service returns: a DER
 * certificate or CRL, a PEM text with one or several of them, or JSON with its exact bytes. One kind may hold several
 * pieces (TCB info of several platforms, say); the verifier takes the one that fits the evidence and is valid at its clock.
 */
public final class Collateral {

    /** The longest single piece in bytes. */
    public static final int MAX_PIECE_BYTES = 1 << 20;

    /** The most pieces that one bag holds. */
    public static final int MAX_PIECES = 4096;

    /** What a piece is. */
    public enum Kind {
        /** PCK certificate, its CA and the root (Intel), for quotes that do not carry them. */
        PCK_CHAIN,
        /** CRL of the PCK Platform or Processor CA (Intel). */
        PCK_CRL,
        /** Issuer chain of that CRL (Intel). */
        PCK_CRL_CHAIN,
        /** CRL of the root CA (Intel). */
        ROOT_CA_CRL,
        /** TCB info JSON (Intel). */
        TCB_INFO,
        /** Signing chain of the TCB info (Intel). */
        TCB_INFO_CHAIN,
        /** QE or TD QE identity JSON (Intel). */
        QE_IDENTITY,
        /** Signing chain of the QE identity (Intel). */
        QE_IDENTITY_CHAIN,
        /** TCB evaluation data numbers JSON (Intel). */
        TCB_EVAL_NUMBERS,
        /** Signing chain of the TCB evaluation data numbers (Intel). */
        TCB_EVAL_NUMBERS_CHAIN,
        /** Versioned chip endorsement key certificate (AMD). */
        VCEK,
        /** Versioned loaded endorsement key certificate (AMD). */
        VLEK,
        /** Certificate of the AMD SEV signing key, issuer of VCEKs (AMD). */
        ASK,
        /** Certificate of the AMD SEV VLEK signing key, issuer of VLEKs (AMD). */
        ASVK,
        /** Certificate of the AMD root key (AMD). */
        ARK,
        /** CRL of the AMD root key (AMD). */
        AMD_CRL,
        /** CRL of an issuer in a Nitro certificate bundle (AWS). */
        NITRO_CRL
    }

    private static final Collateral NONE = new Collateral(new EnumMap<>(Kind.class), new EnumMap<>(Kind.class));

    private final Map<Kind, List<Bytes>> pieces;
    private final Map<Kind, CollateralUnavailableException> unavailable;

    private Collateral(EnumMap<Kind, List<Bytes>> pieces, EnumMap<Kind, CollateralUnavailableException> unavailable) {
        this.pieces = pieces;
        this.unavailable = unavailable;
    }

    /**
     * The empty bag.
     *
     * @return no collateral
     */
    public static Collateral none() {
        return NONE;
    }

    /**
     * Starts a bag.
     *
     * @return an empty builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Sorts pieces by what they contain: certificates and CRLs (DER, or any number of them in PEM) by their subject or issuer,
     * JSON by its top-level member. Pieces that are none of these are left out.
     *
     * @param contents whole files, say
     * @return the bag
     * @throws IllegalArgumentException if there are more than {@link #MAX_PIECES} pieces or one exceeds
     *     {@link #MAX_PIECE_BYTES}
     */
    public static Collateral ofContents(Collection<byte[]> contents) {
        Builder builder = builder();
        for (byte[] content : contents) {
            CollateralSorter.sort(content, builder);
        }
        return builder.build();
    }

    /**
     * The pieces of one kind, in the order in which they were added.
     *
     * @param kind the kind
     * @return the pieces; empty if there are none
     */
    public List<Bytes> pieces(Kind kind) {
        return pieces.getOrDefault(kind, List.of());
    }

    /**
     * The kinds that are present.
     *
     * @return an unmodifiable set
     */
    public Set<Kind> kinds() {
        return java.util.Collections.unmodifiableSet(pieces.keySet());
    }

    /**
     * Kinds of which a source could not get a piece that it knows to ask for, and why. A verifier that misses a kind says so in its rejection;
     * where a piece of the kind is at hand from elsewhere it plays no part, and neither does it in equality.
     *
     * @return an unmodifiable map, empty if the source got all that it asked for
     */
    public Map<Kind, CollateralUnavailableException> unavailable() {
        return java.util.Collections.unmodifiableMap(unavailable);
    }

    /**
     * Whether there is nothing in it.
     *
     * @return whether it is empty
     */
    public boolean isEmpty() {
        return pieces.isEmpty();
    }

    /**
     * Both bags together; pieces of this one come first.
     *
     * @param other another bag
     * @return the union
     */
    public Collateral plus(Collateral other) {
        if (other.isEmpty() && other.unavailable.isEmpty()) {
            return this;
        }
        if (isEmpty() && unavailable.isEmpty()) {
            return other;
        }
        return builder().addAll(this).addAll(other).build();
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Collateral that && pieces.equals(that.pieces);
    }

    @Override
    public int hashCode() {
        return pieces.hashCode();
    }

    /** The kinds and how many pieces of each. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Collateral[");
        pieces.forEach((kind, list) -> text.append(text.length() > 11 ? ", " : "")
                .append(kind)
                .append('=')
                .append(list.size()));
        return text.append(']').toString();
    }

    /** Collects pieces. Not thread-safe. */
    public static final class Builder {

        private final EnumMap<Kind, LinkedHashSet<Bytes>> pieces = new EnumMap<>(Kind.class);
        private final EnumMap<Kind, CollateralUnavailableException> unavailable = new EnumMap<>(Kind.class);
        private int count;

        private Builder() {}

        /**
         * Adds a piece; one that is there already is not added again.
         *
         * @param kind what it is
         * @param piece DER, PEM or JSON; copied
         * @return this
         * @throws IllegalArgumentException if it is empty, too long, or one too many
         */
        public Builder add(Kind kind, byte[] piece) {
            if (piece.length == 0 || piece.length > MAX_PIECE_BYTES) {
                throw new IllegalArgumentException(
                        kind + " of " + piece.length + " bytes; a piece has 1 to " + MAX_PIECE_BYTES);
            }
            return add(kind, Bytes.of(piece));
        }

        /**
         * Notes that a piece of a kind could not be had. Of several reasons the first is kept, unless it says that there is no such piece.
         *
         * @param kind the kind
         * @param why why not
         * @return this
         */
        public Builder unavailable(Kind kind, CollateralUnavailableException why) {
            unavailable.merge(
                    kind,
                    why,
                    (first, second) ->
                            first.reason() == CollateralUnavailableException.Reason.NOT_FOUND ? second : first);
            return this;
        }

        /**
         * Adds everything from another bag.
         *
         * @param collateral the other bag
         * @return this
         * @throws IllegalArgumentException if that makes too many pieces
         */
        public Builder addAll(Collateral collateral) {
            collateral.pieces.forEach((kind, list) -> list.forEach(piece -> add(kind, piece)));
            collateral.unavailable.forEach(this::unavailable);
            return this;
        }

        private Builder add(Kind kind, Bytes piece) {
            if (pieces.computeIfAbsent(kind, k -> new LinkedHashSet<>()).add(piece) && ++count > MAX_PIECES) {
                throw new IllegalArgumentException("more than " + MAX_PIECES + " pieces of collateral");
            }
            return this;
        }

        /**
         * The bag so far.
         *
         * @return an immutable bag
         */
        public Collateral build() {
            EnumMap<Kind, List<Bytes>> copy = new EnumMap<>(Kind.class);
            pieces.forEach((kind, set) -> copy.put(kind, List.copyOf(new ArrayList<>(set))));
            return new Collateral(copy, new EnumMap<>(unavailable));
        }
    }
}
