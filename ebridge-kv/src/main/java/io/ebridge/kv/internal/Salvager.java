package io.ebridge.kv.internal;

import io.ebridge.kv.Conditional;
import io.ebridge.kv.Durability;
import io.ebridge.kv.SalvageReport;
import io.ebridge.kv.SealedStoreException.Reason;
import io.ebridge.kv.StoreOptions;
import io.ebridge.kv.TamperedException;
import io.ebridge.kv.VerifyReport;
import io.ebridge.kv.spi.HostStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a store that may be damaged, without opening it, record by record. */
public final class Salvager {

    private final Core core;
    private final Inspector.Findings found = new Inspector.Findings();
    private final Multiset sum = new Multiset();
    private final Multiset wanted = new Multiset();
    private boolean beyond;

    private Salvager(HostStore host, byte[] root, StoreOptions options) {
        core = new Core(host, root, options);
    }

    /** Checks every record of a closed store. */
    public static VerifyReport inspect(HostStore host, byte[] root, StoreOptions options) {
        Salvager salvager = new Salvager(host, root, options);
        salvager.runAndWipe(null);
        return salvager.found.report();
    }

    /** Copies every authentic record into another store. */
    public static SalvageReport salvage(HostStore host, byte[] root, StoreOptions options, Engine target) {
        Salvager salvager = new Salvager(host, root, options);
        salvager.runAndWipe(target);
        target.commit();
        return new SalvageReport(salvager.found.good, salvager.found.list, salvager.found.truncated);
    }

    private void runAndWipe(@Nullable Engine target) {
        try {
            run(target);
        } finally {
            core.keys.wipe();
        }
    }

    private void run(@Nullable Engine target) {
        Slots slots = Slots.read(core.host, core.manifests, core.pool);
        for (int slot = 0; slot < 2; slot++) {
            manifest(slots, slot);
        }
        Manifest m = slots.newest();
        if (m == null) {
            throw new TamperedException(
                    null, "no manifest on the host is authentic; nothing can be opened without one", null);
        }
        core.meta = m.meta();
        for (Manifest.Row row : m.spaces()) {
            core.restore(row.ref(), row.name());
            wanted.add(row.sum());
        }
        CryptoUnit unit = core.pool.take();
        Scan.all(core.host, new byte[0], HostStore.MAX_VALUE_BYTES, (key, value) -> {
            if (HostKeys.isData(key)) {
                record(unit, m, key, value, target);
            } else if (key.length == 0 || key[0] != HostKeys.MANIFEST && key[0] != HostKeys.PRESERVED) {
                found.add(null, HostKeys.hex(key), Reason.TAMPERED, "no record of this store is kept there");
            }
        });
        core.pool.give(unit);
        if (core.fresh() && !beyond && !sum.same(wanted)) {
            found.add(
                    null,
                    "",
                    sum.count() < wanted.count() ? Reason.MISSING : Reason.STALE,
                    sum.count() + " authentic records, " + wanted.count() + " in the manifest: some are "
                            + (sum.count() < wanted.count() ? "missing" : "not the newest"));
        }
    }

    private void manifest(Slots slots, int slot) {
        Manifest m = slots.newest();
        boolean only = m != null && m.sequence() == 1;
        boolean isNewest = m != null && (m.sequence() & 1) == slot;
        if (!isNewest && slots.other() == null && !only) {
            found.add(
                    null,
                    HostKeys.hex(ManifestCodec.slotKey(slot)),
                    slots.otherSealed() == null ? Reason.MISSING : Reason.TAMPERED,
                    "one of the manifests is not authentic");
        }
    }

    private void record(CryptoUnit unit, Manifest m, byte[] key, byte[] value, @Nullable Engine target) {
        RecordHeader header = RecordHeader.parse(value);
        Space space = header == null ? null : core.space(header.space());
        long hi = HostKeys.hi(key);
        long lo = HostKeys.lo(key);
        Core.Opened opened = space == null ? null : core.open(unit, space, hi, lo, value);
        if (header == null || space == null || opened == null) {
            found.stranger(space, key, value);
            return;
        }
        beyond |= header.version() > m.version();
        unit.accumulate(
                core.indexKey, sum, true, hi, lo, header.version(), space.ref, RecordHeader.summed(header.word()));
        if ((header.flags() & RecordHeader.TOMBSTONE) != 0) {
            return;
        }
        found.good++;
        if (target != null) {
            Engine.Write write = new Engine.Write(
                    space.name, opened.content().key(), opened.content().value(), header.expiry());
            Conditional done = target.write(List.of(write), List.of(), Durability.VOLATILE);
            done.orThrow();
        }
    }
}
