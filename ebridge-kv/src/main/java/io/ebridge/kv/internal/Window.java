package io.ebridge.kv.internal;

import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.MonotonicCounter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One group commit: what several callers want, sealed into one batch of the host. Once sealed it never changes: if its outcome is
 * unknown, the very same bytes are sent again before anything else. Once it is over, the next window uses its memory again.
 */
final class Window {

    private static final int LINEAR = 8;
    private static final int KEPT = 1024;

    /** What happens to one key. */
    static final class Staged {
        Pending.Op op;
        final long oldWord;
        long newWord;
        byte @Nullable [] preserve;
        boolean remember;

        Staged(Pending.Op op, long oldWord) {
            this.op = op;
            this.oldWord = oldWord;
        }
    }

    /** What a commit does to a namespace's sum. */
    record Delta(Space space, Multiset sum) {}

    /** Where a sealed window stands. */
    enum Stage {
        SEALED,
        STORED,
        COUNTED
    }

    final List<Pending> pendings = new ArrayList<>(2);
    final List<Staged> staged = new ArrayList<>(2);
    final List<Pending.Rewrite> rewrites = new ArrayList<>(0);
    final List<Delta> deltas = new ArrayList<>(2);
    final List<Space> named = new ArrayList<>(0);
    final List<Space> excluded = new ArrayList<>(0);
    final List<Space> readmitted = new ArrayList<>(0);
    final HostBatch batch = new HostBatch();
    final Arena arena = new Arena();

    /** The tokens of {@link #staged} once it is long: its indices plus one, by open addressing in an array of a power of two. */
    private int[] index = new int[0];

    private boolean indexed;
    long startedNanos;
    long bytes;
    long version;
    boolean durable;
    boolean manifest;
    Manifest.@Nullable Meta meta;
    Multiset sum = new Multiset();
    byte @Nullable [] manifestHash;
    MonotonicCounter.@Nullable State counted;
    Stage stage = Stage.SEALED;
    boolean purges;

    /** Begins a window after a version. */
    Window begin(long after, long nanos) {
        version = after;
        startedNanos = nanos;
        return this;
    }

    /** Forgets everything, for use as the next window. False if it has grown too large to be kept. */
    boolean clear() {
        if (staged.size() > KEPT || batch.size() > KEPT) {
            return false;
        }
        pendings.clear();
        staged.clear();
        rewrites.clear();
        deltas.clear();
        named.clear();
        excluded.clear();
        readmitted.clear();
        batch.clear();
        arena.clear();
        indexed = false;
        bytes = 0;
        durable = false;
        manifest = false;
        meta = null;
        sum = new Multiset();
        manifestHash = null;
        counted = null;
        stage = Stage.SEALED;
        purges = false;
        return true;
    }

    @Nullable Staged find(Space.Token token) {
        if (indexed) {
            int mask = index.length - 1;
            for (int i = home(token) & mask; index[i] != 0; i = i + 1 & mask) {
                Staged s = staged.get(index[i] - 1);
                if (s.op.token().equals(token)) {
                    return s;
                }
            }
            return null;
        }
        for (int i = staged.size() - 1; i >= 0; i--) {
            Staged s = staged.get(i);
            if (s.op.token().equals(token)) {
                return s;
            }
        }
        return null;
    }

    /** Adds what {@link #find} does not find. */
    void add(Staged s) {
        staged.add(s);
        int n = staged.size();
        if (indexed && 2 * n <= index.length) {
            enter(n);
        } else if (n > LINEAR) {
            if (2 * n > index.length) {
                index = new int[Math.max(64, 4 * Integer.highestOneBit(n))];
            } else {
                Arrays.fill(index, 0);
            }
            indexed = true;
            for (int i = 1; i <= n; i++) {
                enter(i);
            }
        }
    }

    private void enter(int place) {
        int mask = index.length - 1;
        int i = home(staged.get(place - 1).op.token()) & mask;
        while (index[i] != 0) {
            i = i + 1 & mask;
        }
        index[i] = place;
    }

    /** Tokens are pseudorandom already. */
    private static int home(Space.Token token) {
        return (int) token.lo();
    }

    /** The change of a namespace's sum, to add to. */
    Multiset delta(Space space) {
        for (Delta d : deltas) {
            if (d.space() == space) {
                return d.sum();
            }
        }
        Delta d = new Delta(space, new Multiset());
        deltas.add(d);
        return d.sum();
    }

    boolean empty() {
        return staged.isEmpty() && rewrites.isEmpty() && !manifest && meta == null && batch.size() == 0;
    }
}
