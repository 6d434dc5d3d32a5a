package io.ebridge.kv.internal;

import io.ebridge.kv.Ack;
import io.ebridge.kv.BackendException;
import io.ebridge.kv.Conditional;
import io.ebridge.kv.Durability;
import io.ebridge.kv.ForkedException;
import io.ebridge.kv.SealedStoreException;
import io.ebridge.kv.StoreListener;
import io.ebridge.kv.StoreListener.CommitStep;
import io.ebridge.kv.spi.CounterException;
import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostStore;
import io.ebridge.kv.spi.MonotonicCounter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The write path: group commit. Callers queue; whoever gets the write lock takes all that waits, seals it into one window, hands
 * that to the host and, for a durable window, moves the counter before anybody is told. While one window waits for the disk the next
 * gathers.
 */
final class Committer {

    private static final int MAX_OPS = 8192;
    private static final long MAX_BYTES = HostBatch.MAX_BYTES - (8 << 20);
    private static final long WINDOW_BYTES = 8 << 20;

    private final Core core;
    private final boolean timed;
    private final Reader reader;
    private final Sealer sealer;
    private final Queue<Pending> queue = new ConcurrentLinkedQueue<>();
    private @Nullable Window inDoubt;
    private @Nullable Flusher flusher;

    /** The window before, if it can be used again; guarded by the write lock. */
    private @Nullable Window spare;

    /** What {@link #stage} has prepared; empty outside it. */
    private final List<Window.Staged> prepared = new ArrayList<>();

    /** Tombstones that wait for the next manifest; guarded by the write lock. */
    private final ArrayDeque<Sealer.Tombstone> tombstones = new ArrayDeque<>();

    Committer(Core core) {
        this.core = core;
        this.timed = core.options.listener() != StoreListener.none();
        this.reader = new Reader(core, this);
        this.sealer = new Sealer(core, tombstones);
    }

    Reader reader() {
        return reader;
    }

    /** Starts to commit volatile writes by itself, where the options ask for it and the host has stable storage at all. */
    void flushInBackground() {
        if (!core.options.commitInterval().isZero() && core.host.durable()) {
            flusher = Flusher.start(core, this);
        }
    }

    /** Ends what {@link #flushInBackground} began. Call with the write lock. */
    void stop() {
        Flusher running = flusher;
        if (running != null) {
            running.stop();
        }
    }

    /** Makes everything durable that has been acknowledged. */
    Ack commit() {
        return submit(new Pending(List.of(), List.of(), true)).orThrow();
    }

    /** Live records: all that the sums count, without deletions that wait to be purged. */
    long records() {
        long n = 0;
        for (Space space : core.spaces()) {
            n += space.quarantine == null ? space.sum.count() : 0;
        }
        for (Sealer.Tombstone t : tombstones) {
            boolean counted = t.space().quarantine == null && t.space().table.get(t.hi(), t.lo()) == t.word();
            n -= counted ? 1 : 0;
        }
        return n;
    }

    void tombstone(Space space, long hi, long lo, long word) {
        tombstones.add(new Sealer.Tombstone(space, hi, lo, word));
    }

    /** Writes, and returns once the window that holds it has been acknowledged. */
    Conditional submit(Pending pending) {
        // Nobody is before this one: it need not queue.
        boolean alone = queue.isEmpty() && core.lock.tryLock();
        if (!alone) {
            queue.add(pending);
            core.lock.lock();
        }
        try {
            if (alone) {
                drain(pending);
            }
            while (!pending.done) {
                drain(null);
            }
        } finally {
            core.lock.unlock();
        }
        RuntimeException failure = pending.failure;
        if (failure != null) {
            throw failure;
        }
        Conditional result = pending.result;
        if (result == null) {
            throw new IllegalStateException("a write ended without a result");
        }
        return result;
    }

    /** Sends a window of unknown outcome again, if there is one. Call with the write lock. */
    void settle() {
        Window window = inDoubt;
        if (window != null) {
            run(window);
        }
    }

    /** As {@link #settle}, for calls whose own outcome is known: nothing of theirs has been tried. */
    void settled() {
        try {
            settle();
        } catch (BackendException e) {
            throw new BackendException(false, "an earlier write is still unsettled: " + e.getMessage(), e);
        }
    }

    /**
     * Commits one window.
     *
     * @param first goes before the queue, in which it is not
     */
    private void drain(@Nullable Pending first) {
        try {
            core.check();
            settled();
        } catch (RuntimeException e) {
            if (first != null) {
                first.fail(e);
            }
            for (Pending p = queue.poll(); p != null; p = queue.poll()) {
                p.fail(e);
            }
            return;
        }
        Window before = spare;
        spare = null;
        Window window = (before == null ? new Window() : before).begin(core.version, timed ? System.nanoTime() : 0);
        int ops = 0;
        if (first != null) {
            try {
                if (!stage(window, first)) {
                    throw new IllegalStateException("an empty window has no room");
                }
                ops += first.ops.size() + first.rewrites.size();
            } catch (RuntimeException e) {
                first.fail(e);
            }
        }
        for (Pending p = queue.peek(); p != null && ops < MAX_OPS && window.bytes < WINDOW_BYTES; p = queue.peek()) {
            try {
                if (!stage(window, p)) {
                    break;
                }
                ops += p.ops.size() + p.rewrites.size();
            } catch (RuntimeException e) {
                p.fail(e);
            }
            queue.remove();
        }
        boolean sealed = false;
        try {
            sealed = sealer.seal(window);
            if (sealed) {
                run(window);
            } else {
                finish(window);
            }
            if (window.clear()) {
                spare = window;
            }
        } catch (SealedStoreException e) {
            fail(window, e);
        } catch (RuntimeException | Error e) {
            // A sealed window may be with the host, or its nonces used: nothing can go on from here.
            BackendException broken = new BackendException(sealed, "a commit failed in an unforeseen way", e);
            core.dead = broken;
            fail(window, broken);
        }
    }

    private static void fail(Window window, RuntimeException e) {
        for (Pending p : window.pendings) {
            if (!p.done) {
                p.fail(e);
            }
        }
        window.pendings.clear();
    }

    /** Adds a caller's wishes to the window, wholly or not at all; false if there is no room left. */
    private boolean stage(Window window, Pending p) {
        long bytes = 0;
        for (Pending.Op op : p.ops) {
            core.check(op.space());
            byte[] value = op.value();
            bytes +=
                    RecordCodec.sealedLength(core.options.padding(), op.key().length, value == null ? 0 : value.length);
        }
        for (Pending.Rewrite rewrite : p.rewrites) {
            bytes += rewrite.sealed().length;
        }
        bytes += (long) p.garbage.size() * HostStore.MAX_KEY_BYTES;
        for (Pending.Cond cond : p.conds) {
            core.check(cond.space());
            long current = current(window, cond);
            if (current != cond.version()) {
                p.result = new Conditional.Conflict(cond.space().name, cond.version(), current);
                window.pendings.add(p);
                return true;
            }
        }
        try {
            for (Pending.Op op : p.ops) {
                if (op.onlyIf() == 0 || op.onlyIf() == word(window, op.space(), op.token())) {
                    Window.Staged s = prepare(window, op);
                    byte[] preserve = s.preserve;
                    bytes += preserve == null ? 0 : preserve.length;
                    prepared.add(s);
                }
            }
            if (bytes > MAX_BYTES) {
                throw new IllegalArgumentException("a batch of " + bytes + " sealed bytes is too large");
            }
            if (window.bytes + bytes > MAX_BYTES) {
                return false;
            }
            window.bytes += bytes;
            for (Window.Staged s : prepared) {
                apply(window, s);
            }
        } finally {
            prepared.clear();
        }
        for (Pending.Rewrite r : p.rewrites) {
            if (r.word() == word(window, r.space(), r.token())) {
                window.rewrites.add(r);
            }
        }
        for (byte[] key : p.garbage) {
            window.batch.delete(key);
        }
        if (p.change != null) {
            window.meta = p.change.apply(window.meta == null ? core.meta() : window.meta);
        }
        window.durable |= p.durable;
        window.manifest |= p.manifest;
        p.version = window.version;
        window.pendings.add(p);
        return true;
    }

    /** The word a key has once the window has been applied as far as it is staged. */
    private long word(Window window, Space space, Space.Token token) {
        Window.Staged s = window.find(token);
        if (s != null) {
            return s.newWord;
        }
        if (core.fresh()) {
            return space.table.get(token.hi(), token.lo());
        }
        byte[] record = reader.fetch(token);
        RecordHeader header = record == null ? null : RecordHeader.parse(record);
        return header == null ? 0 : header.word();
    }

    private Window.Staged prepare(Window window, Pending.Op op) {
        Window.Staged before = window.find(op.token());
        if (before != null) {
            Window.Staged again = new Window.Staged(op, before.oldWord);
            again.newWord = before.newWord;
            return again;
        }
        long hi = op.token().hi();
        long lo = op.token().lo();
        byte[] record = null;
        long old = op.space().table.get(hi, lo);
        if (core.snapshots.count() > 0) {
            if (!core.fresh()) {
                record = reader.fetch(op.token());
                RecordHeader header = record == null ? null : RecordHeader.parse(record);
                old = header == null ? 0 : header.word();
            }
            if (old != 0 && core.snapshots.needs(old & VersionTable.VERSION)) {
                if (core.snapshots.full()) {
                    throw new BackendException(
                            false, "open snapshots hold on to too many old records: close them", null);
                }
                Window.Staged s = new Window.Staged(op, old);
                s.newWord = old;
                s.remember = true;
                if ((old & VersionTable.TOMBSTONE) == 0) {
                    s.preserve = record != null ? record : reader.newest(op.space(), op.token(), old);
                }
                return s;
            }
        }
        Window.Staged s = new Window.Staged(op, old);
        s.newWord = old;
        return s;
    }

    private void apply(Window window, Window.Staged s) {
        boolean delete = s.op.value() == null;
        // Also what the same batch has done to the key.
        Window.Staged before = window.find(s.op.token());
        long was = before == null ? s.newWord : before.newWord;
        boolean exists = was != 0 && (was & VersionTable.TOMBSTONE) == 0;
        if (delete && !exists && core.fresh()) {
            return;
        }
        window.version++;
        long word =
                window.version | (delete ? VersionTable.TOMBSTONE : 0) | (s.op.expiry() != 0 ? VersionTable.TTL : 0);
        if (before != null) {
            before.op = s.op;
            before.newWord = word;
        } else {
            s.newWord = word;
            window.add(s);
        }
    }

    /** The version a reader would see once the window has been applied as far as it is staged. */
    private long current(Window window, Pending.Cond cond) {
        Window.Staged s = window.find(cond.token());
        if (s != null) {
            return (s.newWord & VersionTable.TOMBSTONE) != 0 ? 0 : s.newWord & VersionTable.VERSION;
        }
        long word = cond.space().table.get(cond.token().hi(), cond.token().lo());
        if (core.fresh() && (word & VersionTable.TTL) == 0) {
            return (word & VersionTable.TOMBSTONE) != 0 ? 0 : word & VersionTable.VERSION;
        }
        Core.Opened entry = reader.locked(cond.space(), cond.token(), cond.key());
        return entry == null ? 0 : entry.header().version();
    }

    private void run(Window w) {
        inDoubt = w;
        try {
            if (w.stage == Window.Stage.SEALED) {
                core.options.listener().onCommitStep(CommitStep.SEALED);
                core.host.write(w.batch, w.durable);
                w.stage = Window.Stage.STORED;
                core.options.listener().onCommitStep(CommitStep.STORED);
            }
            if (w.stage == Window.Stage.STORED) {
                count(w);
                w.stage = Window.Stage.COUNTED;
            }
        } catch (CounterException e) {
            ForkedException forked = core.failed(
                    new ForkedException(null, "the counter refused to move (" + e.kind() + "): " + e.getMessage(), e));
            core.dead = forked;
            fail(w, forked);
            throw forked;
        } catch (IOException e) {
            BackendException failure =
                    core.failed(new BackendException(true, "the outcome of a write is unknown: " + e.getMessage(), e));
            fail(w, failure);
            throw failure;
        }
        inDoubt = null;
        finish(w);
    }

    private void count(Window w) throws IOException {
        MonotonicCounter.Lease lease = core.lease;
        MonotonicCounter.State next = w.counted;
        if (next == null || lease == null) {
            return;
        }
        lease.advance(new MonotonicCounter.State(core.sequence, core.manifestHash), next);
        core.options.listener().onCommitStep(CommitStep.COUNTED);
    }

    /** Makes a stored window visible and answers its callers. */
    private void finish(Window w) {
        sealer.apply(w);
        core.options.listener().onCommitStep(CommitStep.APPLIED);
        Flusher running = flusher;
        if (running != null) {
            running.grown(core.volatileWrites);
        }
        boolean durable = core.host.durable() && (w.durable || core.volatileWrites == 0 && w.batch.size() == 0);
        for (Pending p : w.pendings) {
            if (p.result == null) {
                p.result =
                        new Conditional.Stored(new Ack(p.version, durable ? Durability.DURABLE : Durability.VOLATILE));
            }
            p.done = true;
        }
        if (timed && w.batch.size() > 0) {
            core.options
                    .listener()
                    .onCommit(
                            w.staged.size(),
                            w.batch.bytes(),
                            durable ? Durability.DURABLE : Durability.VOLATILE,
                            Duration.ofNanos(System.nanoTime() - w.startedNanos));
        }
    }
}
