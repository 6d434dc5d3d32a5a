package io.ebridge.testkit.transport;

import io.ebridge.vsock.Availability;
import io.ebridge.vsock.Capability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.VsockTransport;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What somebody would write who brings another socket library: one class with the methods of the SPI, blocking, without a word of Netty. Here the library is the JDK, and a port is a Unix socket in a directory that two machines share.
 */
public final class PlainUnixTransport implements VsockTransport {
    private final Path directory;
    private final Cid own;
    private final Cid peer;

    /** One of two machines. */
    public PlainUnixTransport(Path directory, Cid own, Cid peer) {
        this.directory = directory;
        this.own = own;
        this.peer = peer;
    }

    private Path file(Cid cid, long port) {
        return directory.resolve(cid.value() + "_" + port);
    }

    @Override
    public String name() {
        return "plain-unix";
    }

    @Override
    public Availability availability() {
        return Availability.YES;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.HALF_CLOSE);
    }

    @Override
    public Cid localCid() {
        return own;
    }

    @Override
    public VsockListener listen(VsockAddress local, int backlog) throws VsockException {
        if (!local.cid().equals(Cid.ANY) && !local.cid().equals(own)) {
            throw new VsockException(Reason.NOT_LOCAL, "this machine has CID " + own, local);
        }
        long port = local.port() == VsockAddress.ANY_PORT
                ? (1L << 30) + ThreadLocalRandom.current().nextInt(1 << 30)
                : local.port();
        Path file = file(own, port);
        try {
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                server.bind(UnixDomainSocketAddress.of(file), backlog);
                return new Listener(server, file, new VsockAddress(own, port));
            } catch (IOException e) {
                server.close();
                throw e;
            }
        } catch (IOException e) {
            throw new VsockException(
                    Files.exists(file) ? Reason.PORT_TAKEN : Reason.OTHER, String.valueOf(e.getMessage()), local, e);
        }
    }

    @Override
    public VsockStream connect(VsockAddress remote, Duration timeout) throws VsockException, InterruptedIOException {
        // As on AWS Nitro, the host has two numbers.
        Cid cid = remote.cid().equals(Cid.NITRO_PARENT) ? Cid.HOST : remote.cid();
        if (!cid.equals(peer)) {
            throw new VsockException(Reason.NO_SUCH_CID, "no such machine", remote);
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            try {
                SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
                try {
                    // A Unix socket connects at once or says why not.
                    socket.connect(UnixDomainSocketAddress.of(file(peer, remote.port())));
                    return new Stream(socket, VsockAddress.of(own.value(), VsockAddress.ANY_PORT), remote);
                } catch (IOException e) {
                    socket.close();
                    throw e;
                }
            } catch (IOException e) {
                boolean busy = String.valueOf(e.getMessage()).contains("temporarily unavailable");
                if (!busy || System.nanoTime() > deadline) {
                    throw new VsockException(Reason.NOBODY_LISTENS, String.valueOf(e.getMessage()), remote, e);
                }
                Thread.onSpinWait();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while connecting");
            }
        }
    }

    /** Waits for one kind of readiness; interrupting it or closing it wakes the waiter and does no harm. */
    private static final class Readiness implements AutoCloseable {
        private final Selector selector;

        Readiness(SelectableChannel channel, int operation) throws IOException {
            selector = Selector.open();
            channel.configureBlocking(false);
            channel.register(selector, operation);
        }

        /** Waits so long at most, zero for ever; whether it may be ready. */
        boolean await(long nanos) throws IOException {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while waiting");
            }
            int ready = nanos == 0 ? selector.select() : selector.select(Math.max(1, nanos / 1_000_000));
            selector.selectedKeys().clear();
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while waiting");
            }
            return ready > 0;
        }

        void wake() {
            selector.wakeup();
        }

        @Override
        public void close() {
            try {
                selector.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private final class Listener implements VsockListener {
        private final ServerSocketChannel server;
        private final Path file;
        private final VsockAddress local;
        private final Readiness acceptable;
        private final AtomicBoolean closed = new AtomicBoolean();

        Listener(ServerSocketChannel server, Path file, VsockAddress local) throws IOException {
            this.server = server;
            this.file = file;
            this.local = local;
            acceptable = new Readiness(server, SelectionKey.OP_ACCEPT);
        }

        @Override
        public VsockAddress localAddress() {
            return local;
        }

        @Override
        public VsockStream accept() throws VsockException, InterruptedIOException {
            return accept(0);
        }

        @Override
        public VsockStream accept(Duration timeout) throws VsockException, InterruptedIOException {
            return accept(Math.max(1, timeout.toNanos()));
        }

        private VsockStream accept(long nanos) throws VsockException, InterruptedIOException {
            long deadline = System.nanoTime() + nanos;
            try {
                while (!closed.get()) {
                    SocketChannel socket = server.accept();
                    if (socket != null) {
                        return new Stream(socket, local, new VsockAddress(peer, VsockAddress.ANY_PORT));
                    }
                    if (!acceptable.await(nanos) && nanos != 0 && System.nanoTime() >= deadline) {
                        throw new SocketTimeoutException("nobody connected in time");
                    }
                }
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException | java.nio.channels.ClosedSelectorException e) {
                if (!closed.get()) {
                    throw new VsockException(Reason.RESOURCES, String.valueOf(e.getMessage()), local, e);
                }
            }
            throw new VsockException(Reason.CLOSED, "the listener is closed", local);
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                try {
                    Files.deleteIfExists(file);
                    acceptable.wake();
                    acceptable.close();
                    server.close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
    }

    private static final class Stream implements VsockStream {
        private final SocketChannel socket;
        private final VsockAddress local;
        private final VsockAddress remote;
        private final Readiness readable;
        private final Readiness writable;
        private final AtomicBoolean closed = new AtomicBoolean();
        private final In in = new In();
        private final Out out = new Out();
        private volatile Duration readTimeout = Duration.ZERO;
        private volatile Duration writeTimeout = Duration.ZERO;
        private volatile boolean outputEnded;

        Stream(SocketChannel socket, VsockAddress local, VsockAddress remote) throws IOException {
            this.socket = socket;
            this.local = local;
            this.remote = remote;
            readable = new Readiness(socket, SelectionKey.OP_READ);
            writable = new Readiness(socket, SelectionKey.OP_WRITE);
        }

        @Override
        public VsockAddress localAddress() {
            return local;
        }

        @Override
        public VsockAddress remoteAddress() {
            return remote;
        }

        @Override
        public InputStream inputStream() {
            return in;
        }

        @Override
        public OutputStream outputStream() {
            return out;
        }

        @Override
        public void readTimeout(Duration timeout) {
            readTimeout = timeout;
        }

        @Override
        public Duration readTimeout() {
            return readTimeout;
        }

        @Override
        public void writeTimeout(Duration timeout) {
            writeTimeout = timeout;
        }

        @Override
        public void shutdownOutput() throws IOException {
            if (!outputEnded) {
                outputEnded = true;
                socket.shutdownOutput();
            }
        }

        @Override
        public boolean isOpen() {
            return !closed.get();
        }

        @Override
        public void reset() {
            close();
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                try {
                    readable.wake();
                    writable.wake();
                    socket.close();
                    readable.close();
                    writable.close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }

        private VsockException failure(Exception e) {
            return closed.get()
                    ? new VsockException(Reason.CLOSED, "the stream is closed", remote, e)
                    : new VsockException(Reason.RESET, String.valueOf(e.getMessage()), remote, e);
        }

        private final class In extends InputStream {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, into.length);
                long nanos = readTimeout.toNanos();
                long deadline = System.nanoTime() + nanos;
                try {
                    while (true) {
                        if (Thread.currentThread().isInterrupted()) {
                            // A read of the JDK's would close the socket now.
                            throw new InterruptedIOException("interrupted while reading");
                        }
                        int n = socket.read(ByteBuffer.wrap(into, offset, length));
                        if (n != 0 || length == 0) {
                            return n;
                        }
                        if (!readable.await(nanos) && nanos != 0 && System.nanoTime() >= deadline) {
                            throw new SocketTimeoutException("nothing to read within " + readTimeout);
                        }
                    }
                } catch (InterruptedIOException e) {
                    throw e;
                } catch (IOException | java.nio.channels.ClosedSelectorException e) {
                    throw failure(e);
                }
            }

            @Override
            public void close() {
                Stream.this.close();
            }
        }

        private final class Out extends OutputStream {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, from.length);
                if (outputEnded) {
                    throw new VsockException(Reason.CLOSED, "the output was ended on this side", remote);
                }
                ByteBuffer left = ByteBuffer.wrap(from, offset, length);
                long nanos = writeTimeout.toNanos();
                try {
                    while (left.hasRemaining()) {
                        if (Thread.currentThread().isInterrupted()) {
                            throw new InterruptedIOException("interrupted while writing");
                        }
                        long deadline = System.nanoTime() + nanos;
                        while (socket.write(left) == 0) {
                            if (!writable.await(nanos) && nanos != 0 && System.nanoTime() >= deadline) {
                                throw new VsockException(Reason.TIMEOUT, "the peer took nothing", remote);
                            }
                        }
                    }
                } catch (InterruptedIOException | VsockException e) {
                    throw e;
                } catch (IOException | java.nio.channels.ClosedSelectorException e) {
                    throw failure(e);
                }
            }

            @Override
            public void close() {
                Stream.this.close();
            }
        }
    }
}
