package io.ebridge.samples.benchmarks.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** The measurements, all over loopback TCP to one port. */
final class Load {
    private static final int CHUNK = 256 << 10;
    private static final ConcurrentLinkedQueue<ByteBuffer> BUFFERS = new ConcurrentLinkedQueue<>();

    private Load() {}

    static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "load");
        thread.setDaemon(true);
        return thread;
    }

    /** Direct buffers are dear to make, and the short connections want many. */
    static ByteBuffer buffer(int size) {
        ByteBuffer pooled = size == CHUNK ? BUFFERS.poll() : null;
        return pooled == null ? ByteBuffer.allocateDirect(size) : pooled.clear();
    }

    static void giveBack(ByteBuffer buffer) {
        if (buffer.capacity() == CHUNK) {
            BUFFERS.offer(buffer);
        }
    }

    static SocketChannel open(int port, byte wish) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.write(ByteBuffer.wrap(new byte[] {wish}));
        return channel;
    }

    /** Bytes per second that arrive behind the relay while the given number of streams push. */
    static double bulk(LoadServer server, int port, int streams, Duration settle, Duration window) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<SocketChannel> channels = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool(Load::daemon);
        try {
            for (int i = 0; i < streams; i++) {
                SocketChannel channel = open(port, LoadServer.SINK);
                channels.add(channel);
                threads.execute(() -> push(channel, stop));
            }
            LockSupport.parkNanos(settle.toNanos());
            long before = server.sunk.sum();
            long start = System.nanoTime();
            LockSupport.parkNanos(window.toNanos());
            return (server.sunk.sum() - before) / ((System.nanoTime() - start) / 1e9);
        } finally {
            stop.set(true);
            for (SocketChannel channel : channels) {
                channel.close();
            }
            threads.shutdownNow();
        }
    }

    private static void push(SocketChannel channel, AtomicBoolean stop) {
        ByteBuffer data = buffer(CHUNK);
        try {
            while (!stop.get()) {
                data.clear();
                while (data.hasRemaining()) {
                    channel.write(data);
                }
            }
        } catch (IOException e) {
            // Closing the channel is how the measurement ends.
            stop.set(true);
        } finally {
            giveBack(data);
        }
    }

    /** Median and 99th percentile of a 64-byte round trip on one connection, in microseconds. */
    static double[] pingPong(int port, Duration window) throws IOException {
        long[] samples = new long[1 << 20];
        int count = 0;
        ByteBuffer ping = ByteBuffer.allocateDirect(64);
        try (SocketChannel channel = open(port, LoadServer.ECHO)) {
            long end = System.nanoTime() + window.toNanos();
            long warm = System.nanoTime() + window.toNanos() / 4;
            for (long now = System.nanoTime(); now < end && count < samples.length; ) {
                ping.clear();
                channel.write(ping);
                ping.clear();
                while (ping.hasRemaining()) {
                    if (channel.read(ping) < 0) {
                        throw new IOException("closed");
                    }
                }
                long after = System.nanoTime();
                if (now > warm) {
                    samples[count++] = after - now;
                }
                now = after;
            }
        }
        Arrays.sort(samples, 0, count);
        return new double[] {samples[count / 2] / 1e3, samples[(int) (count * 0.99)] / 1e3};
    }

    /** Connections per second: connect, one byte there and back, close; from the given number of threads. */
    static double connections(int port, int clients, Duration window) throws Exception {
        LongAdder done = new LongAdder();
        ExecutorService threads = Executors.newFixedThreadPool(clients, Load::daemon);
        long start = System.nanoTime();
        long end = start + window.toNanos();
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Callable<Void> client = () -> {
                ByteBuffer two = ByteBuffer.allocateDirect(2);
                while (System.nanoTime() < end) {
                    try (SocketChannel channel =
                            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                        // No trail of TIME_WAIT: the ports would run out.
                        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                        two.clear();
                        two.put(LoadServer.ECHO).put((byte) 1).flip();
                        channel.write(two);
                        two.clear().limit(1);
                        if (channel.read(two) == 1) {
                            done.increment();
                        }
                    } catch (IOException e) {
                        // Not counted, and a pause so that a relay that refuses is not asked in a tight loop.
                        LockSupport.parkNanos(1_000_000);
                    }
                }
                return null;
            };
            all.add(threads.submit(client));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();
        return done.sum() / ((System.nanoTime() - start) / 1e9);
    }

    /** How many of the clients, which end their sending and then read slowly, get the whole late reply. */
    static int lateReplies(int port, int clients) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients, Load::daemon);
        List<Future<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            int request = i % 2 == 0 ? 8 << 20 : 1 << 10;
            all.add(threads.submit(() -> lateReply(port, request)));
        }
        int complete = 0;
        for (Future<Boolean> one : all) {
            complete += one.get() ? 1 : 0;
        }
        threads.shutdown();
        return complete;
    }

    private static boolean lateReply(int port, int request) {
        ByteBuffer data = buffer(CHUNK);
        try (SocketChannel channel = open(port, LoadServer.LATE)) {
            for (int left = request; left > 0; ) {
                data.clear().limit(Math.min(left, CHUNK));
                left -= channel.write(data);
            }
            channel.shutdownOutput();
            long got = 0;
            data.clear().limit(64 << 10);
            for (int n = channel.read(data);
                    n >= 0;
                    n = channel.read(data.clear().limit(64 << 10))) {
                got += n;
                LockSupport.parkNanos(2_000_000);
            }
            return got == LoadServer.LATE_REPLY;
        } catch (IOException e) {
            return false;
        } finally {
            giveBack(data);
        }
    }
}
