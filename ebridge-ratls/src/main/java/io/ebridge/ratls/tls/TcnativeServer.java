package io.ebridge.ratls.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The native context that serves all connections of a server that does not ask for clients' certificates: its key and chain are read once rather than for
 * each handshake. It is made anew for another leaf, or for other application protocols. Its engines give no tickets, without which nothing is resumed.
 */
final class TcnativeServer {

    /** Makes a context, with a key log if there is to be one. */
    interface Maker {
        ReferenceCountedOpenSslContext make(Leaf leaf, List<String> protocols, KeyLogs logs) throws SSLException;
    }

    /** One that the caller has to release. */
    record Held(ReferenceCountedOpenSslContext context, KeyLogs logs) {}

    private record Current(Leaf leaf, List<String> protocols, Held held) {}

    private @Nullable Current current;

    synchronized Held hold(Leaf leaf, List<String> protocols, Maker maker) throws SSLException {
        Current known = current;
        if (known == null || known.leaf != leaf || !known.protocols.equals(protocols)) {
            KeyLogs logs = new KeyLogs();
            Held made = new Held(maker.make(leaf, protocols, logs), logs);
            release();
            known = new Current(leaf, protocols, made);
            current = known;
        }
        known.held.context.retain();
        return known.held;
    }

    /** Lets the context go; it lives for as long as its connections do. */
    synchronized void release() {
        Current known = current;
        current = null;
        if (known != null) {
            known.held.context.release();
        }
    }
}
