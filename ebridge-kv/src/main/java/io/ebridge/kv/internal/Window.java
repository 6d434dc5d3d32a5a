package io.ebridge.kv.internal;

import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.MonotonicCounter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One group commit: what several callers want, sealed into one batch of the host. Once sealed it never changes: if its outcome is
 * unknown, the very same bytes are sent again before anything else.
 */
final class Window {

    private static final int LINEAR = 8;

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
    private @Nullable Map<Space.Token, Staged> index;
    final long startedNanos;
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

    Window(long version, long startedNanos) {
        this.version = version;
        this.startedNanos = startedNanos;
    }

    @Nullable Staged find(Space.Token token) {
        if (index != null) {
            return index.get(token);
        }
        for (int i = staged.size() - 1; i >= 0; i--) {
            Staged s = staged.get(i);
            if (s.op.token().equals(token)) {
                return s;
            }
        }
        return null;
    }

    void add(Staged s) {
        staged.add(s);
        if (index != null) {
            index.put(s.op.token(), s);
        } else if (staged.size() > LINEAR) {
            index = new HashMap<>();
            for (Staged each : staged) {
                index.put(each.op.token(), each);
            }
        }
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
