package io.ebridge.kv.internal;

import io.ebridge.kv.BackendException;
import io.ebridge.kv.Entry;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * All entries of a namespace in no particular order: driven by the version table where there is one, so that the host cannot hide
 * any; by the host's pages at {@link io.ebridge.kv.Tier#SEALED}.
 */
final class EntryIterator implements Iterator<Entry> {

    static final long LIVE = -1;
    private static final int MAX_CHUNK = 512;
    private static final long CHUNK_BYTES = 4 << 20;

    private final Core core;
    private final Reader reader;
    private final Space space;
    private final long version;
    private final Runnable check;
    private final ArrayDeque<Entry> ready = new ArrayDeque<>();
    private int segment;
    private List<Space.Token> tokens = List.of();
    private int at;
    private int chunk = 32;
    private byte @Nullable [] after;
    private boolean done;

    /**
     * Starts an iteration.
     *
     * @param version the snapshot's version, or {@link #LIVE}
     * @param check called before each page; throws if the iteration must end
     */
    EntryIterator(Core core, Reader reader, Space space, long version, Runnable check) {
        this.core = core;
        this.reader = reader;
        this.space = space;
        this.version = version;
        this.check = check;
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && !done) {
            check.run();
            if (core.fresh()) {
                fromTable();
            } else {
                fromHost();
            }
        }
        return !ready.isEmpty();
    }

    @Override
    public Entry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }

    private void fromTable() {
        while (at == tokens.size()) {
            if (segment == VersionTable.SEGMENTS) {
                done = true;
                return;
            }
            // In the order of the host's keys, in which neighbours are cheaper to read.
            tokens = space.tokens(segment++, word -> true);
            at = 0;
        }
        List<Space.Token> page = tokens.subList(at, Math.min(tokens.size(), at + chunk));
        long bytes = 0;
        if (version == LIVE) {
            List<Core.@Nullable Opened> some = reader.some(space, page, CHUNK_BYTES);
            at += some.size();
            for (Core.Opened opened : some) {
                bytes += take(opened);
            }
        } else {
            for (int i = 0; i < page.size() && bytes < CHUNK_BYTES; i++) {
                at++;
                bytes += take(reader.at(space, page.get(i), null, version, check));
            }
        }
        chunk = Math.min(MAX_CHUNK, bytes < CHUNK_BYTES / 4 ? chunk * 2 : chunk);
    }

    private long take(Core.@Nullable Opened opened) {
        if (opened == null) {
            return 0;
        }
        ready.add(opened.entry(null));
        return opened.bytes();
    }

    private void fromHost() {
        core.check(space);
        List<HostEntry> page;
        try {
            page = core.host.scan(HostKeys.DATA_PREFIX, after, 256, HostStore.MAX_VALUE_BYTES);
        } catch (IOException e) {
            throw core.failed(new BackendException(false, "scanning failed: " + e.getMessage(), e));
        }
        if (page.isEmpty()) {
            done = true;
        }
        for (HostEntry e : page) {
            if (after != null && Arrays.compareUnsigned(e.key(), after) <= 0) {
                throw core.failed(new BackendException(false, "the host's pages are out of order", null));
            }
            after = e.key();
            RecordHeader header = HostKeys.isData(e.key()) ? RecordHeader.parse(e.value()) : null;
            if (header != null && header.space() == space.ref) {
                Space.Token token = new Space.Token(space.ref, HostKeys.hi(e.key()), HostKeys.lo(e.key()));
                take(
                        version == LIVE
                                ? reader.offered(space, token, null, e.value())
                                : reader.at(space, token, null, version, check));
            }
        }
    }
}
