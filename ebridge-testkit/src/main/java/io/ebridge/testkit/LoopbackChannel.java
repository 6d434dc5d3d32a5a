package io.ebridge.testkit;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.channel.PipeChannel;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One end of a stream on the network; runs on any event loop. */
final class LoopbackChannel extends PipeChannel {
    private final @Nullable LoopbackTransport machine;
    private final boolean client;
    private volatile @Nullable Link link;
    private @Nullable Future<?> timeout;

    /** A stream to connect. */
    LoopbackChannel(LoopbackTransport machine) {
        super(null);
        this.machine = machine;
        client = true;
    }

    /** A stream that was accepted. */
    LoopbackChannel(LoopbackListener parent, Link link) {
        super(parent);
        machine = null;
        client = false;
        use(link);
    }

    private void use(Link made) {
        link = made;
        connected(client ? made.toClient() : made.toServer(), client ? made.toServer() : made.toClient());
    }

    @Override
    protected void beginConnect(VsockAddress to, int timeoutMillis) {
        LoopbackTransport from = machine;
        if (from == null) {
            throw new IllegalStateException("this stream was accepted");
        }
        try {
            Link made = from.network().connect(from, to);
            if (made != null) {
                use(made);
            } else if (timeoutMillis > 0) {
                VsockException late =
                        new VsockException(Reason.TIMEOUT, "no answer within " + timeoutMillis + " ms", to);
                timeout = eventLoop().schedule(() -> notConnected(late), timeoutMillis, TimeUnit.MILLISECONDS);
            }
        } catch (VsockException e) {
            notConnected(e);
        }
    }

    @Override
    protected void abandonConnect() {
        Future<?> waiting = timeout;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    @Override
    protected void outputEnded() {
        Link l = link;
        if (l != null && !l.halfClose()) {
            // What the VMMs without half-close do: the other direction ends too.
            (client ? l.toClient() : l.toServer()).end();
        }
    }

    @Override
    protected void release(boolean reset) {
        Link l = link;
        if (l == null) {
            return;
        }
        if (reset) {
            l.reset();
        } else {
            (client ? l.toServer() : l.toClient()).end();
            (client ? l.toClient() : l.toServer()).closeReader();
        }
        l.endClosed();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        Link l = link;
        return l == null ? null : client ? l.client() : l.server();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        Link l = link;
        return l == null ? null : client ? l.named() : l.client();
    }
}
