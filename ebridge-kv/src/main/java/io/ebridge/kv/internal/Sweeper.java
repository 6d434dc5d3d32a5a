package io.ebridge.kv.internal;

import io.ebridge.kv.BackendException;
import io.ebridge.kv.SealedStoreException;
import io.ebridge.kv.SweepProgress;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites what lies under older epochs and removes what has expired, a step at a time. The cursor stands in the manifest, so that a
 * sweep goes on after a restart. Driven by the version table where there is one: the host cannot hide a record from it.
 */
final class Sweeper {

    private static final int CHUNK = 64;
    private static final long CHUNK_BYTES = 8 << 20;

    private final Core core;
    private final Reader reader;
    private final Committer committer;
    private final ReentrantLock sweeping = new ReentrantLock();

    Sweeper(Core core, Committer committer) {
        this.core = core;
        this.reader = committer.reader();
        this.committer = committer;
    }

    private static final class Step {
        int examined;
        final List<Pending.Rewrite> rewrites = new ArrayList<>();
        final List<Pending.Op> expired = new ArrayList<>();
        long bytes;
        int space;
        long hi;
        long lo;
        boolean end;
        boolean complete;
    }

    /** Does what may bring back records that a sweep has passed over: none runs meanwhile, and the next begins anew. */
    void beginAnew(Runnable change) {
        sweeping.lock();
        try {
            Pending p = new Pending(List.of(), List.of(), true);
            p.change = now -> now.withCursor(0, 0, 0);
            committer.submit(p);
            change.run();
        } finally {
            sweeping.unlock();
        }
    }

    /** Whether there is nothing that a sweep could not see. Call with the write lock. */
    private boolean unhindered() {
        return core.snapshots.count() == 0 && core.spaces().stream().allMatch(space -> space.quarantine == null);
    }

    SweepProgress step(int limit) {
        sweeping.lock();
        try {
            core.check();
            Manifest.Meta from = core.meta();
            Step step = new Step();
            step.space = from.cursorSpace();
            step.hi = from.cursorHi();
            step.lo = from.cursorLo();
            if (core.fresh()) {
                fromTables(step, limit);
            } else {
                fromHost(step, limit);
            }
            if (!step.expired.isEmpty()) {
                committer.submit(new Pending(step.expired, List.of(), false));
            }
            Pending p = new Pending(List.of(), List.of(), true);
            p.rewrites = step.rewrites;
            p.change = now -> {
                if (now.epoch() != from.epoch()) {
                    return now;
                }
                step.complete = step.end && unhindered();
                if (step.complete) {
                    return now.swept();
                }
                return step.end ? now.withCursor(0, 0, 0) : now.withCursor(step.space, step.hi, step.lo);
            };
            committer.submit(p);
            return new SweepProgress(
                    step.examined,
                    step.rewrites.size(),
                    step.expired.size(),
                    step.complete && core.meta().oldestEpoch() == core.meta().epoch());
        } finally {
            sweeping.unlock();
        }
    }

    private void fromTables(Step step, int limit) {
        for (Space space : core.spaces()) {
            if (space.ref < step.space || space.quarantine != null) {
                continue;
            }
            if (space.ref > step.space) {
                step.space = space.ref;
                step.hi = 0;
                step.lo = 0;
            }
            int segment = (int) (step.hi >>> 58);
            for (; segment < VersionTable.SEGMENTS; segment++) {
                List<Space.Token> tokens = after(step, space, segment);
                int i = 0;
                while (i < tokens.size()) {
                    if (step.examined >= limit || step.bytes > CHUNK_BYTES) {
                        return;
                    }
                    i += examine(step, space, tokens.subList(i, Math.min(tokens.size(), i + CHUNK)));
                }
            }
        }
        step.end = true;
    }

    private static List<Space.Token> after(Step step, Space space, int segment) {
        Space.Token reached = new Space.Token(space.ref, step.hi, step.lo);
        List<Space.Token> tokens = space.tokens(segment, word -> (word & VersionTable.TOMBSTONE) == 0);
        tokens.removeIf(token -> token.compareTo(reached) <= 0);
        return tokens;
    }

    /** Looks at the first of some records, at as many as are not too much at a time; says at how many. */
    private int examine(Step step, Space space, List<Space.Token> tokens) {
        List<byte[]> keys = new ArrayList<>(tokens.size());
        tokens.forEach(t -> keys.add(HostKeys.data(t.hi(), t.lo())));
        List<byte @Nullable []> records = reader.readSome(keys, CHUNK_BYTES);
        for (int i = 0; i < records.size(); i++) {
            Space.Token token = tokens.get(i);
            long word = space.table.get(token.hi(), token.lo());
            byte[] record = records.get(i);
            step.examined++;
            step.hi = token.hi();
            step.lo = token.lo();
            if (Reader.absent(word)) {
                continue;
            }
            if (record == null || !Reader.matches(record, word)) {
                core.lock.lock();
                try {
                    committer.settled();
                    word = space.table.get(token.hi(), token.lo());
                    record = Reader.absent(word) ? null : reader.newest(space, token, word);
                } catch (SealedStoreException e) {
                    if (space.quarantine == null) {
                        throw e;
                    }
                    return records.size();
                } finally {
                    core.lock.unlock();
                }
            }
            if (record != null) {
                one(step, space, token, record, word);
            }
        }
        return records.size();
    }

    private void one(Step step, Space space, Space.Token token, byte[] record, long word) {
        RecordHeader header = RecordHeader.parse(record);
        Manifest.Meta meta = core.meta();
        boolean ends = header != null && (header.flags() & RecordHeader.TTL) != 0;
        boolean tombstone = (word & VersionTable.TOMBSTONE) != 0;
        if (header == null || header.epoch() == meta.epoch() && !ends && !tombstone) {
            return;
        }
        CryptoUnit unit = core.pool.take();
        try {
            Core.Opened opened = core.open(unit, space, token.hi(), token.lo(), record);
            if (opened == null) {
                core.quarantine(space, core.mismatch(unit, space, token.hi(), token.lo(), record, word));
                return;
            }
            boolean expired = ends
                    && header.expiry()
                            <= Math.max(core.options.time().read().floor().toEpochMilli(), meta.timeFloor());
            if (expired || tombstone) {
                step.expired.add(new Pending.Op(space, token, opened.content().key(), null, 0, word));
            } else if (header.epoch() != meta.epoch()) {
                byte[] sealed;
                core.lock.lock();
                try {
                    RecordHeader fresh = core.header(core.meta(), space, word, header.expiry());
                    RecordCodec.Content c = opened.content();
                    sealed = new byte[core.length(fresh, c.key(), c.value(), null)];
                    core.seal(unit, space, fresh, token.hi(), token.lo(), c.key(), c.value(), null, sealed, 0);
                } finally {
                    core.lock.unlock();
                }
                step.bytes += sealed.length;
                step.rewrites.add(new Pending.Rewrite(space, token, word, sealed));
            }
        } finally {
            core.pool.give(unit);
        }
    }

    private void fromHost(Step step, int limit) {
        byte[] after = step.hi == 0 && step.lo == 0 ? null : HostKeys.data(step.hi, step.lo);
        List<HostEntry> page;
        try {
            page = core.host.scan(HostKeys.DATA_PREFIX, after, Math.min(limit, 1024), HostStore.MAX_VALUE_BYTES);
        } catch (IOException e) {
            throw core.failed(new BackendException(false, "scanning failed: " + e.getMessage(), e));
        }
        step.end = page.isEmpty();
        for (HostEntry e : page) {
            RecordHeader header = HostKeys.isData(e.key()) ? RecordHeader.parse(e.value()) : null;
            Space space = header == null ? null : core.space(header.space());
            step.examined++;
            if (!HostKeys.isData(e.key())) {
                continue;
            }
            step.hi = HostKeys.hi(e.key());
            step.lo = HostKeys.lo(e.key());
            if (header != null && space != null && space.quarantine == null) {
                Space.Token token = new Space.Token(space.ref, step.hi, step.lo);
                one(step, space, token, e.value(), header.word());
            }
        }
    }
}
