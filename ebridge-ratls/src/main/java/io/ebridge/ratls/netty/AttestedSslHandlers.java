package io.ebridge.ratls.netty;

import io.ebridge.ratls.tls.AttestedContextSpi;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Netty's {@link SslHandler} over attested engines.
 *
 * <p>Guarantees: quotes are awaited and evidence is verified on the given executor, never on an event loop; the handshake future completes only after
 * the verdict; {@code handler.engine().getSession()} then leads to the {@link io.ebridge.ratls.AttestedPeer}. The handler's handshake time-out, which is
 * the context's, cuts off a peer that stays silent.
 */
public final class AttestedSslHandlers {

    private AttestedSslHandlers() {}

    /**
     * A handler for one connection.
     *
     * @param context of {@link io.ebridge.ratls.AttestedTls}; its role is the handler's
     * @param host the host that is dialled, for clients
     * @param port its port
     * @param tasks runs what blocks: about as many threads as handshakes may wait for quotes at once
     * @return the handler
     */
    public static SslHandler create(SSLContext context, @Nullable String host, int port, Executor tasks) {
        SSLEngine engine = host == null ? context.createSSLEngine() : context.createSSLEngine(host, port);
        SslHandler handler = new Handler(engine, tasks);
        handler.setHandshakeTimeout(AttestedContextSpi.timeout(engine).toMillis(), TimeUnit.MILLISECONDS);
        return handler;
    }

    /**
     * A handler for a server's connection.
     *
     * @param context of a server
     * @param tasks runs what blocks
     * @return the handler
     */
    public static SslHandler server(SSLContext context, Executor tasks) {
        return create(context, null, -1, tasks);
    }

    /** Frees native memory with the channel, where there is any, as Netty's handler does for Netty's own engines. */
    private static final class Handler extends SslHandler {

        Handler(SSLEngine engine, Executor tasks) {
            super(engine, false, tasks);
        }

        @Override
        public void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
            try {
                super.handlerRemoved0(ctx);
            } finally {
                AttestedContextSpi.release(engine());
            }
        }
    }
}
