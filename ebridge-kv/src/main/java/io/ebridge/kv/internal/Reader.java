package io.ebridge.kv.internal;

import io.ebridge.kv.BackendException;
import io.ebridge.kv.SealedStoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The read path. Reads take no lock: the word of the version table and the record of the host must agree; if they do not, a write may
 * be between the two, and the read is repeated under the write lock, where the answer is final.
 */
final class Reader {

    private static final int TRIES = 3;

    private final Core core;
    private final Committer committer;

    Reader(Core core, Committer committer) {
        this.core = core;
        this.committer = committer;
    }

    /** The newest value; null if there is none. {@code key} may be null if it is not known (iteration). */
    Core.@Nullable Opened live(Space space, Space.Token token, byte @Nullable [] key) {
        core.check(space);
        for (int i = 0; i < TRIES; i++) {
            long word = space.table.get(token.hi(), token.lo());
            if (core.fresh() && absent(word)) {
                return null;
            }
            byte[] record = fetch(token);
            if (!core.fresh() && record == null) {
                return null;
            }
            if (record != null && (!core.fresh() || matches(record, word))) {
                Core.Opened opened = unsealed(space, token, key, record);
                if (opened != null) {
                    return core.visible(space, opened, key);
                }
                // Not necessarily a bad one: a sweep that has ended meanwhile has forgotten its key.
                break;
            }
            if (space.table.get(token.hi(), token.lo()) == word) {
                break;
            }
        }
        core.lock.lock();
        try {
            return locked(space, token, key);
        } finally {
            core.lock.unlock();
        }
    }

    /** The newest value of a key; null if there is none. */
    Core.@Nullable Opened live(Space space, byte[] key) {
        CryptoUnit unit = core.pool.own();
        if (unit == null) {
            return live(space, core.token(space, key), key);
        }
        try {
            Space.Token token = core.token(unit, space, key);
            core.check(space);
            Attempt attempt = quick(unit, space, token, key);
            return attempt == null ? live(space, token, key) : attempt.opened();
        } finally {
            core.pool.give(unit);
        }
    }

    /** One try at {@link #live} by way of the unit's memory; null if it settles nothing. */
    private @Nullable Attempt quick(CryptoUnit unit, Space space, Space.Token token, byte @Nullable [] key) {
        long word = core.fresh() ? space.table.get(token.hi(), token.lo()) : 0;
        if (core.fresh() && absent(word)) {
            return Attempt.NOTHING;
        }
        int length = fetch(unit, token);
        RecordHeader header = length < 0 ? null : RecordHeader.parse(unit.record, length);
        if (core.fresh() && (header == null || header.word() != word)) {
            return null;
        }
        if (length < 0) {
            return Attempt.NOTHING;
        }
        Core.Opened opened = header == null
                ? null
                : core.open(unit, space, header, token.hi(), token.lo(), unit.record, length, key);
        return opened == null ? null : new Attempt(core.visible(space, opened, key));
    }

    /** Fetches into {@link CryptoUnit#record}; the length, or -1. */
    private int fetch(CryptoUnit unit, Space.Token token) {
        byte[] hostKey = unit.hostKey;
        HostKeys.data(token.hi(), token.lo(), hostKey);
        int length;
        try {
            length = core.host.get(hostKey, unit.record);
        } catch (IOException e) {
            throw core.failed(new BackendException(false, "reading failed: " + e.getMessage(), e));
        }
        if (length <= unit.record.length) {
            return length;
        }
        byte[] whole = read(hostKey);
        if (whole == null) {
            return -1;
        }
        unit.record = whole;
        return whole.length;
    }

    /** The newest value, read under the write lock. */
    Core.@Nullable Opened locked(Space space, Space.Token token, byte @Nullable [] key) {
        core.check(space);
        committer.settled();
        if (!core.fresh()) {
            byte[] record = fetch(token);
            return record == null ? null : sealedOnly(space, token, key, record);
        }
        long word = space.table.get(token.hi(), token.lo());
        if (absent(word)) {
            return null;
        }
        return open(space, token, key, newest(space, token, word), word);
    }

    /**
     * The value as of a snapshot.
     *
     * @param open throws if the snapshot has been closed, after which the host forgets what it needed
     */
    Core.@Nullable Opened at(Space space, Space.Token token, byte @Nullable [] key, long version, Runnable open) {
        core.check(space);
        for (int i = 0; i < TRIES; i++) {
            Attempt attempt = attempt(space, token, key, version, false);
            if (attempt != null) {
                // Closed before this, it would have looked as if nothing had been replaced.
                open.run();
                return attempt.opened();
            }
        }
        core.lock.lock();
        try {
            core.check(space);
            open.run();
            committer.settled();
            Attempt attempt = attempt(space, token, key, version, true);
            return attempt == null ? null : attempt.opened();
        } finally {
            core.lock.unlock();
        }
    }

    private record Attempt(Core.@Nullable Opened opened) {
        static final Attempt NOTHING = new Attempt(null);
    }

    /**
     * One try at a snapshot read.
     *
     * @param last whether the write lock is held, so that what is wrong now is wrong for good
     * @return null if it is not the last and table, host and keys disagree
     */
    private @Nullable Attempt attempt(
            Space space, Space.Token token, byte @Nullable [] key, long version, boolean last) {
        long word;
        byte[] record = null;
        if (core.fresh()) {
            word = space.table.get(token.hi(), token.lo());
        } else {
            record = fetch(token);
            RecordHeader header = record == null ? null : RecordHeader.parse(record);
            if (record != null && header == null) {
                return last ? new Attempt(sealedOnly(space, token, key, record)) : null;
            }
            word = header == null ? 0 : header.word();
        }
        if (word != 0 && (word & VersionTable.VERSION) <= version) {
            if (absent(word)) {
                return Attempt.NOTHING;
            }
            return judged(space, token, key, record == null ? fetch(token) : record, word, last);
        }
        long old = core.snapshots.at(token, version);
        if (absent(old)) {
            // Without a table, the host has a new record before it is remembered what that replaced.
            return core.fresh() || word == 0 || last ? Attempt.NOTHING : null;
        }
        byte[] preserved = read(HostKeys.preserved(token.hi(), token.lo(), old & VersionTable.VERSION));
        return judged(space, token, key, preserved, old, last);
    }

    private @Nullable Attempt judged(
            Space space, Space.Token token, byte @Nullable [] key, byte @Nullable [] record, long word, boolean last) {
        if (last) {
            return new Attempt(open(space, token, key, record, word));
        }
        Core.Opened opened = record == null || !matches(record, word) ? null : unsealed(space, token, key, record);
        return opened == null ? null : new Attempt(core.visible(space, opened, key));
    }

    /** The newest values of several keys. */
    List<Core.@Nullable Opened> all(Space space, List<Space.Token> tokens, List<byte[]> keys) {
        return several(space, tokens, keys, Long.MAX_VALUE);
    }

    /** The newest values of the first of several keys, of at least one: no more once they come to this many bytes. */
    List<Core.@Nullable Opened> some(Space space, List<Space.Token> tokens, long maxBytes) {
        return several(space, tokens, null, maxBytes);
    }

    private List<Core.@Nullable Opened> several(
            Space space, List<Space.Token> tokens, @Nullable List<byte[]> keys, long maxBytes) {
        core.check(space);
        List<Core.@Nullable Opened> entries = new ArrayList<>(Arrays.asList(new Core.Opened[tokens.size()]));
        List<byte[]> wanted = new ArrayList<>(tokens.size());
        int[] places = new int[tokens.size()];
        long[] words = new long[tokens.size()];
        for (int i = 0; i < tokens.size(); i++) {
            Space.Token token = tokens.get(i);
            words[i] = space.table.get(token.hi(), token.lo());
            if (!core.fresh() || !absent(words[i])) {
                places[wanted.size()] = i;
                wanted.add(HostKeys.data(token.hi(), token.lo()));
            }
        }
        List<byte @Nullable []> records = wanted.isEmpty()
                ? List.of()
                : maxBytes == Long.MAX_VALUE ? readAll(wanted) : readSome(wanted, maxBytes);
        for (int n = 0; n < records.size(); n++) {
            int i = places[n];
            byte[] record = records.get(n);
            byte[] key = keys == null ? null : keys.get(i);
            if (core.fresh() ? record != null && matches(record, words[i]) : record != null) {
                entries.set(i, offered(space, tokens.get(i), key, record));
            } else if (core.fresh()) {
                entries.set(i, live(space, tokens.get(i), key));
            }
        }
        return records.size() < wanted.size() ? entries.subList(0, places[records.size()]) : entries;
    }

    /** What a record holds that came with others and looks right; if it does not open it is read once more. */
    Core.@Nullable Opened offered(Space space, Space.Token token, byte @Nullable [] key, byte[] record) {
        Core.Opened opened = unsealed(space, token, key, record);
        return opened == null ? live(space, token, key) : core.visible(space, opened, key);
    }

    /** The newest record as the host has it; a failure if it is any other. Call with the write lock. */
    byte[] newest(Space space, Space.Token token, long word) {
        byte[] record = fetch(token);
        if (record == null || !matches(record, word)) {
            throw bad(space, token, record, word);
        }
        return record;
    }

    byte @Nullable [] fetch(Space.Token token) {
        return read(HostKeys.data(token.hi(), token.lo()));
    }

    List<byte @Nullable []> readAll(List<byte[]> keys) {
        try {
            List<byte @Nullable []> values = core.host.getAll(keys);
            if (values.size() != keys.size()) {
                throw core.failed(new BackendException(false, "the host answered another number of keys", null));
            }
            return values;
        } catch (IOException e) {
            throw core.failed(new BackendException(false, "reading failed: " + e.getMessage(), e));
        }
    }

    /** The first values, at least one: no more once they come to this many bytes. */
    List<byte @Nullable []> readSome(List<byte[]> keys, long maxBytes) {
        try {
            List<byte @Nullable []> values = core.host.getSome(keys, maxBytes);
            if (values.isEmpty() || values.size() > keys.size()) {
                throw core.failed(new BackendException(false, "the host answered another number of keys", null));
            }
            return values;
        } catch (IOException e) {
            throw core.failed(new BackendException(false, "reading failed: " + e.getMessage(), e));
        }
    }

    private byte @Nullable [] read(byte[] hostKey) {
        try {
            return core.host.get(hostKey);
        } catch (IOException e) {
            throw core.failed(new BackendException(false, "reading failed: " + e.getMessage(), e));
        }
    }

    static boolean absent(long word) {
        return word == 0 || (word & VersionTable.TOMBSTONE) != 0;
    }

    static boolean matches(byte[] record, long word) {
        RecordHeader header = RecordHeader.parse(record);
        return header != null && header.word() == word;
    }

    private Core.@Nullable Opened open(
            Space space, Space.Token token, byte @Nullable [] key, byte @Nullable [] record, long word) {
        if (record == null) {
            throw bad(space, token, null, word);
        }
        Core.Opened opened = unsealed(space, token, key, record);
        if (opened == null || opened.header().word() != word) {
            throw bad(space, token, record, word);
        }
        return core.visible(space, opened, key);
    }

    /** What a record holds that the host offers, at {@link io.ebridge.kv.Tier#SEALED}, where any authentic one will do. */
    private Core.@Nullable Opened sealedOnly(Space space, Space.Token token, byte @Nullable [] key, byte[] record) {
        Core.Opened opened = unsealed(space, token, key, record);
        if (opened == null) {
            throw bad(space, token, record, 0);
        }
        return core.visible(space, opened, key);
    }

    private Core.@Nullable Opened unsealed(Space space, Space.Token token, byte @Nullable [] key, byte[] record) {
        RecordHeader header = RecordHeader.parse(record);
        if (header == null) {
            return null;
        }
        CryptoUnit unit = core.pool.take();
        try {
            return core.open(unit, space, header, token.hi(), token.lo(), record, record.length, key);
        } finally {
            core.pool.give(unit);
        }
    }

    private SealedStoreException bad(Space space, Space.Token token, byte @Nullable [] record, long word) {
        CryptoUnit unit = core.pool.take();
        SealedStoreException failure;
        try {
            failure = core.mismatch(unit, space, token.hi(), token.lo(), record, word);
        } finally {
            core.pool.give(unit);
        }
        return failure.reason() == SealedStoreException.Reason.UNSUPPORTED
                ? core.failed(failure)
                : core.quarantine(space, failure);
    }
}
