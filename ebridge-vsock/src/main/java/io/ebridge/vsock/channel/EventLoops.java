package io.ebridge.vsock.channel;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One daemon event loop that exists only while somebody uses it, so that a transport needs no closing. */
public final class EventLoops {
    private final String name;
    private final Supplier<IoHandlerFactory> kind;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable EventLoopGroup group;
    private int users;

    /**
     * Event loops of a kind.
     *
     * @param name of the thread
     * @param kind of the event loop
     */
    public EventLoops(String name, Supplier<IoHandlerFactory> kind) {
        this.name = name;
        this.kind = kind;
    }

    /**
     * Begins to use the event loop.
     *
     * @return a lease, to be closed when done
     */
    public Lease acquire() {
        lock.lock();
        try {
            EventLoopGroup current = group;
            if (current == null) {
                current = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name, true), kind.get());
                group = current;
            }
            users++;
            return new Lease(current);
        } finally {
            lock.unlock();
        }
    }

    private void release() {
        EventLoopGroup unused = null;
        lock.lock();
        try {
            if (--users == 0) {
                unused = group;
                group = null;
            }
        } finally {
            lock.unlock();
        }
        if (unused != null) {
            unused.shutdownGracefully(0, 5, TimeUnit.SECONDS);
        }
    }

    /** The right to use the event loop. */
    public final class Lease implements AutoCloseable {
        private final EventLoopGroup loops;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Lease(EventLoopGroup loops) {
            this.loops = loops;
        }

        /**
         * The event loop.
         *
         * @return a group of one
         */
        public EventLoopGroup loops() {
            return loops;
        }

        /** Gives the right back; the last one stops the thread. Does nothing the second time. */
        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                release();
            }
        }
    }
}
