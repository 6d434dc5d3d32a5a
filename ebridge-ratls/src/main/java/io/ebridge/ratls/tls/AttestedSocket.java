package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.HandshakeCompletedEvent;
import javax.net.ssl.HandshakeCompletedListener;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * A socket over an {@link AttestedEngine}. One thread may read while another writes; a reader that meets a challenge answers it, a writer that waits
 * for a verdict reads if nobody else does.
 */
final class AttestedSocket extends SocketSettings {

    private final RecordPump pump;
    private final boolean autoClose;
    private final ReentrantLock handshakeLock = new ReentrantLock();
    /** Held for a whole write, so that two writers' bytes do not mix. */
    private final ReentrantLock writeLock = new ReentrantLock();

    private final List<HandshakeCompletedListener> listeners = new CopyOnWriteArrayList<>();
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private volatile boolean handshaken;
    private volatile boolean closed;
    private volatile boolean outputShut;

    AttestedSocket(AttestedEngine engine, Socket raw, boolean autoClose) {
        super(engine, raw);
        this.pump = new RecordPump(engine, raw);
        this.autoClose = autoClose;
    }

    // ---- handshake

    @Override
    public void startHandshake() throws IOException {
        if (handshaken) {
            return;
        }
        handshakeLock.lock();
        try {
            if (handshaken) {
                return;
            }
            if (closed) {
                throw new SocketException("the socket is closed");
            }
            withinExchange(this::handshake);
            handshaken = true;
        } catch (IOException | RuntimeException e) {
            abandon();
            throw e;
        } finally {
            handshakeLock.unlock();
        }
        HandshakeCompletedEvent event = new HandshakeCompletedEvent(this, engine.getSession());
        listeners.forEach(listener -> listener.handshakeCompleted(event));
    }

    /** What waits for the peer. */
    private interface Step {
        void run() throws IOException;
    }

    /** Runs it, and cuts the connection if the peer takes longer than an exchange may. */
    private void withinExchange(Step step) throws IOException {
        long millis = Math.max(1, engine.timing().exchange().toMillis());
        CompletableFuture<Void> deadline = new CompletableFuture<Void>().orTimeout(millis, TimeUnit.MILLISECONDS);
        AtomicBoolean late = new AtomicBoolean();
        deadline.whenComplete((v, t) -> {
            if (t instanceof TimeoutException) {
                // Before the close, which is what the waiting thread notices.
                late.set(true);
                closeRaw();
            }
        });
        try {
            step.run();
        } catch (IOException e) {
            if (late.get()) {
                throw new AttestedTlsException(Reason.TIMEOUT, "no verdict within " + millis + " ms", e);
            }
            throw e;
        } finally {
            deadline.complete(null);
        }
    }

    private void handshake() throws IOException {
        engine.beginHandshake();
        while (!engine.passes() || pump.needsWrap()) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> pump.runTasks();
                case NEED_WRAP -> pump.flush();
                default -> {
                    pump.readLock.lock();
                    try {
                        if (!pump.receive() && !engine.passes()) {
                            throw new EOFException("the peer closed during the handshake");
                        }
                    } finally {
                        pump.readLock.unlock();
                    }
                }
            }
        }
    }

    // ---- receiving

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            java.util.Objects.checkFromIndexSize(offset, length, into.length);
            if (length == 0) {
                return 0;
            }
            startHandshake();
            pump.readLock.lock();
            try {
                while (pump.received() == 0) {
                    if (closed) {
                        throw new SocketException("the socket is closed");
                    }
                    if (pump.ended()) {
                        return -1;
                    }
                    // The last data and the end may come in one.
                    pump.receive();
                }
                return pump.take(into, offset, length);
            } catch (SSLException e) {
                abandon();
                throw e;
            } finally {
                pump.readLock.unlock();
            }
        }

        @Override
        public int available() {
            if (!pump.readLock.tryLock()) {
                return 0;
            }
            try {
                return pump.received();
            } finally {
                pump.readLock.unlock();
            }
        }

        @Override
        public void close() throws IOException {
            AttestedSocket.this.close();
        }
    }

    // ---- sending

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            startHandshake();
            ByteBuffer src = ByteBuffer.wrap(from, offset, length);
            writeLock.lock();
            try {
                while (src.hasRemaining()) {
                    if (closed || outputShut) {
                        throw new SocketException("the socket is closed for output");
                    }
                    pump.wrapLock.lock();
                    SSLEngineResult r;
                    try {
                        r = pump.wrapOnce(src);
                    } finally {
                        pump.wrapLock.unlock();
                    }
                    if (r.getStatus() == SSLEngineResult.Status.CLOSED) {
                        throw new SocketException("the TLS session is closed");
                    }
                    if (r.bytesConsumed() == 0 && r.bytesProduced() == 0) {
                        awaitVerdict();
                    }
                }
            } catch (SSLException e) {
                abandon();
                throw e;
            } finally {
                writeLock.unlock();
            }
        }

        @Override
        public void flush() throws IOException {
            if (handshaken) {
                raw.getOutputStream().flush();
            }
        }

        @Override
        public void close() throws IOException {
            AttestedSocket.this.close();
        }
    }

    private void awaitVerdict() throws IOException {
        boolean locked;
        try {
            locked = pump.readLock.tryLock(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while a verdict was awaited");
        }
        if (locked) {
            try {
                if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                    pump.runTasks();
                } else if (!engine.passes() && !pump.needsWrap()) {
                    withinExchange(() -> {
                        if (!pump.receive()) {
                            throw new EOFException("the peer closed before the verdict");
                        }
                    });
                }
            } finally {
                pump.readLock.unlock();
            }
        }
    }

    // ---- closing

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            sayGoodbye();
        } finally {
            engine.release();
            if (autoClose) {
                raw.close();
            }
        }
    }

    private void sayGoodbye() {
        if (!raw.isConnected() || raw.isClosed()) {
            return;
        }
        try {
            // A writer that is stuck in the socket below keeps the lock; closing that socket frees it.
            if (pump.wrapLock.tryLock(200, TimeUnit.MILLISECONDS)) {
                try {
                    engine.closeOutbound();
                    pump.flush();
                } finally {
                    pump.wrapLock.unlock();
                }
            }
        } catch (IOException e) {
            // The peer is gone already; there is nobody to say goodbye to.
            pump.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** After a failure: tells the peer, then cuts. */
    private void abandon() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!raw.isClosed() && pump.wrapLock.tryLock(200, TimeUnit.MILLISECONDS)) {
                try {
                    pump.lastWords();
                } finally {
                    pump.wrapLock.unlock();
                }
            }
        } catch (IOException e) {
            pump.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            engine.release();
            closeRaw();
        }
    }

    private void closeRaw() {
        try {
            raw.close();
        } catch (IOException e) {
            pump.end();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        startHandshake();
        outputShut = true;
        pump.wrapLock.lock();
        try {
            engine.closeOutbound();
            pump.flush();
        } finally {
            pump.wrapLock.unlock();
        }
    }

    @Override
    public void shutdownInput() {
        pump.end();
    }

    @Override
    public boolean isInputShutdown() {
        return pump.ended();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut;
    }

    @Override
    public boolean isClosed() {
        return closed || raw.isClosed();
    }

    // ---- the rest

    @Override
    public InputStream getInputStream() throws IOException {
        if (isClosed()) {
            throw new SocketException("the socket is closed");
        }
        return input;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        if (isClosed()) {
            throw new SocketException("the socket is closed");
        }
        return output;
    }

    @Override
    public SSLSession getSession() {
        try {
            startHandshake();
        } catch (IOException e) {
            // As the interface wants it: a session without cipher suite stands for a handshake that failed.
            return engine.getSession();
        }
        return engine.getSession();
    }

    @Override
    public @org.jspecify.annotations.Nullable SSLSession getHandshakeSession() {
        return engine.getHandshakeSession();
    }

    @Override
    public void addHandshakeCompletedListener(HandshakeCompletedListener listener) {
        listeners.add(java.util.Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public void removeHandshakeCompletedListener(HandshakeCompletedListener listener) {
        if (!listeners.remove(listener)) {
            throw new IllegalArgumentException("no such listener");
        }
    }

    @Override
    public String toString() {
        return "AttestedSocket[" + raw + "]";
    }
}
