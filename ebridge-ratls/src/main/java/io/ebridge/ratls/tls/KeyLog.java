package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.netty.internal.tcnative.KeyLogCallback;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What BoringSSL reports of one connection's secrets. Only the exporter's is looked at, and kept for {@link #export one derivation}; every line is
 * zeroed once it has been seen. It does not refer to the connection: native code may hold it for as long as the context lives.
 */
final class KeyLog implements KeyLogCallback {

    private byte @Nullable [] secret;
    private boolean broken;
    private boolean spent;
    private Runnable whenDiscarded = () -> {};

    /** Tells whoever keeps it that it has served. */
    synchronized void whenDiscarded(Runnable then) {
        whenDiscarded = then;
    }

    /** Called by native code, which would drop an exception: what is wrong shows when the value is asked for. */
    @Override
    public void handle(long ssl, byte[] line) {
        try {
            byte[] found = ExporterSecret.parse(line);
            if (found != null) {
                keep(found);
            }
        } catch (IllegalArgumentException e) {
            fail();
        } finally {
            Arrays.fill(line, (byte) 0);
        }
    }

    private synchronized void keep(byte[] found) {
        if (spent || secret != null) {
            // A connection has one.
            Arrays.fill(found, (byte) 0);
            broken = true;
        } else {
            secret = found;
        }
    }

    private synchronized void fail() {
        broken = true;
    }

    /** The exporter's value, once: the secret is zeroed. */
    synchronized byte[] export(String label, int length) throws AttestedTlsException {
        byte[] from = secret;
        if (from == null || broken) {
            discard();
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    spent
                            ? "the exporter's secret is gone: it serves one derivation"
                            : "the key log did not show one exporter secret for this connection");
        }
        try {
            return ExporterSecret.derive(from, label, length);
        } finally {
            discard();
        }
    }

    synchronized void discard() {
        byte[] from = secret;
        if (from != null) {
            Arrays.fill(from, (byte) 0);
        }
        secret = null;
        spent = true;
        whenDiscarded.run();
    }
}
