package io.ebridge.ratls;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** A driver of one engine, without sockets and without threads: what the other party has sent waits in {@link #in}. */
final class Party {

    final SSLEngine engine;
    final StringBuilder received = new StringBuilder();
    ByteBuffer in = ByteBuffer.allocate(1 << 20).flip();

    Party(SSLEngine engine) {
        this.engine = engine;
    }

    static Party plainServer(SSLEngine engine) {
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        return new Party(engine);
    }

    static Party plainClient(SSLEngine engine) {
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        return new Party(engine);
    }

    /** Sends data, or what the protocol has to say if that comes first; the bytes consumed. */
    int send(byte[] data, Party to) throws SSLException {
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        int consumed = engine.wrap(ByteBuffer.wrap(data), record).bytesConsumed();
        to.in.compact();
        to.in.put(record.flip());
        to.in.flip();
        return consumed;
    }

    /** Reads a record, or nothing if none is there. */
    void read() throws SSLException {
        ByteBuffer app = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        engine.unwrap(in, app);
        received.append(StandardCharsets.ISO_8859_1.decode(app.flip()));
    }

    /** Does what the engine wants next; whether it was anything. */
    boolean step(Party other) throws SSLException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
            return true;
        }
        if (status == HandshakeStatus.NEED_WRAP) {
            send(new byte[0], other);
            return true;
        }
        if (in.hasRemaining()) {
            read();
            return true;
        }
        return false;
    }

    /** Runs both until neither has anything left to do. */
    static void run(Party one, Party two) throws SSLException {
        one.engine.beginHandshake();
        two.engine.beginHandshake();
        boolean moved = true;
        while (moved) {
            moved = one.step(two) | two.step(one);
        }
    }
}
