package io.ebridge.kv;

import java.util.Map;

/**
 * The state of a store at one moment.
 *
 * @param tier the tier
 * @param sequence the number of the newest manifest
 * @param epoch the key epoch that new records are written under
 * @param oldestEpoch the oldest epoch that records may still be under; equal to {@code epoch} when no sweep is due
 * @param records the number of live records; -1 at {@link Tier#SEALED}, which does not know
 * @param volatileWrites writes acknowledged as volatile and not durable yet
 * @param starts how many starts still have records of their own, each costing 36 bytes of every manifest
 * @param sealedBlocks about how many AES blocks the current epoch has encrypted; a new epoch begins by itself at 2^44
 * @param snapshots open snapshots
 * @param quarantined the closed namespaces and why
 */
public record StoreStatus(
        Tier tier,
        long sequence,
        int epoch,
        int oldestEpoch,
        long records,
        int volatileWrites,
        int starts,
        long sealedBlocks,
        int snapshots,
        Map<String, SealedStoreException.Reason> quarantined) {
    /**
     * Copies the map.
     *
     * @param tier the tier
     * @param sequence the number of the newest manifest
     * @param epoch the epoch of new records
     * @param oldestEpoch the oldest epoch in use
     * @param records the number of live records
     * @param volatileWrites writes not durable yet
     * @param starts starts with records of their own
     * @param sealedBlocks AES blocks encrypted in this epoch
     * @param snapshots open snapshots
     * @param quarantined closed namespaces and why
     */
    public StoreStatus {
        quarantined = Map.copyOf(quarantined);
    }
}
