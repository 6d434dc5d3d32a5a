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

    private static final int MAX_BUFFERED = 1 << 20;
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final boolean autoClose;
    private final ReentrantLock handshakeLock = new ReentrantLock();
    private final ReentrantLock readLock = new ReentrantLock();
    private final ReentrantLock wrapLock = new ReentrantLock();
    /** Held for a whole write, so that two writers' bytes do not mix. */
    private final ReentrantLock writeLock = new ReentrantLock();

    private final List<HandshakeCompletedListener> listeners = new CopyOnWriteArrayList<>();
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private ByteBuffer netIn = EMPTY;
    private ByteBuffer netOut = EMPTY;
    private ByteBuffer appIn = EMPTY;
    private volatile boolean handshaken;
    private volatile boolean ended;
    private volatile boolean closed;
    private volatile boolean outputShut;

    AttestedSocket(AttestedEngine engine, Socket raw, boolean autoClose) {
        super(engine, raw);
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
            CompletableFuture<Void> deadline = new CompletableFuture<Void>()
                    .orTimeout(engine.timing().exchange().toMillis(), TimeUnit.MILLISECONDS);
            AtomicBoolean late = new AtomicBoolean();
            deadline.whenComplete((v, t) -> {
                if (t instanceof TimeoutException) {
                    // Before the close, which is what the waiting thread notices.
                    late.set(true);
                    closeRaw();
                }
            });
            try {
                handshake();
            } catch (IOException e) {
                if (late.get()) {
                    throw new AttestedTlsException(
                            Reason.TIMEOUT,
                            "no verdict within " + engine.timing().exchange().toMillis() + " ms",
                            e);
                }
                throw e;
            } finally {
                deadline.complete(null);
            }
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

    private void handshake() throws IOException {
        engine.beginHandshake();
        while (!engine.passes() || needsWrap()) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> flush();
                default -> {
                    readLock.lock();
                    try {
                        if (!receive() && !engine.passes()) {
                            throw new EOFException("the peer closed during the handshake");
                        }
                    } finally {
                        readLock.unlock();
                    }
                }
            }
        }
    }

    private boolean needsWrap() {
        return engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
    }

    private void runTasks() {
        Runnable task = engine.getDelegatedTask();
        if (task == null) {
            // Another thread runs it; its result is waited for by polling, since engines cannot signal.
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        while (task != null) {
            task.run();
            task = engine.getDelegatedTask();
        }
    }

    // ---- receiving; readLock is held

    /** Takes one record or more, and whatever must be sent because of it; false at the end. */
    private boolean receive() throws IOException {
        int wanted = engine.getSession().getApplicationBufferSize();
        if (appIn.capacity() - appIn.remaining() < wanted) {
            if (appIn.remaining() > MAX_BUFFERED) {
                throw new AttestedTlsException(Reason.OVERLOADED, "data piles up while a verdict is awaited");
            }
            appIn = ByteBuffer.allocate(appIn.remaining() + wanted).put(appIn).flip();
        }
        appIn.compact();
        SSLEngineResult r;
        try {
            r = engine.unwrap(netIn, appIn);
        } finally {
            appIn.flip();
        }
        switch (r.getStatus()) {
            case BUFFER_UNDERFLOW -> {
                return fill();
            }
            case BUFFER_OVERFLOW ->
                appIn = ByteBuffer.allocate(2 * appIn.capacity() + wanted)
                        .put(appIn)
                        .flip();
            case CLOSED -> {
                ended = true;
                if (needsWrap()) {
                    flush();
                }
                return false;
            }
            case OK -> {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> {
                        runTasks();
                        if (needsWrap()) {
                            flush();
                        }
                    }
                    case NEED_WRAP -> flush();
                    default -> {}
                }
            }
        }
        return true;
    }

    private boolean fill() throws IOException {
        int packet = engine.getSession().getPacketBufferSize();
        if (netIn.capacity() < packet) {
            netIn = ByteBuffer.allocate(packet).put(netIn).flip();
        }
        netIn.compact();
        int n;
        try {
            n = raw.getInputStream().read(netIn.array(), netIn.position(), netIn.remaining());
            if (n > 0) {
                netIn.position(netIn.position() + n);
            }
        } finally {
            netIn.flip();
        }
        if (n < 0) {
            ended = true;
            engine.inputEnded();
            return false;
        }
        return true;
    }

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
            readLock.lock();
            try {
                while (!appIn.hasRemaining()) {
                    if (closed) {
                        throw new SocketException("the socket is closed");
                    }
                    if (ended) {
                        return -1;
                    }
                    // The last data and the end may come in one.
                    receive();
                }
                int n = Math.min(length, appIn.remaining());
                appIn.get(into, offset, n);
                return n;
            } catch (SSLException e) {
                abandon();
                throw e;
            } finally {
                readLock.unlock();
            }
        }

        @Override
        public int available() {
            if (!readLock.tryLock()) {
                return 0;
            }
            try {
                return appIn.remaining();
            } finally {
                readLock.unlock();
            }
        }

        @Override
        public void close() throws IOException {
            AttestedSocket.this.close();
        }
    }

    // ---- sending

    /** Sends what the protocol has to say. */
    private void flush() throws IOException {
        wrapLock.lock();
        try {
            while (needsWrap()) {
                SSLEngineResult r = wrapOnce(EMPTY);
                if (r.getStatus() == SSLEngineResult.Status.CLOSED || r.bytesProduced() == 0) {
                    return;
                }
            }
        } finally {
            wrapLock.unlock();
        }
    }

    private SSLEngineResult wrapOnce(ByteBuffer src) throws IOException {
        int packet = engine.getSession().getPacketBufferSize();
        if (netOut.capacity() < packet) {
            netOut = ByteBuffer.allocate(packet);
        }
        SSLEngineResult r;
        while (true) {
            netOut.clear();
            r = engine.wrap(src, netOut);
            if (r.getStatus() != SSLEngineResult.Status.BUFFER_OVERFLOW) {
                break;
            }
            netOut = ByteBuffer.allocate(2 * netOut.capacity());
        }
        if (netOut.position() > 0) {
            raw.getOutputStream().write(netOut.array(), 0, netOut.position());
        }
        return r;
    }

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
                    wrapLock.lock();
                    SSLEngineResult r;
                    try {
                        r = wrapOnce(src);
                    } finally {
                        wrapLock.unlock();
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
            locked = readLock.tryLock(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while a verdict was awaited");
        }
        if (locked) {
            try {
                if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                    runTasks();
                } else if (!engine.passes() && !needsWrap() && !receive()) {
                    throw new EOFException("the peer closed before the verdict");
                }
            } finally {
                readLock.unlock();
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
            if (wrapLock.tryLock(200, TimeUnit.MILLISECONDS)) {
                try {
                    engine.closeOutbound();
                    flush();
                } finally {
                    wrapLock.unlock();
                }
            }
        } catch (IOException e) {
            // The peer is gone already; there is nobody to say goodbye to.
            ended = true;
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
            if (!raw.isClosed() && wrapLock.tryLock(200, TimeUnit.MILLISECONDS)) {
                try {
                    for (int i = 0; i < 4 && needsWrap(); i++) {
                        wrapOnce(EMPTY);
                    }
                } finally {
                    wrapLock.unlock();
                }
            }
        } catch (IOException e) {
            ended = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeRaw();
        }
    }

    private void closeRaw() {
        try {
            raw.close();
        } catch (IOException e) {
            ended = true;
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        startHandshake();
        outputShut = true;
        wrapLock.lock();
        try {
            engine.closeOutbound();
            flush();
        } finally {
            wrapLock.unlock();
        }
    }

    @Override
    public void shutdownInput() {
        ended = true;
    }

    @Override
    public boolean isInputShutdown() {
        return ended;
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
