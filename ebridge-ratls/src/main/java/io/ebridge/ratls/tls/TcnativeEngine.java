package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Netty's BoringSSL engine behind the manners of a JDK's: what is set before the handshake is gathered, and the engine made when the handshake begins,
 * since Netty takes application protocols for a context only. Native memory is freed when both directions are closed, when told to, or when the engine
 * is no longer reachable.
 */
final class TcnativeEngine extends SSLEngine {

    private static final Cleaner CLEANER = Cleaner.create();
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
    private static final int MAX_PLAINTEXT = 1 << 14;

    private final TcnativeStack stack;
    private final boolean client;
    private final @Nullable Leaf leaf;
    private final PeerTrust trust;
    private final @Nullable KeyLog log;

    private ClientAuth clientAuth = ClientAuth.NONE;
    private String[] applicationProtocols = new String[0];
    private @Nullable List<SNIServerName> names;
    private java.util.@Nullable Collection<SNIMatcher> matchers;
    private boolean closedEarly;
    private boolean finished;
    private boolean closing;
    private boolean taskDone;
    private @Nullable SSLSession none;
    private @Nullable ReferenceCountedOpenSslEngine started;
    private Cleaner.@Nullable Cleanable memory;

    TcnativeEngine(TcnativeStack stack, boolean client, @Nullable Leaf leaf, PeerTrust trust) {
        this.stack = stack;
        this.client = client;
        this.leaf = leaf;
        this.trust = trust;
        this.log = stack.exports() ? new KeyLog() : null;
    }

    /** Must not refer to the engine that it is for. */
    private record Memory(ReferenceCountedOpenSslEngine engine, @Nullable KeyLog log) implements Runnable {
        @Override
        public void run() {
            if (log != null) {
                log.discard();
            }
            engine.release();
        }
    }

    private ReferenceCountedOpenSslEngine start() throws SSLException {
        ReferenceCountedOpenSslEngine engine = started;
        if (engine == null) {
            engine = stack.start(client, leaf, trust, getSSLParameters(), log);
            memory = CLEANER.register(this, new Memory(engine, log));
            started = engine;
        }
        return engine;
    }

    /** Frees native memory; the engine is closed then, if it was not. */
    synchronized void release() {
        Cleaner.Cleanable held = memory;
        if (held != null) {
            held.clean();
        } else {
            closedEarly = true;
        }
    }

    private void releaseIfDone(ReferenceCountedOpenSslEngine engine) {
        if (engine.isOutboundDone() && engine.isInboundDone()) {
            release();
        }
    }

    synchronized byte[] export(String label, int length) throws SSLException {
        KeyLog from = log;
        if (from == null) {
            throw new AttestedTlsException(Reason.EXPORTER_UNAVAILABLE, "chosen without an exporter");
        }
        if (!finished) {
            throw new AttestedTlsException(Reason.EXPORTER_UNAVAILABLE, "the handshake is not done");
        }
        return from.export(label, length);
    }

    // ---- the handshake and data

    @Override
    public synchronized void beginHandshake() throws SSLException {
        if (closedEarly) {
            throw new SSLException("the engine is closed");
        }
        start().beginHandshake();
    }

    @Override
    public synchronized HandshakeStatus getHandshakeStatus() {
        ReferenceCountedOpenSslEngine engine = started;
        if (engine == null) {
            return HandshakeStatus.NOT_HANDSHAKING;
        }
        if (closing && !engine.isOutboundDone()) {
            // The closing alert lies ready, which Netty's engine does not mention.
            return HandshakeStatus.NEED_WRAP;
        }
        HandshakeStatus at = engine.getHandshakeStatus();
        // What a task has led to, a further task or the end perhaps, Netty's engine sees with the next call, which must
        // not wait for bytes.
        return taskDone && at == HandshakeStatus.NEED_UNWRAP ? HandshakeStatus.NEED_WRAP : at;
    }

    @Override
    public synchronized @Nullable Runnable getDelegatedTask() {
        ReferenceCountedOpenSslEngine engine = started;
        Runnable task = engine == null ? null : engine.getDelegatedTask();
        return task == null
                ? null
                : () -> {
                    try {
                        task.run();
                    } finally {
                        noteTask();
                    }
                };
    }

    private synchronized void noteTask() {
        taskDone = !finished;
    }

    private static SSLEngineResult closed() {
        return new SSLEngineResult(Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
    }

    @Override
    public synchronized SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst)
            throws SSLException {
        if (closedEarly) {
            return closed();
        }
        ReferenceCountedOpenSslEngine engine = start();
        taskDone = false;
        try {
            ByteBuffer only = null;
            int filled = 0;
            for (int i = offset; i < offset + length; i++) {
                if (srcs[i].hasRemaining()) {
                    filled++;
                    only = srcs[i];
                }
            }
            if (filled <= 1) {
                return noted(engine.wrap(only == null ? EMPTY : only, dst));
            }
            return noted(wrapJoined(engine, srcs, offset, length, dst));
        } finally {
            releaseIfDone(engine);
        }
    }

    /** One record of several buffers, where Netty's engine would make one of each. */
    private static SSLEngineResult wrapJoined(
            ReferenceCountedOpenSslEngine engine, ByteBuffer[] srcs, int offset, int length, ByteBuffer dst)
            throws SSLException {
        ByteBuf joined = ByteBufAllocator.DEFAULT.directBuffer(MAX_PLAINTEXT);
        try {
            for (int i = offset; i < offset + length && joined.isWritable(); i++) {
                ByteBuffer part = srcs[i].duplicate();
                part.limit(part.position() + Math.min(part.remaining(), joined.writableBytes()));
                joined.writeBytes(part);
            }
            SSLEngineResult result = engine.wrap(joined.nioBuffer(), dst);
            int consumed = result.bytesConsumed();
            for (int i = offset; consumed > 0; i++) {
                int part = Math.min(consumed, srcs[i].remaining());
                srcs[i].position(srcs[i].position() + part);
                consumed -= part;
            }
            return result;
        } finally {
            // Plaintext does not stay in pooled memory.
            joined.setZero(0, joined.writerIndex());
            joined.release();
        }
    }

    @Override
    public synchronized SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length)
            throws SSLException {
        if (closedEarly) {
            return closed();
        }
        ReferenceCountedOpenSslEngine engine = start();
        taskDone = false;
        try {
            SSLEngineResult result = engine.unwrap(src, dsts, offset, length);
            if (!finished
                    && result.getStatus() == Status.OK
                    && result.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP
                    && result.bytesConsumed() > 0) {
                // Netty's engine sees with the next call only what the bytes of this one have brought about, perhaps
                // the end of the handshake. That
                // call must not be the one that brings the first data.
                SSLEngineResult after = engine.unwrap(EMPTY, dsts, offset, length);
                result = new SSLEngineResult(
                        after.getStatus() == Status.CLOSED ? Status.CLOSED : Status.OK,
                        after.getHandshakeStatus(),
                        result.bytesConsumed(),
                        result.bytesProduced() + after.bytesProduced());
            }
            return noted(result);
        } finally {
            releaseIfDone(engine);
        }
    }

    private SSLEngineResult noted(SSLEngineResult result) {
        finished |= result.getHandshakeStatus() == HandshakeStatus.FINISHED;
        closing |= result.getStatus() == Status.CLOSED;
        return result;
    }

    @Override
    public synchronized void closeInbound() throws SSLException {
        ReferenceCountedOpenSslEngine engine = started;
        if (engine == null) {
            closedEarly = true;
            return;
        }
        try {
            engine.closeInbound();
        } finally {
            releaseIfDone(engine);
        }
    }

    @Override
    public synchronized boolean isInboundDone() {
        ReferenceCountedOpenSslEngine engine = started;
        return engine == null ? closedEarly : engine.isInboundDone();
    }

    @Override
    public synchronized void closeOutbound() {
        ReferenceCountedOpenSslEngine engine = started;
        if (engine == null) {
            closedEarly = true;
            return;
        }
        closing = true;
        engine.closeOutbound();
        releaseIfDone(engine);
    }

    @Override
    public synchronized boolean isOutboundDone() {
        ReferenceCountedOpenSslEngine engine = started;
        return engine == null ? closedEarly : engine.isOutboundDone();
    }

    @Override
    public synchronized SSLSession getSession() {
        ReferenceCountedOpenSslEngine engine = started;
        if (engine != null) {
            return engine.getSession();
        }
        SSLSession session = none;
        if (session == null) {
            session = stack.unconnected();
            none = session;
        }
        return session;
    }

    @Override
    public synchronized @Nullable SSLSession getHandshakeSession() {
        ReferenceCountedOpenSslEngine engine = started;
        return engine == null ? null : engine.getHandshakeSession();
    }

    @Override
    public synchronized @Nullable String getApplicationProtocol() {
        ReferenceCountedOpenSslEngine engine = started;
        if (engine == null) {
            return null;
        }
        String protocol = engine.getNegotiatedApplicationProtocol();
        if (protocol != null) {
            return protocol;
        }
        return finished ? "" : null;
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return getApplicationProtocol();
    }

    // ---- what is set before the handshake

    @Override
    public synchronized SSLParameters getSSLParameters() {
        SSLParameters parameters = stack.parameters();
        if (names != null) {
            parameters.setServerNames(names);
        }
        if (matchers != null) {
            parameters.setSNIMatchers(matchers);
        }
        parameters.setApplicationProtocols(applicationProtocols);
        if (clientAuth == ClientAuth.REQUIRE) {
            parameters.setNeedClientAuth(true);
        } else if (clientAuth == ClientAuth.OPTIONAL) {
            parameters.setWantClientAuth(true);
        }
        return parameters;
    }

    @Override
    public synchronized void setSSLParameters(SSLParameters parameters) {
        if (parameters.getAlgorithmConstraints() != null) {
            throw new IllegalArgumentException("BoringSSL knows no algorithm constraints");
        }
        if (parameters.getCipherSuites() != null) {
            setEnabledCipherSuites(parameters.getCipherSuites());
        }
        names = parameters.getServerNames();
        matchers = parameters.getSNIMatchers();
        applicationProtocols = parameters.getApplicationProtocols();
        clientAuth = parameters.getNeedClientAuth()
                ? ClientAuth.REQUIRE
                : parameters.getWantClientAuth() ? ClientAuth.OPTIONAL : ClientAuth.NONE;
        applyClientAuth();
    }

    private void applyClientAuth() {
        ReferenceCountedOpenSslEngine engine = started;
        if (engine != null && !client) {
            if (clientAuth == ClientAuth.REQUIRE) {
                engine.setNeedClientAuth(true);
            } else {
                engine.setWantClientAuth(clientAuth == ClientAuth.OPTIONAL);
            }
        }
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return TcnativeStack.SUITES.toArray(String[]::new);
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return getSupportedCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        if (!Arrays.asList(suites).containsAll(TcnativeStack.SUITES)) {
            throw new IllegalArgumentException(
                    "BoringSSL offers all of " + TcnativeStack.SUITES + ", not a choice of them");
        }
    }

    @Override
    public String[] getSupportedProtocols() {
        return new String[] {DelegatingEngine.TLS13};
    }

    @Override
    public String[] getEnabledProtocols() {
        return getSupportedProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        DelegatingEngine.requireTls13(protocols);
    }

    @Override
    public void setUseClientMode(boolean mode) {
        if (mode != client) {
            throw new IllegalArgumentException("the engine is made for one role");
        }
    }

    @Override
    public boolean getUseClientMode() {
        return client;
    }

    @Override
    public synchronized void setNeedClientAuth(boolean need) {
        clientAuth = need ? ClientAuth.REQUIRE : ClientAuth.NONE;
        applyClientAuth();
    }

    @Override
    public synchronized boolean getNeedClientAuth() {
        return clientAuth == ClientAuth.REQUIRE;
    }

    @Override
    public synchronized void setWantClientAuth(boolean want) {
        clientAuth = want ? ClientAuth.OPTIONAL : ClientAuth.NONE;
        applyClientAuth();
    }

    @Override
    public synchronized boolean getWantClientAuth() {
        return clientAuth == ClientAuth.OPTIONAL;
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
        if (!flag) {
            throw new IllegalArgumentException("sessions are always new");
        }
    }

    @Override
    public boolean getEnableSessionCreation() {
        return true;
    }
}
