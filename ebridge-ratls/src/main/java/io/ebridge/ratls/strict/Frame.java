package io.ebridge.ratls.strict;

import java.nio.ByteBuffer;

/** The frames of PROTOCOL.md, section 2: u8 type, u24 length, payload. */
public enum Frame {
    CHALLENGE(1, 512),
    ANSWER(2, 64 * 1024 + 256 * 1024 + 8 * 1024),
    VERDICT(3, 2),
    RENEW(4, 1),
    DATA(5, Frame.MAX_DATA);

    public static final int HEADER = 4;
    /** Header and data together fill one TLS record. */
    public static final int MAX_DATA = 16_384 - HEADER;

    private static final Frame[] ALL = values();

    private final int type;
    private final int limit;

    Frame(int type, int limit) {
        this.type = type;
        this.limit = limit;
    }

    public int limit() {
        return limit;
    }

    static @org.jspecify.annotations.Nullable Frame of(int type) {
        return type >= 1 && type <= ALL.length ? ALL[type - 1] : null;
    }

    public ByteBuffer encode(byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(HEADER + payload.length);
        header(frame, payload.length);
        frame.put(payload).flip();
        return frame;
    }

    public void header(ByteBuffer into, int length) {
        into.put((byte) type)
                .put((byte) (length >>> 16))
                .put((byte) (length >>> 8))
                .put((byte) length);
    }
}
