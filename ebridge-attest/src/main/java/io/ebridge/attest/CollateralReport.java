package io.ebridge.attest;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Collateral that was verified on its own, without evidence: before a vendor's recovery event, say, or when a cache is filled.
 *
 * @param format what it is collateral for
 * @param anchor the root that it leads to
 * @param validity the intersection of the windows of all pieces
 * @param pieces the pieces that were verified, each with what it says
 */
public record CollateralReport(EvidenceFormat format, TrustAnchor anchor, ValidityWindow validity, List<Piece> pieces) {

    /**
     * One piece.
     *
     * @param kind what it is
     * @param validity its own window
     * @param facts what it says, by name, for people and tools: {@code id}, {@code version}, {@code fmspc}, {@code pceid}, {@code cpusvn}
     *     (numbers with commas), {@code pcesvn}, {@code sgx_type}, {@code tcb_evaluation_data_number}, {@code revoked_entries},
     *     {@code product}, {@code kind}, {@code hwid}, {@code tcb.bootloader} and the like; names may be added
     */
    public record Piece(Collateral.Kind kind, ValidityWindow validity, Map<String, String> facts) {

        /**
         * Copies the facts, ordered by name.
         *
         * @param kind what it is
         * @param validity its own window
         * @param facts what it says, by name, for people and tools
         */
        public Piece {
            facts = Collections.unmodifiableMap(new TreeMap<>(facts));
        }
    }

    /**
     * Copies the list.
     *
     * @param format what it is collateral for
     * @param anchor the root that it leads to
     * @param validity the intersection of the windows of all pieces
     * @param pieces the pieces that were verified, each with what it says
     */
    public CollateralReport {
        pieces = List.copyOf(pieces);
    }

    /**
     * The kinds that were verified.
     *
     * @return an unmodifiable set
     */
    public Set<Collateral.Kind> kinds() {
        EnumSet<Collateral.Kind> kinds = EnumSet.noneOf(Collateral.Kind.class);
        pieces.forEach(piece -> kinds.add(piece.kind()));
        return Collections.unmodifiableSet(kinds);
    }
}
