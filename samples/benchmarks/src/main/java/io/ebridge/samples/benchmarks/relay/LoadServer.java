package io.ebridge.samples.benchmarks.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** What stands behind every relay. The first byte of a connection says what it wants. */
final class LoadServer implements AutoCloseable {
    /** Read and count. */
    static final byte SINK = 'S';

    /** Send back what comes. */
    static final byte ECHO = 'E';

    /** Read to the end, wait a second, send 16 MB. */
    static final byte LATE = 'L';

    static final int LATE_REPLY = 16 << 20;
    private static final int BUFFER = 256 << 10;

    private final ServerSocketChannel listener;
    private final ExecutorService threads = Executors.newCachedThreadPool(Load::daemon);

    /** Bytes that sinks have read. */
    final LongAdder sunk = new LongAdder();

    LoadServer() throws IOException {
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        threads.execute(this::accept);
    }

    int port() {
        return listener.socket().getLocalPort();
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel channel = listener.accept();
                threads.execute(() -> serve(channel));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private void serve(SocketChannel channel) {
        ByteBuffer buffer = Load.buffer(BUFFER);
        try (channel) {
            channel.socket().setTcpNoDelay(true);
            buffer.limit(1);
            if (channel.read(buffer) != 1) {
                return;
            }
            byte wanted = buffer.get(0);
            buffer.clear();
            switch (wanted) {
                case SINK -> {
                    for (int n = channel.read(buffer); n >= 0; n = channel.read(buffer.clear())) {
                        sunk.add(n);
                    }
                }
                case ECHO -> {
                    while (channel.read(buffer) >= 0) {
                        buffer.flip();
                        while (buffer.hasRemaining()) {
                            channel.write(buffer);
                        }
                        buffer.clear();
                    }
                }
                case LATE -> {
                    while (channel.read(buffer) >= 0) {
                        buffer.clear();
                    }
                    LockSupport.parkNanos(1_000_000_000);
                    for (int left = LATE_REPLY; left > 0; ) {
                        buffer.clear().limit(Math.min(left, BUFFER));
                        left -= channel.write(buffer);
                    }
                }
                default -> throw new IOException("unknown wish " + wanted);
            }
        } catch (IOException e) {
            // The client has gone or the relay has cut it: the client's side counts that.
            return;
        } finally {
            Load.giveBack(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
