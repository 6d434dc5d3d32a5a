package io.ebridge.ratls.tls;

import io.netty.internal.tcnative.KeyLogCallback;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Gives each of the connections of one context the lines that are its own. What nobody waits for is zeroed. */
final class KeyLogs implements KeyLogCallback {

    /** By the address of BoringSSL's structure, which may be another connection's once this one's was freed. */
    private final Map<Long, KeyLog> logs = new ConcurrentHashMap<>();

    /** To be called before the connection's handshake; it is forgotten when the log is discarded. */
    void add(long ssl, KeyLog log) {
        logs.put(ssl, log);
        log.whenDiscarded(() -> logs.remove(ssl, log));
    }

    @Override
    public void handle(long ssl, byte[] line) {
        KeyLog log = logs.get(ssl);
        if (log == null) {
            Arrays.fill(line, (byte) 0);
        } else {
            log.handle(ssl, line);
        }
    }
}
