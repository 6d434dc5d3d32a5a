package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;

/**
 * Reads {@code OK <number>\n}, the VMM's answer to CONNECT, byte by byte and not one byte further. The number means nothing: Firecracker and Cloud Hypervisor send the port that they gave to the host,
 * vhost-device-vsock sends the guest's port back.
 */
final class OkLine {
    static final int LIMIT = 32;

    private static final String KEYWORD = "OK ";

    private int length;
    private int digits;
    private boolean complete;

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
            throw wrong("its line is longer than " + LIMIT + " bytes");
        }
        if (length <= KEYWORD.length()) {
            if (b != KEYWORD.charAt(length - 1)) {
                throw wrong("its answer does not begin with OK");
            }
        } else if (b == '\n' && digits > 0) {
            complete = true;
        } else if (b >= '0' && b <= '9') {
            digits++;
        } else {
            throw wrong("there is no number behind OK");
        }
        return complete;
    }

    private static VsockException wrong(String what) {
        return new VsockException(
                Reason.PROTOCOL, "the other side of the socket does not speak hybrid VSOCK: " + what, null);
    }
}
