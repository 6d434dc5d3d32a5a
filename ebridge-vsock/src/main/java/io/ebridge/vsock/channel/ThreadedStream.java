package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockStream;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** A blocking stream as a channel. */
final class ThreadedStream extends PipeChannel {
    private static final Duration NO_LIMIT = Duration.ofDays(365);

    private final ThreadedTransport transport;
    private volatile @Nullable VsockStream stream;
    private @Nullable StreamPump pump;
    private @Nullable Future<?> connecting;

    /** A stream to connect. */
    ThreadedStream(ThreadedTransport transport) {
        super(null);
        this.transport = transport;
    }

    /** A stream that was accepted. */
    ThreadedStream(Channel parent, ThreadedTransport transport, VsockStream stream) {
        super(parent);
        this.transport = transport;
        use(stream);
    }

    private void use(VsockStream connected) {
        stream = connected;
        StreamPump both = new StreamPump(connected, transport.threads());
        pump = both;
        connected(both, both);
    }

    @Override
    protected void beginConnect(VsockAddress to, int timeoutMillis) {
        long deadline =
                System.nanoTime() + (timeoutMillis <= 0 ? NO_LIMIT : Duration.ofMillis(timeoutMillis)).toNanos();
        FutureTask<?> attempt = new FutureTask<>(() -> connect(to, deadline), null);
        connecting = attempt;
        transport
                .threads()
                .execute(
                        attempt,
                        timeoutMillis <= 0 ? PatientThreads.PATIENCE_MILLIS : timeoutMillis,
                        () -> Loops.run(
                                eventLoop(),
                                () -> notConnected(
                                        new VsockException(Reason.RESOURCES, "no thread to connect with", to))));
    }

    /** On a thread that may wait. */
    private void connect(VsockAddress to, long deadline) {
        try {
            Duration timeout = Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
            VsockStream made = transport.provider().connect(to, timeout);
            Loops.run(eventLoop(), () -> {
                if (isOpen()) {
                    use(made);
                } else {
                    new StreamPump(made, transport.threads()).close(true);
                }
            });
        } catch (IOException | RuntimeException e) {
            Loops.run(eventLoop(), () -> notConnected(Failures.of(e, to)));
        }
    }

    @Override
    protected void abandonConnect() {
        Future<?> attempt = connecting;
        if (attempt != null) {
            attempt.cancel(true);
        }
    }

    @Override
    protected void release(boolean reset) {
        StreamPump used = pump;
        if (used != null) {
            used.close(reset);
        }
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        VsockStream s = stream;
        return s == null ? null : s.localAddress();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        VsockStream s = stream;
        return s == null ? null : s.remoteAddress();
    }
}
