package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import java.nio.charset.StandardCharsets;

/** Reads {@code CONNECT <port>\n} as the VMMs do: the keyword in any case, 32 bytes at most, not one byte further than the line. */
final class ConnectLine {
    static final int LIMIT = 32;

    private static final String KEYWORD = "CONNECT";
    private static final int SHORTEST = KEYWORD.length() + 3;

    private int length;
    private int digits;
    private long port;
    private boolean spaced;
    private boolean complete;

    /** The line that asks for a port, to be sent in one write because VMMs do not wait for the rest of it. */
    static byte[] request(long port) {
        return (KEYWORD + " " + port + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** How many bytes may be read at once without reading beyond the line. */
    int safeToRead() {
        return Math.max(1, SHORTEST - length);
    }

    /**
     * Takes the next byte.
     *
     * @return whether the line is complete; what follows belongs to the stream
     * @throws VsockException {@code PROTOCOL} if this is not such a line
     */
    boolean accept(byte b) throws VsockException {
        if (complete) {
            throw new IllegalStateException("the line is complete");
        }
        if (++length > LIMIT) {
            throw wrong("the line is longer than " + LIMIT + " bytes");
        }
        if (length <= KEYWORD.length()) {
            if ((b & ~0x20) != KEYWORD.charAt(length - 1)) {
                throw wrong("the line does not begin with CONNECT");
            }
        } else if (!spaced) {
            if (b != ' ') {
                throw wrong("no space behind CONNECT");
            }
            spaced = true;
        } else if (b == '\n' && digits > 0) {
            complete = true;
        } else if (b >= '0' && b <= '9' && digits < 10) {
            digits++;
            port = port * 10 + (b - '0');
        } else {
            throw wrong("no port behind CONNECT");
        }
        if (complete && port >= VsockAddress.ANY_PORT) {
            throw wrong("the port has more than 32 bits");
        }
        return complete;
    }

    /** The port asked for, once the line is complete. */
    long port() {
        if (!complete) {
            throw new IllegalStateException("the line is not complete");
        }
        return port;
    }

    private static VsockException wrong(String what) {
        return new VsockException(Reason.PROTOCOL, what, null);
    }
}
