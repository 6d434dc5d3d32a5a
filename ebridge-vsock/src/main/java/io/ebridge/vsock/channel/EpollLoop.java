package io.ebridge.vsock.channel;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's epoll handler, except that what a descriptor waits for is told to the kernel once, right before the event loop
 * waits, and not at every change of mind. A short connection changes its mind about ten times between two waits: as it is
 * registered, connected, asked to read, and held back while its other end is busy.
 */
final class EpollLoop implements IoHandler {
    private static final System.Logger LOG = System.getLogger(EpollLoop.class.getName());

    private final IoHandler epoll;
    private final ThreadAwareExecutor executor;
    private List<Registration> changed = new ArrayList<>();
    private List<Registration> spare = new ArrayList<>();

    private EpollLoop(IoHandler epoll, ThreadAwareExecutor executor) {
        this.epoll = epoll;
        this.executor = executor;
    }

    static IoHandlerFactory factory() {
        IoHandlerFactory factory = EpollIoHandler.newFactory();
        return executor -> new EpollLoop(factory.newHandler(executor), executor);
    }

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        tell();
        return epoll.run(context);
    }

    private void tell() {
        if (changed.isEmpty()) {
            return;
        }
        List<Registration> now = changed;
        changed = spare;
        for (int i = 0; i < now.size(); i++) {
            now.get(i).tell();
        }
        now.clear();
        spare = now;
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return new Registration(handle, epoll.register(handle));
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return epoll.isCompatible(type);
    }

    /** One descriptor: what it is to wait for, and what the kernel knows. Event loop only, except where it hops there. */
    private final class Registration implements IoRegistration {
        private final IoHandle handle;
        private final IoRegistration below;
        private @Nullable IoOps wanted;
        private @Nullable IoOps told;
        private boolean queued;

        Registration(IoHandle handle, IoRegistration below) {
            this.handle = handle;
            this.below = below;
        }

        @Override
        public <T> T attachment() {
            return below.attachment();
        }

        @Override
        public long submit(IoOps ops) {
            if (!below.isValid()) {
                return -1;
            }
            if (!executor.isExecutorThread(Thread.currentThread())) {
                executor.execute(() -> submit(ops));
                return 0;
            }
            wanted = ops;
            if (!queued) {
                queued = true;
                changed.add(this);
            }
            return 0;
        }

        void tell() {
            queued = false;
            IoOps ops = wanted;
            if (ops == null || ops.equals(told) || !below.isValid()) {
                return;
            }
            told = ops;
            try {
                below.submit(ops);
            } catch (UncheckedIOException e) {
                // As if the descriptor had failed: nothing would ever be heard of it.
                LOG.log(System.Logger.Level.DEBUG, "a descriptor cannot be watched", e);
                try {
                    handle.close();
                } catch (Exception suppressed) {
                    LOG.log(System.Logger.Level.DEBUG, "closing it failed too", suppressed);
                }
            }
        }

        @Override
        public boolean isValid() {
            return below.isValid();
        }

        @Override
        public boolean cancel() {
            return below.cancel();
        }
    }
}
