package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** Moves records between an engine and the socket below it. One thread may receive while another sends; each takes the lock of its direction. */
final class RecordPump {

    private static final int MAX_BUFFERED = 1 << 20;
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    /** Held by whoever calls {@link #receive} and the methods about what was received. */
    final ReentrantLock readLock = new ReentrantLock();

    /** Held by whoever calls {@link #wrapOnce}. */
    final ReentrantLock wrapLock = new ReentrantLock();

    private final AttestedEngine engine;
    private final Socket raw;
    private ByteBuffer netIn = EMPTY;
    private ByteBuffer netOut = EMPTY;
    private ByteBuffer appIn = EMPTY;
    private volatile boolean ended;

    RecordPump(AttestedEngine engine, Socket raw) {
        this.engine = engine;
        this.raw = raw;
    }

    /** Whether nothing more will come. */
    boolean ended() {
        return ended;
    }

    /** Notes that nothing more is wanted, or can come. */
    void end() {
        ended = true;
    }

    int received() {
        return appIn.remaining();
    }

    int take(byte[] into, int offset, int length) {
        int n = Math.min(length, appIn.remaining());
        appIn.get(into, offset, n);
        return n;
    }

    boolean needsWrap() {
        return engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
    }

    void runTasks() {
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

    /** Takes one record or more, and whatever must be sent because of it; false at the end. */
    boolean receive() throws IOException {
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
            if (!engine.isInboundDone()) {
                // Whoever carries the bytes can cut them off; only the peer can send the alert that ends the session.
                throw new EOFException("the connection was cut off without the peer's closing alert");
            }
            return false;
        }
        return true;
    }

    /** Sends what the protocol has to say. */
    void flush() throws IOException {
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

    /** Makes one record, of protocol or of data, and sends it. */
    SSLEngineResult wrapOnce(ByteBuffer src) throws IOException {
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

    /** After a failure: sends the last words, if they can be sent at once. */
    void lastWords() throws IOException {
        for (int i = 0; i < 4 && needsWrap(); i++) {
            wrapOnce(EMPTY);
        }
    }
}
