package io.ebridge.kv.internal;

/** Room for sealed records in arrays that are used again: memory that is still in the processor's cache costs less than new. */
final class Arena {

    private static final int FIRST = 1 << 12;
    private static final int KEPT = 1 << 18;

    private byte[] buffer = new byte[FIRST];
    private int used;

    /** Where {@code length} free bytes begin in {@link #buffer}, which may be another one than before. */
    int take(int length) {
        if (length > buffer.length - used) {
            buffer = new byte[Math.max(length, Math.min(KEPT, 2 * buffer.length))];
            used = 0;
        }
        int at = used;
        used += length;
        return at;
    }

    byte[] buffer() {
        return buffer;
    }

    /** Gives all room back. */
    void clear() {
        if (buffer.length > KEPT) {
            buffer = new byte[FIRST];
        }
        used = 0;
    }
}
