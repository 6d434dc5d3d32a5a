package io.ebridge.kv.internal;

import io.ebridge.kv.BackendException;
import io.ebridge.kv.Finding;
import io.ebridge.kv.SealedStoreException;
import io.ebridge.kv.SealedStoreException.Reason;
import io.ebridge.kv.TamperedException;
import io.ebridge.kv.UnsupportedFormatException;
import io.ebridge.kv.VerifyReport;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Full checks of an open store, and the way out of quarantine. */
final class Inspector {

    private final Core core;
    private final Reader reader;
    private final Committer committer;

    Inspector(Core core, Committer committer) {
        this.core = core;
        this.reader = committer.reader();
        this.committer = committer;
    }

    /** Collects findings up to the limit. */
    static final class Findings {
        final List<Finding> list = new ArrayList<>();
        boolean truncated;
        long good;

        void add(@Nullable Space space, String id, Reason reason, String detail) {
            if (list.size() < VerifyReport.MAX_FINDINGS) {
                list.add(new Finding(Optional.ofNullable(space).map(s -> s.name), id, reason, detail));
            } else {
                truncated = true;
            }
        }

        /** Something that lies where records do and opens under no key. */
        void stranger(@Nullable Space space, byte[] key, byte[] value) {
            if (RecordHeader.newer(value)) {
                SealedStoreException newer = Core.newer(space, value);
                add(space, HostKeys.hex(key), newer.reason(), String.valueOf(newer.getMessage()));
            } else {
                add(space, HostKeys.hex(key), Reason.TAMPERED, "the record was never stored here");
            }
        }

        VerifyReport report() {
            return new VerifyReport(good, list, truncated);
        }
    }

    VerifyReport verify() {
        core.check();
        Findings found = new Findings();
        for (Space space : core.spaces()) {
            SealedStoreException why = space.quarantine;
            if (why != null) {
                found.add(space, "", why.reason(), "in quarantine: " + why.getMessage());
            } else if (core.fresh()) {
                known(found, space);
            }
        }
        Scan.all(
                core.host,
                new byte[0],
                core.fresh() ? RecordHeader.MAX_LENGTH : HostStore.MAX_VALUE_BYTES,
                (key, value) -> {
                    if (HostKeys.isData(key)) {
                        data(found, key, value);
                    } else if (key.length != 2 || key[0] != HostKeys.MANIFEST || (key[1] & ~1) != 0) {
                        other(found, key);
                    }
                });
        manifests(found);
        return found.report();
    }

    /** Every record the enclave knows of must be there, be the newest and open. */
    private void known(Findings found, Space space) {
        for (int i = 0; i < VersionTable.SEGMENTS; i++) {
            long[] raw = space.table.segment(i);
            for (int n = 0; n < raw.length; n += 3) {
                Space.Token token = new Space.Token(space.ref, raw[n], raw[n + 1]);
                byte[] record = reader.fetch(token);
                if (good(space, token, record)) {
                    found.good++;
                } else {
                    recheck(found, space, token);
                }
            }
        }
    }

    private boolean good(Space space, Space.Token token, byte @Nullable [] record) {
        long word = space.table.get(token.hi(), token.lo());
        if (word == 0) {
            return true;
        }
        if (record == null || !Reader.matches(record, word)) {
            return false;
        }
        CryptoUnit unit = core.pool.take();
        try {
            return core.open(unit, space, token.hi(), token.lo(), record) != null;
        } finally {
            core.pool.give(unit);
        }
    }

    private void recheck(Findings found, Space space, Space.Token token) {
        core.lock.lock();
        CryptoUnit unit = core.pool.take();
        try {
            committer.settled();
            byte[] record = reader.fetch(token);
            if (good(space, token, record)) {
                found.good++;
                return;
            }
            SealedStoreException failure =
                    core.mismatch(unit, space, token.hi(), token.lo(), record, space.table.get(token.hi(), token.lo()));
            found.add(space, Core.id(token.hi(), token.lo()), failure.reason(), String.valueOf(failure.getMessage()));
        } finally {
            core.pool.give(unit);
            core.lock.unlock();
        }
    }

    /** Everything that lies with the host as data must be known. */
    private void data(Findings found, byte[] key, byte[] value) {
        RecordHeader header = RecordHeader.parse(value);
        Space space = header == null ? null : core.space(header.space());
        long hi = HostKeys.hi(key);
        long lo = HostKeys.lo(key);
        if (core.fresh()) {
            for (Space each : core.spaces()) {
                if (each.table.get(hi, lo) != 0 || each == space && each.excluded) {
                    return;
                }
            }
            core.lock.lock();
            try {
                for (Space each : core.spaces()) {
                    if (each.table.get(hi, lo) != 0) {
                        return;
                    }
                }
                if (reader.fetch(new Space.Token(0, hi, lo)) == null) {
                    return;
                }
            } finally {
                core.lock.unlock();
            }
            found.add(
                    space,
                    HostKeys.hex(key),
                    Reason.STALE,
                    "the host has a record that the store does not: deleted, or never its own");
            return;
        }
        if (space != null && space.quarantine != null) {
            return;
        }
        if (space != null && opens(space, hi, lo, value)) {
            found.good++;
            return;
        }
        core.lock.lock();
        try {
            // A sweep may have rewritten it meanwhile and forgotten the old key.
            byte[] now = reader.fetch(new Space.Token(0, hi, lo));
            RecordHeader again = now == null ? null : RecordHeader.parse(now);
            Space where = again == null ? null : core.space(again.space());
            if (now != null && where != null && opens(where, hi, lo, now)) {
                found.good++;
            } else if (now != null) {
                found.stranger(where, key, now);
            }
        } finally {
            core.lock.unlock();
        }
    }

    private boolean opens(Space space, long hi, long lo, byte[] value) {
        CryptoUnit unit = core.pool.take();
        try {
            return RecordHeader.parse(value) != null && core.open(unit, space, hi, lo, value) != null;
        } finally {
            core.pool.give(unit);
        }
    }

    private void other(Findings found, byte[] key) {
        boolean preserved = key.length == 25 && key[0] == HostKeys.PRESERVED;
        if (!preserved || core.snapshots.count() == 0) {
            found.add(null, HostKeys.hex(key), Reason.TAMPERED, "no record of this store is kept there");
        }
    }

    private void manifests(Findings found) {
        core.lock.lock();
        try {
            committer.settled();
            for (int i = 0; i < 2; i++) {
                long sequence = core.sequence - i;
                byte[] key = ManifestCodec.slotKey(sequence);
                byte[] sealed = core.host.get(key);
                if (sequence < 1) {
                    continue;
                }
                if (sealed == null) {
                    found.add(null, HostKeys.hex(key), Reason.MISSING, "a manifest is missing");
                } else if (!manifest(sealed, sequence)) {
                    found.add(null, HostKeys.hex(key), Reason.TAMPERED, "not the manifest that was stored");
                }
            }
        } catch (IOException e) {
            throw core.failed(new BackendException(false, "reading failed: " + e.getMessage(), e));
        } finally {
            core.lock.unlock();
        }
    }

    private boolean manifest(byte[] sealed, long sequence) {
        if (sequence == core.sequence) {
            return Arrays.equals(ManifestCodec.hash(sealed), core.manifestHash);
        }
        CryptoUnit unit = core.pool.take();
        try {
            Manifest m = core.manifests.open(unit, sealed, (int) (sequence & 1));
            return m != null && m.sequence() == sequence;
        } catch (UnsupportedFormatException e) {
            // This instance wrote it, so a newer format is somebody else's doing.
            return false;
        } finally {
            core.pool.give(unit);
        }
    }

    /**
     * Opens a namespace again if every record that belongs to it is there and opens. The scan holds no lock of the store: nothing is
     * written to a namespace in quarantine, and only this lifts one.
     */
    void readmit(Space space) {
        space.readmitting.lock();
        try {
            if (settledQuarantine(space) == null) {
                return;
            }
            VersionTable table = new VersionTable();
            Multiset sum = new Multiset();
            Scan.all(core.host, HostKeys.DATA_PREFIX, HostStore.MAX_VALUE_BYTES, (key, value) -> {
                core.check();
                collect(space, table, sum, key, value);
            });
            lift(space, table, sum);
        } finally {
            space.readmitting.unlock();
        }
        Pending p = new Pending(List.of(), List.of(), true);
        p.manifest = true;
        committer.submit(p);
    }

    /** Why it is in quarantine, once no write of before is under way any more. */
    private @Nullable SealedStoreException settledQuarantine(Space space) {
        core.lock.lock();
        try {
            core.check();
            committer.settled();
            return space.quarantine;
        } finally {
            core.lock.unlock();
        }
    }

    private void collect(Space space, VersionTable table, Multiset sum, byte[] key, byte[] value) {
        RecordHeader header = HostKeys.isData(key) ? RecordHeader.parse(value) : null;
        if (header == null || header.space() != space.ref) {
            return;
        }
        long hi = HostKeys.hi(key);
        long lo = HostKeys.lo(key);
        CryptoUnit unit = core.pool.take();
        try {
            if (core.open(unit, space, hi, lo, value) != null) {
                long word = header.word();
                table.put(hi, lo, word);
                unit.accumulate(
                        core.indexKey, sum, true, hi, lo, header.version(), space.ref, RecordHeader.summed(word));
            }
        } finally {
            core.pool.give(unit);
        }
    }

    private void lift(Space space, VersionTable table, Multiset sum) {
        core.lock.lock();
        try {
            core.check();
            if (core.fresh()) {
                if (!sum.same(space.sum)) {
                    throw core.failed(new TamperedException(
                            space.name,
                            "still not whole: " + sum.count() + " authentic records, " + space.sum.count() + " wanted",
                            space.quarantine));
                }
                space.table = table;
            }
            space.quarantine = null;
        } finally {
            core.lock.unlock();
        }
    }
}
