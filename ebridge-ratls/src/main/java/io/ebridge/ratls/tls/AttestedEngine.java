package io.ebridge.ratls.tls;

import io.ebridge.attest.Bytes;
import io.ebridge.ratls.AttestedPeer;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.strict.Binding;
import io.ebridge.ratls.strict.Frame;
import io.ebridge.ratls.strict.Role;
import io.ebridge.ratls.strict.StrictSession;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * An engine that goes on handshaking after the inner one is done, until both sides' verdicts are in. Application data travels in frames of the STRICT
 * protocol, so that a new challenge can come between them at any time.
 */
final class AttestedEngine extends DelegatingEngine {

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
    /** For the key of a side that showed none. */
    private static final Bytes NO_KEY = Bytes.of(new byte[32]);

    private static final int MAX_CIPHERTEXT = (1 << 14) + 256;

    private final Settings settings;
    private final PeerTrust trust;
    private final ExpectedPeer expected;
    private final int port;
    private boolean innerDone;
    private boolean announced;
    private @Nullable StrictSession strict;
    private boolean failureThrown;
    private boolean closing;
    private @Nullable ByteBuffer plain;
    private final Delivery delivery = new Delivery();
    private final ByteBuffer dataHeader = ByteBuffer.allocate(Frame.HEADER);
    private int frameLeft;
    private boolean started;
    private long startedAt;
    private boolean lateThrown;

    AttestedEngine(Settings settings, @Nullable String host, int port) throws SSLException {
        this.settings = settings;
        this.expected = new ExpectedPeer(settings);
        this.port = port;
        boolean client = settings.role() == Role.CLIENT;
        this.trust = new PeerTrust(client ? this::check : null, settings.mutual() ? this::check : null);
        Identity identity = settings.identity();
        this.inner =
                settings.stack().newEngine(client, identity == null ? null : identity.leaf(), trust, settings.random());
        if (settings.mutual()) {
            inner.setNeedClientAuth(true);
        }
        dataHeader.limit(0);
        setHost(host);
    }

    /** Whom to expect, before the handshake. */
    final void setHost(@Nullable String name) {
        expected.host(name, inner);
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        expected.check(chain, inner);
    }

    // ---- handshake

    @Override
    public synchronized HandshakeStatus getHandshakeStatus() {
        HandshakeStatus at = inner.getHandshakeStatus();
        StrictSession session = strict;
        if (at == HandshakeStatus.NEED_WRAP || at == HandshakeStatus.NEED_TASK || inner.isOutboundDone()) {
            return at;
        }
        if (closing || session != null && session.failure() != null) {
            // Conscrypt does not say by itself that its closing alert waits to be sent.
            return HandshakeStatus.NEED_WRAP;
        }
        if (session == null) {
            return at;
        }
        if (session.pending() != null) {
            return HandshakeStatus.NEED_WRAP;
        }
        if (session.busy()) {
            return HandshakeStatus.NEED_TASK;
        }
        return session.open() ? at : HandshakeStatus.NEED_UNWRAP;
    }

    @Override
    public synchronized @Nullable Runnable getDelegatedTask() {
        Runnable task = inner.getDelegatedTask();
        if (task == null && strict != null) {
            task = strict.nextTask();
        }
        return task;
    }

    @Override
    public synchronized void beginHandshake() throws SSLException {
        start();
        inner.beginHandshake();
    }

    private void start() {
        if (!started) {
            started = true;
            startedAt = System.nanoTime();
        }
    }

    /** The TLS handshake counts to the time that the first exchange may take; who is late is told so, once, and then cut off. */
    private void requireTime() throws AttestedTlsException {
        start();
        if (!innerDone
                && !lateThrown
                && System.nanoTime() - startedAt > settings.timing().exchange().toNanos()) {
            lateThrown = true;
            closing = true;
            inner.closeOutbound();
            throw new AttestedTlsException(
                    Reason.TIMEOUT,
                    "no TLS handshake within " + settings.timing().exchange().toMillis() + " ms");
        }
    }

    boolean passes() {
        StrictSession session = strict;
        return innerDone && (session == null || session.open());
    }

    StrictSession.Timing timing() {
        return settings.timing();
    }

    /** The bytes below ended without a closing alert: whoever cut them must not pass for the peer before the verdict. */
    synchronized void inputEnded() throws SSLException {
        StrictSession session = strict;
        if (session != null) {
            try {
                session.end();
            } catch (AttestedTlsException e) {
                throw failed(e);
            }
        } else if (!innerDone) {
            throw new AttestedTlsException(Reason.PEER_REFUSED, "the peer closed during the TLS handshake");
        }
    }

    private void innerFinished() throws SSLException {
        innerDone = true;
        SSLSession session = inner.getSession();
        if (!session.getProtocol().equals("TLSv1.3")) {
            throw new AttestedTlsException(Reason.SESSION, "negotiated " + session.getProtocol());
        }
        if ((settings.role() == Role.CLIENT || settings.mutual()) && !trust.accepted()) {
            throw new AttestedTlsException(Reason.SESSION, "the session was resumed");
        }
        AttestedPeer shown = expected.shown();
        if (shown != null) {
            session.putValue(AttestedPeer.SESSION_VALUE, shown);
        }
        if (!settings.strict()) {
            return;
        }
        SeenCertificates.Seen peer = expected.certificate();
        Binding.Channel channel = new Binding.Channel(
                shownKey(session.getLocalCertificates()),
                peer == null ? NO_KEY : peer.keyHash(),
                Bytes.of(settings.stack().export(inner, Binding.EXPORTER_LABEL, Binding.EXPORTER_BYTES)));
        // Asked for only where somebody is expected: engines copy all their parameters for it.
        String service = settings.appraiser() == null ? null : expected.service(inner);
        Identity identity = settings.identity();
        strict = new StrictSession(
                settings.role(),
                channel,
                settings.appraiser(),
                service == null ? "client" : service,
                identity == null ? null : identity.attester(),
                settings.timing(),
                settings.random(),
                (result, answer) -> session.putValue(
                        AttestedPeer.SESSION_VALUE,
                        new AttestedPeer(
                                AttestedPeer.Mode.STRICT,
                                answer.service(),
                                Optional.of(answer.configurationRoot()),
                                answer.quote().evidence(),
                                result,
                                Objects.requireNonNull(peer).certificate(),
                                settings.clock().instant())),
                startedAt);
    }

    private Bytes shownKey(Certificate @Nullable [] chain) throws AttestedTlsException {
        if (chain == null || chain.length == 0) {
            return NO_KEY;
        }
        try {
            return settings.stack().seen().of((X509Certificate) chain[0]).keyHash();
        } catch (CertificateException e) {
            throw new AttestedTlsException(Reason.CERTIFICATE, "a certificate without an encoding", e);
        }
    }

    private SSLEngineResult result(Status status, int consumed, int produced, HandshakeStatus innerStatus)
            throws SSLException {
        if (!innerDone && innerStatus == HandshakeStatus.FINISHED) {
            innerFinished();
        }
        StrictSession session = strict;
        if (session == null) {
            return new SSLEngineResult(status, innerStatus, consumed, produced);
        }
        HandshakeStatus at = getHandshakeStatus();
        if (!session.open()) {
            announced = false;
        } else if (at == HandshakeStatus.NOT_HANDSHAKING && !announced) {
            announced = true;
            at = HandshakeStatus.FINISHED;
        }
        return new SSLEngineResult(status, at, consumed, produced);
    }

    private AttestedTlsException failed(AttestedTlsException reason) {
        failureThrown = true;
        return reason;
    }

    // ---- sending

    @Override
    public synchronized SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst)
            throws SSLException {
        Objects.checkFromIndexSize(offset, length, srcs.length);
        StrictSession session = strict;
        if (session == null) {
            if (innerDone) {
                return inner.wrap(srcs, offset, length, dst);
            }
            requireTime();
            SSLEngineResult r = inner.wrap(EMPTY, dst);
            return result(r.getStatus(), 0, r.bytesProduced(), r.getHandshakeStatus());
        }
        if (!inner.isOutboundDone()) {
            try {
                session.tick(System.nanoTime());
            } catch (AttestedTlsException e) {
                if (!failureThrown) {
                    throw failed(e);
                }
            }
        }
        boolean middle = frameLeft > 0 && !dataHeader.hasRemaining();
        ByteBuffer pending = session.pending();
        if (session.failure() != null && pending == null && !closing) {
            closing = true;
            inner.closeOutbound();
        }
        if (inner.isOutboundDone()
                || closing && pending == null
                || inner.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            SSLEngineResult r = inner.wrap(EMPTY, dst);
            return result(r.getStatus(), 0, r.bytesProduced(), r.getHandshakeStatus());
        }
        if (pending != null && (!middle || session.failure() != null)) {
            if (!middle) {
                frameLeft = 0;
            }
            SSLEngineResult r = inner.wrap(pending, dst);
            return result(r.getStatus(), 0, r.bytesProduced(), r.getHandshakeStatus());
        }
        if (!session.open() && !middle) {
            return result(Status.OK, 0, 0, inner.getHandshakeStatus());
        }
        return wrapData(srcs, offset, length, dst, middle);
    }

    private SSLEngineResult wrapData(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst, boolean middle)
            throws SSLException {
        int available = 0;
        for (int i = offset; i < offset + length && available < Frame.MAX_DATA; i++) {
            available += Math.min(srcs[i].remaining(), Frame.MAX_DATA);
        }
        if (available == 0) {
            return result(Status.OK, 0, 0, inner.getHandshakeStatus());
        }
        if (!middle) {
            frameLeft = Math.min(available, Frame.MAX_DATA);
            dataHeader.clear();
            Frame.DATA.header(dataHeader, frameLeft);
            dataHeader.flip();
        }
        ByteBuffer[] parts = new ByteBuffer[length + 1];
        parts[0] = dataHeader;
        int left = frameLeft;
        for (int i = 0; i < length; i++) {
            ByteBuffer part = srcs[offset + i].duplicate();
            part.limit(part.position() + Math.min(part.remaining(), left));
            left -= part.remaining();
            parts[i + 1] = part;
        }
        SSLEngineResult r = inner.wrap(parts, 0, parts.length, dst);
        int consumed = 0;
        for (int i = 0; i < length; i++) {
            consumed += parts[i + 1].position() - srcs[offset + i].position();
            srcs[offset + i].position(parts[i + 1].position());
        }
        frameLeft -= consumed;
        return result(r.getStatus(), consumed, r.bytesProduced(), r.getHandshakeStatus());
    }

    // ---- receiving

    @Override
    public synchronized SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length)
            throws SSLException {
        Objects.checkFromIndexSize(offset, length, dsts.length);
        StrictSession session = strict;
        if (session == null) {
            if (innerDone) {
                return inner.unwrap(src, dsts, offset, length);
            }
            requireTime();
            SSLEngineResult r = inner.unwrap(src, scratch());
            return result(r.getStatus(), r.bytesConsumed(), 0, r.getHandshakeStatus());
        }
        AttestedTlsException failure = session.failure();
        if (failure != null) {
            if (!failureThrown) {
                throw failed(failure);
            }
            return result(Status.CLOSED, 0, 0, inner.getHandshakeStatus());
        }
        int produced = delivery.drain(dsts, offset, length);
        if (delivery.waiting()) {
            return result(
                    produced == 0 ? Status.BUFFER_OVERFLOW : Status.OK, 0, produced, HandshakeStatus.NOT_HANDSHAKING);
        }
        if (session.busy() && !inner.isInboundDone()) {
            return result(Status.OK, 0, produced, HandshakeStatus.NEED_TASK);
        }
        if (produced > 0 || session.open() && Delivery.tooSmall(src, dsts, offset, length)) {
            return result(
                    produced > 0 ? Status.OK : Status.BUFFER_OVERFLOW, 0, produced, HandshakeStatus.NOT_HANDSHAKING);
        }
        ByteBuffer buffer = scratch();
        try {
            session.tick(System.nanoTime());
            SSLEngineResult r = inner.unwrap(src, buffer);
            buffer.flip();
            int[] delivered = new int[1];
            if (buffer.hasRemaining()) {
                session.receive(
                        buffer,
                        data -> delivered[0] += delivery.deliver(data, dsts, offset, length),
                        System.nanoTime());
            }
            if (r.getStatus() == Status.CLOSED) {
                session.end();
            }
            return result(r.getStatus(), r.bytesConsumed(), delivered[0], r.getHandshakeStatus());
        } catch (AttestedTlsException e) {
            throw failed(e);
        }
    }

    private ByteBuffer scratch() {
        // Some engines want room for a whole record, overhead and all.
        int wanted = Math.max(inner.getSession().getApplicationBufferSize(), MAX_CIPHERTEXT);
        ByteBuffer buffer = plain;
        if (buffer == null || buffer.capacity() < wanted) {
            buffer = ByteBuffer.allocate(wanted);
            plain = buffer;
        }
        return buffer.clear();
    }

    // ---- closing and the rest

    @Override
    public synchronized void closeInbound() throws SSLException {
        inner.closeInbound();
    }

    @Override
    public synchronized void closeOutbound() {
        closing = true;
        inner.closeOutbound();
    }

    /** Frees what the engine below holds outside the heap, if it holds any, once the connection is over. */
    void release() {
        settings.stack().release(inner);
    }

    @Override
    public @Nullable String getPeerHost() {
        return expected.host();
    }

    @Override
    public int getPeerPort() {
        return port;
    }
}
