package io.ebridge.kv.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The open snapshots and, for every key overwritten since the oldest of them, the words it had. Preserved records lie with the
 * host; only their words are kept here. Changed under the store's write lock; read without.
 */
final class Snapshots {

    /** The most snapshots open at a time. */
    static final int MAX_OPEN = 1024;

    /** The most preserved records; beyond, writes that need another are refused until a snapshot is closed. */
    static final int MAX_HISTORY = 1 << 20;

    private final TreeMap<Long, Integer> open = new TreeMap<>();
    private final Map<Space.Token, long[]> history = new ConcurrentHashMap<>();
    private int preserved;
    private volatile int count;

    int count() {
        return count;
    }

    void add(long version) {
        if (count >= MAX_OPEN) {
            throw new IllegalStateException("a store has at most " + MAX_OPEN + " open snapshots");
        }
        open.merge(version, 1, Integer::sum);
        count++;
    }

    /** Whether a snapshot needs a record of this version when it is replaced. */
    boolean needs(long version) {
        return count > 0 && open.lastKey() >= version;
    }

    void remember(Space.Token token, long word) {
        long[] old = history.get(token);
        long[] words = old == null ? new long[1] : java.util.Arrays.copyOf(old, old.length + 1);
        words[words.length - 1] = word;
        history.put(token, words);
        preserved++;
    }

    boolean full() {
        return preserved >= MAX_HISTORY;
    }

    /** The word a key had at a version; 0 if none is remembered. */
    long at(Space.Token token, long version) {
        long[] words = history.get(token);
        long best = 0;
        if (words != null) {
            for (long word : words) {
                if ((word & VersionTable.VERSION) <= version) {
                    best = word;
                }
            }
        }
        return best;
    }

    /** Closes one; returns the host keys of records that none needs any more. */
    List<byte[]> remove(long version) {
        if (!open.containsKey(version)) {
            return List.of();
        }
        open.merge(version, -1, (a, b) -> a + b == 0 ? null : a + b);
        count--;
        if (open.isEmpty()) {
            return clear();
        }
        List<byte[]> garbage = new ArrayList<>();
        for (Map.Entry<Space.Token, long[]> e : history.entrySet()) {
            long[] words = e.getValue();
            long[] kept = new long[words.length];
            int n = 0;
            for (int i = 0; i < words.length; i++) {
                long from = words[i] & VersionTable.VERSION;
                long to = i + 1 < words.length ? words[i + 1] & VersionTable.VERSION : Long.MAX_VALUE;
                Long needing = open.ceilingKey(from);
                if (needing != null && needing < to) {
                    kept[n++] = words[i];
                } else {
                    garbage(garbage, e.getKey(), words[i]);
                }
            }
            if (n == 0) {
                history.remove(e.getKey());
            } else if (n < words.length) {
                e.setValue(java.util.Arrays.copyOf(kept, n));
            }
        }
        return garbage;
    }

    private List<byte[]> clear() {
        List<byte[]> garbage = new ArrayList<>();
        history.forEach((token, words) -> {
            for (long word : words) {
                garbage(garbage, token, word);
            }
        });
        history.clear();
        preserved = 0;
        return garbage;
    }

    private void garbage(List<byte[]> out, Space.Token token, long word) {
        preserved--;
        if ((word & VersionTable.TOMBSTONE) == 0) {
            out.add(HostKeys.preserved(token.hi(), token.lo(), word & VersionTable.VERSION));
        }
    }
}
