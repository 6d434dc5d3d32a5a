package io.ebridge.kv.internal;

import io.ebridge.kv.BackendException;
import io.ebridge.kv.ForkedException;
import io.ebridge.kv.MissingException;
import io.ebridge.kv.RollbackException;
import io.ebridge.kv.SealedStoreException;
import io.ebridge.kv.TamperedException;
import io.ebridge.kv.spi.CounterException;
import io.ebridge.kv.spi.HostStore;
import io.ebridge.kv.spi.MonotonicCounter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The start of a store: manifests, counter, the scan that rebuilds the version tables, and the first manifest of this start. */
final class Boot {

    private static final long TOMBSTONE_BYTES = 8 << 20;

    private final Core core;
    private final Committer committer;
    private @Nullable Manifest newest;
    private byte @Nullable [] newestSealed;

    /** What the scan saw of one namespace. */
    private static final class Seen {
        final Multiset sum = new Multiset();
    }

    private final Map<Space, Seen> seen = new HashMap<>();
    private final Set<Integer> boots = new HashSet<>();
    private final List<Sealer.Tombstone> tombstones = new ArrayList<>();
    private long maxVersion;
    private @Nullable Space maxSpace;
    private long maxHi;
    private long maxLo;

    Boot(Core core, Committer committer) {
        this.core = core;
        this.committer = committer;
    }

    /** What to do when there is no store, and when there is one. */
    enum Mode {
        CREATE,
        OPEN,
        OPEN_OR_CREATE
    }

    void run(Mode mode) throws InterruptedException {
        acquire();
        MonotonicCounter.State counter = counter();
        slots();
        boolean exists = newest != null;
        if (!exists && counter != null && counter.value() > 0) {
            throw new RollbackException(
                    null, "the counter stands at " + counter.value() + ", and the host has no manifest at all", null);
        }
        if (exists && mode == Mode.CREATE) {
            throw new IllegalStateException("there is a store already: open it");
        }
        if (!exists && mode == Mode.OPEN) {
            throw new MissingException(null, "the host has no manifest: create the store if it never existed", null);
        }
        core.options.random().nextBytes(core.bootRandom);
        if (!exists) {
            create();
        } else {
            open(counter);
        }
    }

    private void acquire() throws InterruptedException {
        MonotonicCounter counter = core.options.counter().orElse(null);
        if (counter == null) {
            return;
        }
        try {
            core.lease = counter.acquire(core.options.leaseWait());
        } catch (CounterException e) {
            throw new ForkedException(null, "another instance holds the lease of the counter: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new BackendException(false, "the counter could not be reached: " + e.getMessage(), e);
        }
    }

    private MonotonicCounter.@Nullable State counter() {
        MonotonicCounter.Lease lease = core.lease;
        if (lease == null) {
            return null;
        }
        try {
            return lease.read();
        } catch (CounterException e) {
            throw new ForkedException(null, "the counter refused (" + e.kind() + "): " + e.getMessage(), e);
        } catch (IOException e) {
            throw new BackendException(false, "the counter could not be read: " + e.getMessage(), e);
        }
    }

    private void slots() {
        Slots slots = Slots.read(core.host, core.manifests, core.pool);
        slots.check();
        newest = slots.newest();
        newestSealed = slots.newestSealed();
    }

    private void create() {
        for (byte[] prefix : List.of(HostKeys.DATA_PREFIX, HostKeys.PRESERVED_PREFIX)) {
            try {
                if (!core.host.scan(prefix, null, 1, 1).isEmpty()) {
                    throw new MissingException(null, "the host has records but no manifest", null);
                }
            } catch (IOException e) {
                throw new BackendException(false, "scanning failed: " + e.getMessage(), e);
            }
        }
        start(1, new Manifest.Meta(1, 1, 1, 0, new TreeMap<>(), 0, 0, 0, 0));
    }

    private void open(MonotonicCounter.@Nullable State counter) {
        Manifest m = newest;
        byte[] sealed = newestSealed;
        if (m == null || sealed == null) {
            throw new IllegalStateException();
        }
        int tier = core.tier.code();
        if (m.tier() != tier) {
            throw new IllegalStateException("the store is of tier S" + m.tier() + " and cannot be opened at S" + tier
                    + "; salvage it into a new one");
        }
        core.sequence = m.sequence();
        core.manifestHash = ManifestCodec.hash(sealed);
        if (counter != null) {
            compare(counter, m);
        }
        core.meta = m.meta();
        core.version = m.version();
        core.sum = m.sum();
        for (Manifest.Row row : m.spaces()) {
            Space space = core.restore(row.ref(), row.name());
            space.saved = true;
            space.excluded = row.quarantined();
            if (row.quarantined()) {
                space.quarantine = new TamperedException(row.name(), "quarantined before the restart", null);
            }
            space.sum.add(row.sum());
            seen.put(space, new Seen());
        }
        if (core.fresh()) {
            scan(m);
            judge(m);
        } else {
            boots.addAll(m.meta().boots().keySet());
        }
        int next = m.meta().boots().lastKey() + 1;
        if (next >= 1 << 22) {
            throw new IllegalStateException("the store has been started 2^22 times; salvage it into a new one");
        }
        SortedMap<Integer, byte[]> kept = new TreeMap<>(m.meta().boots());
        if (core.spaces().stream().noneMatch(space -> space.excluded)) {
            kept.keySet().retainAll(boots);
        }
        start(next, m.meta().withBoots(kept));
    }

    private void compare(MonotonicCounter.State counter, Manifest m) {
        byte[] hash = core.manifestHash;
        if (m.sequence() < counter.value()) {
            throw new RollbackException(
                    null,
                    "the host offers manifest " + m.sequence() + ", the counter stands at " + counter.value(),
                    null);
        }
        if (m.sequence() == counter.value()) {
            if (!Arrays.equals(hash, counter.digest())) {
                throw new ForkedException(
                        null, "manifest " + m.sequence() + " is not the one that the counter recorded", null);
            }
            return;
        }
        if (m.sequence() > counter.value() + 1) {
            throw new TamperedException(
                    null,
                    "manifest " + m.sequence() + " is ahead of the counter at " + counter.value()
                            + " by more than one: the counter has been set back",
                    null);
        }
        if (!Arrays.equals(m.previous(), counter.digest())) {
            throw new ForkedException(
                    null, "manifest " + m.sequence() + " does not follow the one that the counter recorded", null);
        }
        MonotonicCounter.Lease lease = core.lease;
        if (lease == null) {
            return;
        }
        try {
            lease.advance(counter, new MonotonicCounter.State(m.sequence(), hash));
        } catch (CounterException e) {
            throw new ForkedException(null, "the counter refused to move (" + e.kind() + ")", e);
        } catch (IOException e) {
            throw new BackendException(false, "the counter could not be moved: " + e.getMessage(), e);
        }
    }

    /** Rebuilds the version tables from headers, which nobody vouches for until {@link #judge} has compared the sum. */
    private void scan(Manifest m) {
        CryptoUnit unit = core.pool.take();
        Scan.all(core.host, HostKeys.DATA_PREFIX, RecordHeader.MAX_LENGTH, (key, value) -> {
            RecordHeader header = HostKeys.isData(key) ? RecordHeader.parse(value) : null;
            Space space = header == null ? null : core.space(header.space());
            // Only what there has been: the host could name four thousand million others.
            if (header != null && m.meta().boots().containsKey(header.bootRef())) {
                boots.add(header.bootRef());
            }
            if (header == null || space == null || space.excluded) {
                return;
            }
            long hi = HostKeys.hi(key);
            long lo = HostKeys.lo(key);
            long word = header.word();
            space.table.put(hi, lo, word);
            Seen s = seen.computeIfAbsent(space, x -> new Seen());
            unit.accumulate(core.indexKey, s.sum, true, hi, lo, header.version(), space.ref, RecordHeader.summed(word));
            if (header.version() > maxVersion) {
                maxVersion = header.version();
                maxSpace = space;
                maxHi = hi;
                maxLo = lo;
            }
            if ((word & VersionTable.TOMBSTONE) != 0) {
                tombstones.add(new Sealer.Tombstone(space, hi, lo, word));
            }
        });
        core.pool.give(unit);
    }

    /** Compares the sum with the newest record's, or with the manifest's; on failure finds out which namespaces are whole. */
    private void judge(Manifest m) {
        Multiset total = new Multiset();
        seen.forEach((space, s) -> {
            if (!space.excluded) {
                total.add(s.sum);
            }
        });
        Multiset wanted = maxVersion > m.version() ? carried() : m.sum();
        boolean whole = wanted != null && wanted.same(total);
        // Once there are writes beyond the manifest and they do not add up, nobody can say which namespaces lack some.
        boolean dirty = maxVersion > m.version();
        Set<Space> forged = forgedTombstones();
        Multiset good = new Multiset();
        seen.forEach((space, s) -> {
            if (space.excluded) {
                return;
            }
            if (!forged.contains(space) && (whole || !dirty && s.sum.same(space.sum))) {
                space.sum.subtract(space.sum.copy()).add(s.sum);
                good.add(s.sum);
            } else {
                boolean fewer = s.sum.count() < space.sum.count();
                SealedStoreException failure = fewer
                        ? new MissingException(
                                space.name, "of " + space.sum.count() + " records the host has " + s.sum.count(), null)
                        : new TamperedException(space.name, "the records are not those that were stored last", null);
                space.table = new VersionTable();
                space.excluded = true;
                core.quarantine(space, failure);
            }
        });
        core.sum = good;
        for (Sealer.Tombstone t : tombstones) {
            if (!t.space().excluded) {
                committer.tombstone(t.space(), t.hi(), t.lo(), t.word());
            }
        }
        core.version = Math.max(core.version, whole ? maxVersion : 0);
    }

    /** Deletions are about to be removed, so that nobody will read them later: look at them now. */
    private Set<Space> forgedTombstones() {
        Set<Space> forged = new HashSet<>();
        CryptoUnit unit = core.pool.take();
        for (int from = 0; from < tombstones.size(); ) {
            List<Sealer.Tombstone> some = tombstones.subList(from, Math.min(tombstones.size(), from + 256));
            List<byte[]> keys = new ArrayList<>();
            some.forEach(t -> keys.add(HostKeys.data(t.hi(), t.lo())));
            List<byte @Nullable []> records = committer.reader().readSome(keys, TOMBSTONE_BYTES);
            from += records.size();
            for (int i = 0; i < records.size(); i++) {
                Sealer.Tombstone t = some.get(i);
                byte[] record = records.get(i);
                Core.Opened opened = record == null ? null : core.open(unit, t.space(), t.hi(), t.lo(), record);
                if (opened == null || opened.header().word() != t.word()) {
                    forged.add(t.space());
                }
            }
        }
        core.pool.give(unit);
        return forged;
    }

    /** The sum inside the newest record, if that is authentic and carries one. */
    private @Nullable Multiset carried() {
        Space space = maxSpace;
        if (space == null) {
            return null;
        }
        byte[] record;
        try {
            record = core.host.get(HostKeys.data(maxHi, maxLo));
        } catch (IOException e) {
            throw new BackendException(false, "reading failed: " + e.getMessage(), e);
        }
        CryptoUnit unit = core.pool.take();
        Core.Opened opened = record == null ? null : core.open(unit, space, maxHi, maxLo, record);
        core.pool.give(unit);
        return opened == null || opened.header().version() != maxVersion
                ? null
                : opened.content().sum();
    }

    private void start(int bootRef, Manifest.Meta meta) {
        core.bootRef = bootRef;
        TreeMap<Integer, byte[]> rows = new TreeMap<>(meta.boots());
        rows.put(bootRef, core.bootRandom);
        if (rows.size() > ManifestCodec.MAX_BOOTS) {
            throw new IllegalStateException("too many starts have records of their own: sweep more often");
        }
        Manifest.Meta next = meta.withBoots(Collections.unmodifiableSortedMap(rows));
        core.meta = next;
        core.version = Math.max(core.version, (long) bootRef << Core.BOOT_SHIFT);
        core.blocks = next.sealedBlocks();
        Pending first = new Pending(List.of(), List.of(), true);
        first.manifest = true;
        first.change = m -> m;
        first.garbage = leftovers();
        committer.submit(first);
        // A start has kept so many at most; a host that always has more is not cleared up for ever.
        List<byte[]> garbage = first.garbage;
        for (int cleared = 0; cleared < Snapshots.MAX_HISTORY && garbage.size() == HostStore.MAX_ENTRIES; ) {
            cleared += garbage.size();
            garbage = leftovers();
            Pending more = new Pending(List.of(), List.of(), false);
            more.garbage = garbage;
            committer.submit(more);
        }
    }

    /** Records preserved for snapshots of an earlier start. */
    private List<byte[]> leftovers() {
        List<byte[]> keys = new ArrayList<>();
        Scan.all(core.host, HostKeys.PRESERVED_PREFIX, 1, (key, value) -> {
            if (keys.size() < HostStore.MAX_ENTRIES && key.length <= HostStore.MAX_KEY_BYTES) {
                keys.add(key);
            }
        });
        return keys;
    }
}
