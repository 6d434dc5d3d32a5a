package io.ebridge.kv.internal;

import io.ebridge.kv.Ack;
import io.ebridge.kv.Conditional;
import io.ebridge.kv.Durability;
import io.ebridge.kv.Entry;
import io.ebridge.kv.FrozenTimeException;
import io.ebridge.kv.SealedStoreException;
import io.ebridge.kv.StoreOptions;
import io.ebridge.kv.StoreStatus;
import io.ebridge.kv.SweepProgress;
import io.ebridge.kv.TrustedTime;
import io.ebridge.kv.VerifyReport;
import io.ebridge.kv.spi.HostStore;
import io.ebridge.kv.spi.MonotonicCounter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An open sealed store: what the public classes call. */
public final class Engine implements AutoCloseable {

    private final Core core;
    private final Committer committer;
    private final Reader reader;
    private final Sweeper sweeper;

    /**
     * One write of a batch.
     *
     * @param value null deletes
     * @param expiry milliseconds since 1970, 0 for never
     */
    public record Write(String space, byte[] key, byte @Nullable [] value, long expiry) {}

    /** One condition of a batch. */
    public record Check(String space, byte[] key, long version) {}

    private Engine(HostStore host, byte[] root, StoreOptions options) {
        core = new Core(host, root, options);
        committer = new Committer(core);
        reader = committer.reader();
        sweeper = new Sweeper(core, committer);
    }

    /** Opens; wipes nothing of the caller's. */
    public static Engine start(HostStore host, byte[] root, StoreOptions options, boolean create, boolean open)
            throws InterruptedException {
        Engine engine = new Engine(host, root, options);
        boolean ok = false;
        try {
            Boot.Mode mode = create && open ? Boot.Mode.OPEN_OR_CREATE : create ? Boot.Mode.CREATE : Boot.Mode.OPEN;
            new Boot(engine.core, engine.committer).run(mode);
            engine.committer.flushInBackground();
            ok = true;
            return engine;
        } catch (SealedStoreException e) {
            throw engine.core.failed(e);
        } finally {
            if (!ok) {
                engine.release();
            }
        }
    }

    // ---- writing

    /** Writes a batch. */
    public Conditional write(List<Write> writes, List<Check> checks, Durability durability) {
        core.check();
        List<Pending.Op> ops;
        if (writes.size() == 1) {
            ops = List.of(op(writes.get(0)));
        } else {
            ops = new ArrayList<>(writes.size());
            for (Write write : writes) {
                ops.add(op(write));
            }
        }
        List<Pending.Cond> conds = List.of();
        if (!checks.isEmpty()) {
            conds = new ArrayList<>(checks.size());
            for (Check check : checks) {
                Space space = core.space(check.space());
                conds.add(new Pending.Cond(space, core.token(space, check.key()), check.key(), check.version()));
            }
        }
        return committer.submit(new Pending(ops, conds, durability == Durability.DURABLE));
    }

    private Pending.Op op(Write write) {
        byte[] value = write.value();
        if (value != null && value.length > core.options.maxValueBytes()) {
            throw new IllegalArgumentException(
                    "a value of " + value.length + " bytes; the limit is " + core.options.maxValueBytes());
        }
        Space space = core.space(write.space());
        return new Pending.Op(space, core.token(space, write.key()), write.key(), value, write.expiry());
    }

    /** The end of a time to live that begins now. */
    public long expiry(String space, Optional<Duration> timeToLive) {
        if (timeToLive.isEmpty()) {
            return 0;
        }
        TrustedTime.Reading now = core.options.time().read();
        if (now.frozen()) {
            throw core.failed(
                    new FrozenTimeException(space, "a time to live needs trusted time, which is frozen", null));
        }
        long from = Math.max(now.floor().toEpochMilli(), core.meta().timeFloor());
        long life = timeToLive.get().toMillis();
        if (life > Long.MAX_VALUE - from) {
            throw new IllegalArgumentException("a time to live of " + timeToLive.get() + " has no end");
        }
        return from + life;
    }

    /** Makes everything durable that has been acknowledged. */
    public Ack commit() {
        return committer.commit();
    }

    // ---- reading

    /** Reads one key; null if there is nothing. */
    public @Nullable Entry get(String space, byte[] key) {
        Core.Opened opened = read(space, key);
        return opened == null ? null : opened.entry(key);
    }

    /** Reads one value; null if there is nothing. */
    public byte @Nullable [] value(String space, byte[] key) {
        Core.Opened opened = read(space, key);
        return opened == null ? null : opened.content().value();
    }

    private Core.@Nullable Opened read(String space, byte[] key) {
        Core.Opened opened = reader.live(core.space(space), key);
        core.options.listener().onRead(1, opened == null ? 0 : 1);
        return opened;
    }

    /** Reads several keys. */
    public List<@Nullable Entry> getAll(String space, List<byte[]> keys) {
        if (keys.size() > HostStore.MAX_ENTRIES) {
            throw new IllegalArgumentException("at most " + HostStore.MAX_ENTRIES + " keys, not " + keys.size());
        }
        Space s = core.space(space);
        List<Space.Token> tokens = new ArrayList<>(keys.size());
        for (byte[] key : keys) {
            tokens.add(core.token(s, key));
        }
        List<@Nullable Entry> entries = new ArrayList<>(keys.size());
        int found = 0;
        for (Core.Opened opened : reader.all(s, tokens, keys)) {
            entries.add(opened == null ? null : opened.entry(keys.get(entries.size())));
            found += opened == null ? 0 : 1;
        }
        core.options.listener().onRead(keys.size(), found);
        return entries;
    }

    /** Iterates. */
    public Iterator<Entry> entries(String space) {
        return new EntryIterator(core, reader, core.space(space), EntryIterator.LIVE, core::check);
    }

    // ---- snapshots

    /** Opens a snapshot of what has been written so far. */
    public Snapshot snapshot() {
        core.lock.lock();
        try {
            core.check();
            committer.settled();
            core.snapshots.add(core.version);
            return new Snapshot(core.version);
        } finally {
            core.lock.unlock();
        }
    }

    /** An open snapshot. */
    public final class Snapshot implements AutoCloseable {
        private final long version;
        private volatile boolean closed;

        private Snapshot(long version) {
            this.version = version;
        }

        /** The newest version it shows. */
        public long version() {
            return version;
        }

        private void check() {
            if (closed) {
                throw new IllegalStateException("the snapshot is closed");
            }
        }

        /** Reads one key. */
        public @Nullable Entry get(String space, byte[] key) {
            check();
            Space s = core.space(space);
            Core.Opened opened = reader.at(s, core.token(s, key), key, version, this::check);
            return opened == null ? null : opened.entry(key);
        }

        /** Iterates. */
        public Iterator<Entry> entries(String space) {
            check();
            return new EntryIterator(core, reader, core.space(space), version, this::check);
        }

        @Override
        public void close() {
            List<byte[]> garbage;
            core.lock.lock();
            try {
                if (closed) {
                    return;
                }
                closed = true;
                garbage = core.snapshots.remove(version);
            } finally {
                core.lock.unlock();
            }
            for (int i = 0; i < garbage.size() && !core.closed && core.dead == null; i += HostStore.MAX_ENTRIES) {
                Pending p = new Pending(List.of(), List.of(), false);
                p.garbage = garbage.subList(i, Math.min(garbage.size(), i + HostStore.MAX_ENTRIES));
                committer.submit(p);
            }
        }
    }

    // ---- keeping

    /** Begins a new epoch. */
    public void rotate() {
        Pending p = new Pending(List.of(), List.of(), true);
        p.change = meta -> meta.nextEpoch(core.bootRef);
        committer.submit(p);
    }

    /** One step of a sweep. */
    public SweepProgress sweep(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit);
        }
        return sweeper.step(limit);
    }

    /** Checks everything. */
    public VerifyReport verify() {
        return new Inspector(core, committer).verify();
    }

    /** Lifts a quarantine if the namespace is whole. */
    public void readmit(String space) {
        sweeper.beginAnew(() -> new Inspector(core, committer).readmit(core.space(space)));
    }

    /** The names of all namespaces that have ever been written. */
    public List<String> spaces() {
        core.lock.lock();
        try {
            List<String> names = new ArrayList<>();
            for (Space space : core.spaces()) {
                if (space.saved) {
                    names.add(space.name);
                }
            }
            return names;
        } finally {
            core.lock.unlock();
        }
    }

    /** The state now. */
    public StoreStatus status() {
        core.lock.lock();
        try {
            Map<String, SealedStoreException.Reason> quarantined = new HashMap<>();
            for (Space space : core.spaces()) {
                SealedStoreException why = space.quarantine;
                if (why != null) {
                    quarantined.put(space.name, why.reason());
                }
            }
            Manifest.Meta meta = core.meta();
            return new StoreStatus(
                    core.tier,
                    core.sequence,
                    meta.epoch(),
                    meta.oldestEpoch(),
                    core.fresh() ? committer.records() : -1,
                    core.volatileWrites,
                    meta.boots().size(),
                    core.blocks,
                    core.snapshots.count(),
                    quarantined);
        } finally {
            core.lock.unlock();
        }
    }

    /** Makes durable what can be, and lets go of everything. The host store and the counter stay open. */
    @Override
    public void close() {
        core.lock.lock();
        try {
            if (core.closed) {
                return;
            }
            if (core.dead == null && core.volatileWrites > 0) {
                commit();
            }
        } finally {
            release();
            core.lock.unlock();
        }
    }

    private void release() {
        core.closed = true;
        committer.stop();
        MonotonicCounter.Lease lease = core.lease;
        if (lease != null) {
            lease.close();
        }
        core.keys.wipe();
        core.spaces().forEach(Space::forgetKeys);
    }
}
