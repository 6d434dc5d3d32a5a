package io.ebridge.kv.internal;

import io.ebridge.kv.BackendException;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks all entries under a prefix, page by page, insisting on ascending keys so that a hostile host cannot make it endless. */
final class Scan {

    private static final int PAGE = 4096;

    /** Sees one entry. */
    @FunctionalInterface
    interface Visitor {
        void visit(byte[] key, byte[] value);
    }

    private Scan() {}

    static void all(HostStore host, byte[] prefix, int maxValueBytes, Visitor visitor) {
        byte @Nullable [] after = null;
        int page = maxValueBytes > RecordHeader.MAX_LENGTH ? 256 : PAGE;
        while (true) {
            List<HostEntry> entries;
            try {
                entries = host.scan(prefix, after, page, maxValueBytes);
            } catch (IOException e) {
                throw new BackendException(false, "scanning failed: " + e.getMessage(), e);
            }
            if (entries.isEmpty()) {
                return;
            }
            for (HostEntry e : entries) {
                boolean inside = e.key().length >= prefix.length
                        && Arrays.equals(e.key(), 0, prefix.length, prefix, 0, prefix.length);
                if (!inside || after != null && Arrays.compareUnsigned(e.key(), after) <= 0) {
                    throw new BackendException(false, "the host's pages are out of order", null);
                }
                after = e.key();
                visitor.visit(e.key(), e.value());
            }
        }
    }
}
