package io.ebridge.ratls.tls;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Decrypted data on its way to the caller's buffers, and what did not fit into them. At most one record's worth is kept. */
final class Delivery {

    private static final int RECORD_HEADER = 5;
    /** Content type and tag; a frame's header may be in an earlier record. */
    private static final int RECORD_OVERHEAD = 17;

    private static final int MAX_PLAINTEXT = 16_384;

    private @Nullable ByteBuffer leftover;

    /** Whether data waits for room. */
    boolean waiting() {
        return leftover != null;
    }

    /** As engines do: a record that might not fit is not touched. */
    static boolean tooSmall(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) {
        if (src.remaining() < RECORD_HEADER) {
            return false;
        }
        int record = src.getShort(src.position() + 3) & 0xFFFF;
        if (src.order() != ByteOrder.BIG_ENDIAN) {
            record = Short.reverseBytes((short) record) & 0xFFFF;
        }
        int most = Math.min(record - RECORD_OVERHEAD, MAX_PLAINTEXT);
        long room = 0;
        for (int i = offset; i < offset + length; i++) {
            room += dsts[i].remaining();
        }
        return room < most;
    }

    /** Copies as much as fits and keeps the rest; says how much was copied. */
    int deliver(ByteBuffer data, ByteBuffer[] dsts, int offset, int length) {
        int delivered = 0;
        for (int i = offset; i < offset + length && data.hasRemaining(); i++) {
            int part = Math.min(data.remaining(), dsts[i].remaining());
            ByteBuffer slice = data.duplicate();
            slice.limit(slice.position() + part);
            dsts[i].put(slice);
            data.position(data.position() + part);
            delivered += part;
        }
        if (data.hasRemaining()) {
            ByteBuffer kept = ByteBuffer.allocate((leftover == null ? 0 : leftover.remaining()) + data.remaining());
            if (leftover != null) {
                kept.put(leftover);
            }
            leftover = kept.put(data).flip();
        }
        return delivered;
    }

    /** Delivers what was kept. */
    int drain(ByteBuffer[] dsts, int offset, int length) {
        ByteBuffer data = leftover;
        if (data == null) {
            return 0;
        }
        leftover = null;
        return deliver(data, dsts, offset, length);
    }
}
