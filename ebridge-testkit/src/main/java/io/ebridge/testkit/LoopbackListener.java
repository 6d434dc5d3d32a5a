package io.ebridge.testkit;

import io.ebridge.vsock.VsockAddress;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listener on the network; runs on any event loop. */
final class LoopbackListener extends AbstractServerChannel {
    private final LoopbackTransport machine;
    private final Config config = new Config();
    private final ArrayDeque<Link> waiting = new ArrayDeque<>();
    private final AtomicInteger reserved = new AtomicInteger();
    private volatile boolean open = true;
    private volatile @Nullable VsockAddress local;
    private boolean demanded;

    /** Event loops close the sockets that they watch when they end; this has none, so it asks to be told. */
    private final Runnable endOfLoop = () -> unsafe().close(unsafe().voidPromise());

    LoopbackListener(LoopbackTransport machine) {
        this.machine = machine;
    }

    /** Takes a place in the queue; whether there was one. */
    boolean reserve() {
        if (reserved.incrementAndGet() <= config.backlog) {
            return true;
        }
        reserved.decrementAndGet();
        return false;
    }

    void arrive(Link link) {
        try {
            eventLoop().execute(() -> queue(link));
        } catch (RejectedExecutionException e) {
            // The event loop has ended, and this listener with it.
            refuse(link);
        }
    }

    private void queue(Link link) {
        if (!open) {
            refuse(link);
            return;
        }
        waiting.add(link);
        if (demanded) {
            hand();
        }
    }

    private void refuse(Link link) {
        reserved.decrementAndGet();
        link.reset();
        link.endClosed();
    }

    private void hand() {
        demanded = false;
        while (!waiting.isEmpty()) {
            reserved.decrementAndGet();
            pipeline().fireChannelRead(new LoopbackChannel(this, waiting.remove()));
        }
        pipeline().fireChannelReadComplete();
    }

    @Override
    protected void doBeginRead() {
        demanded = true;
        if (!waiting.isEmpty()) {
            eventLoop().execute(() -> {
                if (demanded && open) {
                    hand();
                }
            });
        }
    }

    @Override
    protected void doBind(SocketAddress address) throws Exception {
        if (!(address instanceof VsockAddress wanted)) {
            throw new IllegalArgumentException("not a VSOCK address: " + address);
        }
        local = machine.network().bind(machine, wanted, this);
    }

    @Override
    protected void doClose() {
        open = false;
        VsockAddress bound = local;
        if (bound != null) {
            machine.network().unbind(bound, this);
        }
        waiting.forEach(this::refuse);
        waiting.clear();
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.addShutdownHook(endOfLoop);
        }
        promise.setSuccess();
    }

    @Override
    protected void doDeregister() {
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.removeShutdownHook(endOfLoop);
        }
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && local != null;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local;
    }

    private final class Config extends DefaultChannelConfig {
        private volatile int backlog = 1024;

        Config() {
            super(LoopbackListener.this);
        }

        @Override
        protected void autoReadCleared() {
            if (isRegistered()) {
                eventLoop().execute(() -> demanded = false);
            }
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option == ChannelOption.SO_BACKLOG) {
                validate(option, value);
                backlog = (Integer) value;
                return true;
            }
            return super.setOption(option, value);
        }
    }
}
