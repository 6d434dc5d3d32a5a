package io.ebridge.protocol;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Collects the bytes of one line. Takes nothing behind the line feed, holds nothing beyond the limit. */
final class LineBuffer {
    private static final int FIRST = 512;

    private final String what;
    private final int limit;
    private byte[] bytes;
    private int size;

    LineBuffer(String what, int limit) {
        this.what = what;
        this.limit = limit;
        this.bytes = new byte[Math.min(FIRST, limit)];
    }

    /** Takes bytes up to and including the line feed. Returns the line without it once it is there, else null. */
    byte @Nullable [] read(ByteBuffer in) throws ProtocolException {
        int start = in.position();
        int room = limit - size;
        int end = in.remaining() > room ? start + room + 1 : in.limit();
        for (int i = start; i < end; i++) {
            if (in.get(i) == '\n') {
                append(in, i - start);
                in.get();
                return Arrays.copyOf(bytes, size);
            }
        }
        if (in.remaining() > room) {
            throw new ProtocolException(
                    ProtocolException.Reason.TOO_LONG, what + " is longer than " + limit + " bytes");
        }
        append(in, in.remaining());
        return null;
    }

    boolean isEmpty() {
        return size == 0;
    }

    private void append(ByteBuffer in, int count) {
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(size + count, bytes.length * 2)));
        }
        in.get(bytes, size, count);
        size += count;
    }
}
