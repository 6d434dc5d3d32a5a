package io.ebridge.protocol;

import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.ByteBuffer;

/** The two bytes 06 0A: one reading of them, and the bytes themselves. */
final class Acknowledgement {
    private static final byte[] BYTES = {0x06, 0x0A};

    private int seen;

    static ByteBuffer bytes() {
        return ByteBuffer.wrap(BYTES).asReadOnlyBuffer();
    }

    /** Takes at most what is missing of the two bytes; returns true once both are there. */
    boolean read(ByteBuffer in) throws ProtocolException {
        while (seen < BYTES.length && in.hasRemaining()) {
            if (in.get(in.position()) != BYTES[seen]) {
                throw new ProtocolException(Reason.BAD_ACKNOWLEDGEMENT, "expected the acknowledgement 06 0A");
            }
            in.get();
            seen++;
        }
        return seen == BYTES.length;
    }

    /** The failure that the end of input means here: a refusal only where not one byte came. */
    ProtocolException ended(String what) {
        return seen == 0
                ? new ProtocolException(Reason.REFUSED, what)
                : new ProtocolException(Reason.PEER_CLOSED, "the connection ended inside an acknowledgement");
    }
}
