package io.ebridge.kv.internal;

import org.jspecify.annotations.Nullable;

/**
 * The clear, authenticated head of a record. The namespace's number stands in it (the design sketch had it in the associated data
 * only), so that a start can sort records into namespaces without trying keys; the host thus sees which records belong together.
 *
 * @param version at most 2^62 - 1
 * @param expiry milliseconds since 1970, 0 if the record has no end
 */
record RecordHeader(int flags, int space, int epoch, long version, int bootRef, long counter, long expiry) {

    static final byte MAGIC = (byte) 0xEB;
    static final byte FORMAT = 1;
    static final int LENGTH = 32;
    static final int MAX_LENGTH = 40;

    /** Where the nonce begins, which is {@code bootRef} and {@code counter}. */
    static final int NONCE = 20;

    static final int TTL = 1;
    static final int TOMBSTONE = 2;
    static final int SUM = 4;
    static final int PADDED = 8;
    private static final int KNOWN = 15;

    int length() {
        return (flags & TTL) != 0 ? MAX_LENGTH : LENGTH;
    }

    /** Version and those flags that decide what a reader sees, as the version table keeps them. */
    long word() {
        return version
                | ((flags & TTL) != 0 ? VersionTable.TTL : 0)
                | ((flags & TOMBSTONE) != 0 ? VersionTable.TOMBSTONE : 0);
    }

    /** The part of the flags that the multiset hash covers. */
    static int summed(long word) {
        return ((word & VersionTable.TTL) != 0 ? TTL : 0) | ((word & VersionTable.TOMBSTONE) != 0 ? TOMBSTONE : 0);
    }

    static boolean newer(byte[] record) {
        return record.length >= 2 && record[0] == MAGIC && (record[1] & 0xff) > FORMAT;
    }

    /** As {@link #parse(byte[], int)}. */
    static @Nullable RecordHeader parse(byte[] record) {
        return parse(record, record.length);
    }

    /** Parses the head of {@code record[0..length)} strictly; null if it is not one of this format. */
    static @Nullable RecordHeader parse(byte[] record, int length) {
        if (length < LENGTH
                || record[0] != MAGIC
                || record[1] != FORMAT
                || (record[2] & ~KNOWN) != 0
                || record[3] != KeyTree.TOKEN_GENERATION) {
            return null;
        }
        int flags = record[2];
        int space = Bytes.getInt(record, 4);
        int epoch = Bytes.getInt(record, 8);
        long version = Bytes.getLong(record, 12);
        int bootRef = Bytes.getInt(record, NONCE);
        long counter = Bytes.getLong(record, 24);
        long expiry = 0;
        if ((flags & TTL) != 0) {
            if (length < MAX_LENGTH) {
                return null;
            }
            expiry = Bytes.getLong(record, LENGTH);
            if (expiry <= 0) {
                return null;
            }
        }
        if (version <= 0 || version > VersionTable.VERSION) {
            return null;
        }
        return new RecordHeader(flags, space, epoch, version, bootRef, counter, expiry);
    }

    void write(byte[] out, int at) {
        out[at] = MAGIC;
        out[at + 1] = FORMAT;
        out[at + 2] = (byte) flags;
        out[at + 3] = KeyTree.TOKEN_GENERATION;
        Bytes.putInt(out, at + 4, space);
        Bytes.putInt(out, at + 8, epoch);
        Bytes.putLong(out, at + 12, version);
        Bytes.putInt(out, at + NONCE, bootRef);
        Bytes.putLong(out, at + 24, counter);
        if ((flags & TTL) != 0) {
            Bytes.putLong(out, at + LENGTH, expiry);
        }
    }
}
