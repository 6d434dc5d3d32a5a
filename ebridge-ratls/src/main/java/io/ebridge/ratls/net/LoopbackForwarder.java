package io.ebridge.ratls.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A plain port on the loopback that leads to one attested service, for programs that cannot take a context.
 *
 * <p>Guarantees: no byte of a connection is passed on before the service has attested; where it does not, the plain connection is closed without having
 * seen a byte, and {@link #lastFailure()} says why. Not guaranteed: who connects to the port; every process on the machine can, so run it where all of
 * them are trusted. Half-closes are passed on both ways. Limits: as many connections at once as configured; more are closed.
 */
public final class LoopbackForwarder implements AutoCloseable {

    private static final int BUFFER = 16 * 1024;
    private static final long ACCEPT_PAUSE_NANOS = Duration.ofMillis(50).toNanos();

    private final SSLContext context;
    private final String host;
    private final int port;
    private final SocketFactory factory;
    private final Semaphore permits;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "ebridge-ratls-forwarder");
        thread.setDaemon(true);
        return thread;
    });

    private LoopbackForwarder(Builder builder) throws IOException {
        context = builder.context;
        host = builder.host;
        port = builder.port;
        factory = builder.factory;
        permits = new Semaphore(builder.connections);
        listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), builder.localPort), 64);
        threads.execute(this::accept);
    }

    /**
     * Starts a forwarder's settings.
     *
     * @param context a client's, of {@link io.ebridge.ratls.AttestedTls}
     * @param host the service's host
     * @param port its port
     * @return a builder
     */
    public static Builder builder(SSLContext context, String host, int port) {
        return new Builder(context, host, port);
    }

    /**
     * Where it listens.
     *
     * @return an address on the loopback
     */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /**
     * Why the last connection failed that did.
     *
     * @return the exception, or null if none has failed
     */
    public @Nullable IOException lastFailure() {
        return failure.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket plain = listener.accept();
                if (!permits.tryAcquire()) {
                    plain.close();
                } else if (!started(plain)) {
                    permits.release();
                    plain.close();
                }
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    failure.set(e);
                    // No descriptor left, say: what waits in the backlog can wait a little longer.
                    LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
                }
            }
        }
    }

    /** How many sockets are remembered, of both sides. */
    int remembered() {
        return open.size();
    }

    private boolean started(Socket plain) {
        try {
            threads.execute(() -> serve(plain));
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            failure.set(new IOException("no thread for a connection", e));
            return false;
        }
    }

    /** Has {@link #close} end it too; ends it at once if that is over. */
    private void keep(Socket socket) throws IOException {
        open.add(socket);
        if (listener.isClosed()) {
            socket.close();
            throw new SocketException("the forwarder is closed");
        }
    }

    private void serve(Socket plain) {
        try (plain) {
            keep(plain);
            try (Socket raw = factory.createSocket(host, port)) {
                try {
                    keep(raw);
                    forward(plain, raw);
                } finally {
                    open.remove(raw);
                }
            }
        } catch (IOException e) {
            failure.set(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(plain);
            permits.release();
        }
    }

    private void forward(Socket plain, Socket raw) throws IOException, InterruptedException {
        try (SSLSocket attested = (SSLSocket) context.getSocketFactory().createSocket(raw, host, port, true)) {
            try {
                attested.startHandshake();
            } catch (IOException e) {
                // Said before the plain side is closed, so that whoever sees that can ask why.
                failure.set(e);
                throw e;
            }
            Future<?> back = threads.submit(() -> pump(attested, plain));
            pump(plain, attested);
            back.get();
        } catch (ExecutionException | RejectedExecutionException e) {
            throw new IOException("a connection was not passed on", e);
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            failure.set(e);
            end(from);
            end(to);
        }
    }

    private void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            failure.set(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }

    /** Settings. */
    public static final class Builder {

        private final SSLContext context;
        private final String host;
        private final int port;
        private SocketFactory factory = SocketFactory.getDefault();
        private int connections = 256;
        private int localPort;

        private Builder(SSLContext context, String host, int port) {
            this.context = Objects.requireNonNull(context, "context");
            this.host = Objects.requireNonNull(host, "host");
            this.port = port;
        }

        /**
         * Reaches the service through these sockets; by default plain TCP.
         *
         * @param value a tunnel's, say
         * @return this builder
         */
        public Builder socketFactory(SocketFactory value) {
            factory = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * How many connections there may be at once.
         *
         * @param value 1 to 65,536; by default 256
         * @return this builder
         */
        public Builder maxConnections(int value) {
            if (value < 1 || value > 65_536) {
                throw new IllegalArgumentException(value + " connections");
            }
            connections = value;
            return this;
        }

        /**
         * Listens on this port; by default on any that is free.
         *
         * @param value 0 to 65,535
         * @return this builder
         */
        public Builder localPort(int value) {
            localPort = value;
            return this;
        }

        /**
         * Starts it.
         *
         * @return the forwarder, to be closed
         * @throws IOException if the port is taken
         */
        public LoopbackForwarder start() throws IOException {
            return new LoopbackForwarder(this);
        }
    }
}
