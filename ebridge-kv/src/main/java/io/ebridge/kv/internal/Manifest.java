package io.ebridge.kv.internal;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The state of a store at the end of a durable commit window.
 *
 * @param tier the tier's number
 * @param sequence 1 for the first manifest, then one more each
 * @param previous SHA-256 of the sealed manifest before this one; zeros for the first
 * @param version the newest version
 * @param sum the multiset of all records of namespaces that are not quarantined
 * @param bootRef the start that wrote this manifest
 * @param meta keys and sweep
 * @param spaces the namespaces
 */
record Manifest(
        int tier,
        long sequence,
        byte[] previous,
        long version,
        Multiset sum,
        int bootRef,
        Meta meta,
        List<Row> spaces) {

    /**
     * One namespace.
     *
     * @param quarantined whether its records are left out of the store's sum
     */
    record Row(int ref, String name, Multiset sum, boolean quarantined) {}

    /**
     * What changes seldom.
     *
     * @param epoch the epoch of new records
     * @param oldestEpoch the oldest epoch that records may be under
     * @param epochFirstBoot the start in which the epoch began
     * @param sealedBlocks AES blocks encrypted in this epoch, about
     * @param boots the random bytes of each start that may still have records
     * @param cursorSpace the namespace where the sweep is
     * @param cursorHi the token after which the sweep goes on
     * @param cursorLo its second half
     * @param timeFloor the highest trusted time seen, milliseconds since 1970
     */
    record Meta(
            int epoch,
            int oldestEpoch,
            int epochFirstBoot,
            long sealedBlocks,
            SortedMap<Integer, byte[]> boots,
            int cursorSpace,
            long cursorHi,
            long cursorLo,
            long timeFloor) {

        Meta withCursor(int space, long hi, long lo) {
            return new Meta(epoch, oldestEpoch, epochFirstBoot, sealedBlocks, boots, space, hi, lo, timeFloor);
        }

        Meta withBoots(SortedMap<Integer, byte[]> newBoots) {
            return new Meta(
                    epoch,
                    oldestEpoch,
                    epochFirstBoot,
                    sealedBlocks,
                    newBoots,
                    cursorSpace,
                    cursorHi,
                    cursorLo,
                    timeFloor);
        }

        Meta with(long blocks, long floor) {
            return new Meta(
                    epoch,
                    oldestEpoch,
                    epochFirstBoot,
                    blocks,
                    boots,
                    cursorSpace,
                    cursorHi,
                    cursorLo,
                    Math.max(floor, timeFloor));
        }

        Meta nextEpoch(int bootRef) {
            return new Meta(epoch + 1, oldestEpoch, bootRef, 0, boots, 0, 0, 0, timeFloor);
        }

        Meta swept() {
            return new Meta(
                    epoch,
                    epoch,
                    epochFirstBoot,
                    sealedBlocks,
                    Collections.unmodifiableSortedMap(new TreeMap<>(boots.tailMap(epochFirstBoot))),
                    0,
                    0,
                    0,
                    timeFloor);
        }
    }
}
