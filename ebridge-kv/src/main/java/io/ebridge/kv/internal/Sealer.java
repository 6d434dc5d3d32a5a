package io.ebridge.kv.internal;

import io.ebridge.kv.Tier;
import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.MonotonicCounter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns a staged window into the bytes of a host batch, and applies it once stored. Everything here runs under the write lock.
 *
 * <p>What makes a state on the host whole is either a manifest in the same batch (durable windows), or, for a volatile window, the
 * sum of all records carried inside its newest record. A start thus checks the whole state against one number, and a volatile write
 * costs no second record.
 */
final class Sealer {

    /** A new epoch begins by itself after this many AES blocks. */
    static final long EPOCH_BLOCKS = 1L << 44;

    private static final int MAX_PURGE = 16_384;

    /** A deletion that still lies with the host. */
    record Tombstone(Space space, long hi, long lo, long word) {}

    private final Core core;
    private final ArrayDeque<Tombstone> tombstones;
    private final List<Tombstone> purged = new ArrayList<>();

    Sealer(Core core, ArrayDeque<Tombstone> tombstones) {
        this.core = core;
        this.tombstones = tombstones;
    }

    /** Seals; false if there is nothing to store. */
    boolean seal(Window w) {
        for (Window.Staged s : w.staged) {
            Space space = s.op.space();
            if (!space.saved && !w.named.contains(space)) {
                w.named.add(space);
            }
            // Let in again, which no manifest says yet.
            w.manifest |= space.excluded;
        }
        boolean named = !w.named.isEmpty();
        if (core.fresh()) {
            boolean due = core.volatileWrites > 0 && w.durable;
            boolean much = core.volatileWrites + w.staged.size() >= core.options.volatileLimit();
            w.manifest |= named || w.meta != null || much || due || w.durable && !w.empty();
            w.durable |= w.manifest;
        } else {
            w.manifest |= named || w.meta != null;
            w.durable |= w.manifest;
        }
        if (w.empty() && !(w.durable && core.volatileWrites > 0)) {
            return false;
        }
        CryptoUnit unit = core.pool.take();
        try {
            if (core.fresh()) {
                sums(unit, w);
            }
            records(unit, w);
            for (Pending.Rewrite r : w.rewrites) {
                rewrite(w, r);
            }
            if (w.manifest) {
                manifest(unit, w);
            }
        } finally {
            core.pool.give(unit);
        }
        return true;
    }

    private void sums(CryptoUnit unit, Window w) {
        boolean physical = w.durable && core.snapshots.count() == 0;
        for (Window.Staged s : w.staged) {
            if (physical && (s.newWord & VersionTable.TOMBSTONE) != 0) {
                s.newWord = 0;
            }
            Multiset delta = w.delta(s.op.space());
            Space.Token t = s.op.token();
            if (s.oldWord != 0 && s.newWord != 0) {
                unit.replace(
                        core.indexKey,
                        delta,
                        t.hi(),
                        t.lo(),
                        s.op.space().ref,
                        s.oldWord & VersionTable.VERSION,
                        RecordHeader.summed(s.oldWord),
                        s.newWord & VersionTable.VERSION,
                        RecordHeader.summed(s.newWord));
            } else {
                accumulate(unit, delta, false, t.hi(), t.lo(), s.oldWord, s.op.space());
                accumulate(unit, delta, true, t.hi(), t.lo(), s.newWord, s.op.space());
            }
        }
        purged.clear();
        if (w.manifest && core.snapshots.count() == 0) {
            w.purges = true;
            Iterator<Tombstone> it = tombstones.iterator();
            while (it.hasNext() && purged.size() < MAX_PURGE) {
                purge(unit, w, it.next());
            }
        }
        w.sum = core.sum.copy();
        for (Window.Delta d : w.deltas) {
            // The store's sum takes in a namespace that is let in again as a whole, with its manifest row.
            if (!d.space().excluded) {
                w.sum.add(d.sum());
            }
        }
    }

    private void purge(CryptoUnit unit, Window w, Tombstone t) {
        Space.Token token = new Space.Token(t.space().ref, t.hi(), t.lo());
        boolean live = t.space().quarantine == null
                && w.find(token) == null
                && t.space().table.get(t.hi(), t.lo()) == t.word();
        if (live) {
            accumulate(unit, w.delta(t.space()), false, t.hi(), t.lo(), t.word(), t.space());
            w.batch.delete(HostKeys.data(t.hi(), t.lo()));
        }
        purged.add(t);
    }

    private void accumulate(CryptoUnit unit, Multiset sum, boolean add, long hi, long lo, long word, Space space) {
        if (word != 0) {
            unit.accumulate(
                    core.indexKey, sum, add, hi, lo, word & VersionTable.VERSION, space.ref, RecordHeader.summed(word));
        }
    }

    private void records(CryptoUnit unit, Window w) {
        Manifest.Meta meta = core.meta();
        boolean keepTombstones = core.fresh() || core.snapshots.count() > 0;
        long newest = w.version;
        HostBatch batch = w.batch;
        for (Window.Staged s : w.staged) {
            Space.Token t = s.op.token();
            byte[] preserve = s.preserve;
            if (preserve != null) {
                batch.put(HostKeys.preserved(t.hi(), t.lo(), s.oldWord & VersionTable.VERSION), preserve);
            }
            byte[] hostKey = HostKeys.data(t.hi(), t.lo());
            boolean tombstone = (s.newWord & VersionTable.TOMBSTONE) != 0;
            if (s.newWord == 0 || tombstone && !keepTombstones) {
                batch.delete(hostKey);
                continue;
            }
            boolean last = (s.newWord & VersionTable.VERSION) == newest;
            Multiset carried = core.fresh() && !w.manifest && last ? w.sum : null;
            byte[] value = s.op.value() == null ? Bytes.NONE : s.op.value();
            RecordHeader header = core.header(meta, s.op.space(), s.newWord, s.op.expiry());
            int length = core.length(header, s.op.key(), value, carried);
            int at = w.arena.take(length);
            core.seal(unit, s.op.space(), header, t.hi(), t.lo(), s.op.key(), value, carried, w.arena.buffer(), at);
            batch.put(hostKey, w.arena.buffer(), at, length);
        }
    }

    private void rewrite(Window w, Pending.Rewrite r) {
        // Also in quarantine: the record is authentic, and the keys of the old one may be about to go.
        if (w.find(r.token()) == null) {
            w.batch.put(HostKeys.data(r.token().hi(), r.token().lo()), r.sealed());
        }
    }

    private void manifest(CryptoUnit unit, Window w) {
        Manifest.Meta meta = w.meta == null ? core.meta() : w.meta;
        long floor = core.options.time().read().floor().toEpochMilli();
        meta = meta.with(meta.epoch() == core.meta().epoch() ? core.blocks : 0, floor);
        if (meta.sealedBlocks() > EPOCH_BLOCKS) {
            meta = meta.nextEpoch(core.bootRef);
        }
        w.meta = meta;
        List<Manifest.Row> rows = new ArrayList<>();
        for (Space space : core.spaces()) {
            if (space.saved || w.named.contains(space)) {
                rows.add(row(w, space));
            }
        }
        Manifest manifest = new Manifest(
                core.tier.code(), core.sequence + 1, core.manifestHash, w.version, w.sum, core.bootRef, meta, rows);
        byte[] sealed = core.manifests.seal(unit, manifest, core.bootRandom);
        byte[] hash = ManifestCodec.hash(sealed);
        w.manifestHash = hash;
        if (core.tier == Tier.ROLLBACK_SAFE) {
            w.counted = new MonotonicCounter.State(core.sequence + 1, hash);
        }
        w.batch.put(ManifestCodec.slotKey(core.sequence + 1), sealed);
    }

    private Manifest.Row row(Window w, Space space) {
        Multiset sum = space.sum.copy();
        for (Window.Delta d : w.deltas) {
            if (d.space() == space) {
                sum.add(d.sum());
            }
        }
        boolean out = space.quarantine != null;
        if (out && !space.excluded) {
            w.sum.subtract(sum);
            w.excluded.add(space);
        } else if (!out && space.excluded) {
            w.sum.add(sum);
            w.readmitted.add(space);
        }
        return new Manifest.Row(space.ref, space.name, sum, out);
    }

    /** Makes a stored window the state of the store. */
    void apply(Window w) {
        for (Window.Staged s : w.staged) {
            Space.Token t = s.op.token();
            if (s.remember) {
                core.snapshots.remember(t, s.oldWord);
            }
            if (core.fresh()) {
                s.op.space().table.put(t.hi(), t.lo(), s.newWord);
            }
            if (core.fresh() && (s.newWord & VersionTable.TOMBSTONE) != 0) {
                tombstones.add(new Tombstone(s.op.space(), t.hi(), t.lo(), s.newWord));
            }
        }
        if (w.purges) {
            dropPurged();
        }
        for (Window.Delta d : w.deltas) {
            d.space().sum.add(d.sum());
        }
        if (core.fresh() && (!w.staged.isEmpty() || w.manifest)) {
            core.sum = w.sum;
        }
        core.version = w.version;
        for (Space space : w.named) {
            space.saved = true;
        }
        w.excluded.forEach(space -> space.excluded = true);
        w.readmitted.forEach(space -> space.excluded = false);
        byte[] hash = w.manifestHash;
        if (hash != null) {
            Manifest.@Nullable Meta meta = w.meta;
            if (meta != null) {
                if (meta.oldestEpoch() != core.meta().oldestEpoch()) {
                    core.spaces().forEach(Space::forgetKeys);
                }
                core.blocks = meta.sealedBlocks();
                core.meta = meta;
            }
            core.sequence++;
            core.manifestHash = hash;
        }
        core.volatileWrites = w.durable ? 0 : core.volatileWrites + w.staged.size();
    }

    /** The purged are the oldest; what was added since stands behind them, and so do those of namespaces that may come back. */
    private void dropPurged() {
        for (Tombstone t : purged) {
            tombstones.removeFirst();
            if (t.space().quarantine != null) {
                tombstones.add(t);
            } else if (t.space().table.get(t.hi(), t.lo()) == t.word()) {
                t.space().table.put(t.hi(), t.lo(), 0);
            }
        }
        purged.clear();
    }
}
