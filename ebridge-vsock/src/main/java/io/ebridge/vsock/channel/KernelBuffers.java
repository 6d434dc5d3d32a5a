package io.ebridge.vsock.channel;

import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * The options of AF_VSOCK sockets that Netty has no name for ({@code linux/vm_sockets.h}). The maximum must be raised before the size, or the size is capped without a word; accepted streams inherit from their listener.
 */
record KernelBuffers(long bytes, Duration connectTimeout) {
    static final KernelBuffers NONE = new KernelBuffers(0, Duration.ZERO);

    private static final int AF_VSOCK = 40;
    private static final int SO_VM_SOCKETS_BUFFER_SIZE = 0;
    private static final int SO_VM_SOCKETS_BUFFER_MAX_SIZE = 2;
    private static final int SO_VM_SOCKETS_CONNECT_TIMEOUT = 6;

    void applyTo(LinuxSocket socket) throws IOException {
        if (bytes > 0) {
            set(socket, SO_VM_SOCKETS_BUFFER_MAX_SIZE, bytes);
            set(socket, SO_VM_SOCKETS_BUFFER_SIZE, bytes);
        }
        if (!connectTimeout.isZero()) {
            set(socket, SO_VM_SOCKETS_CONNECT_TIMEOUT, connectTimeout.toSeconds(), connectTimeout.getNano() / 1000);
        }
    }

    private static void set(LinuxSocket socket, int option, long... values) throws IOException {
        ByteBuffer raw = ByteBuffer.allocateDirect(Long.BYTES * values.length).order(ByteOrder.nativeOrder());
        for (long value : values) {
            raw.putLong(value);
        }
        socket.setRawOpt(AF_VSOCK, option, raw.flip());
    }
}
