package io.ebridge.kv;

/**
 * How far a sweep has come.
 *
 * @param examined how many records this step looked at
 * @param rewritten how many it sealed again under the current epoch
 * @param removed how many it removed because they had expired
 * @param complete whether no record is left under an older epoch; the keys of older epochs have then been given up
 */
public record SweepProgress(int examined, int rewritten, int removed, boolean complete) {}
