package io.ebridge.tunnel;

import io.ebridge.vsock.Cid;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/** Tells the embedder's listener and the log; neither can hurt the caller. */
final class Events {
    private static final Logger LOG = System.getLogger(Events.class.getPackageName());

    private final BridgeListener listener;
    private final AtomicBoolean listenerFailed = new AtomicBoolean();
    private final PeerLog aboutPeers = new PeerLog(LOG, System::nanoTime);

    Events(BridgeListener listener) {
        this.listener = listener;
    }

    /** Loads now what will be needed when there is no descriptor left to load classes with. */
    static void loadForExhaustion() {
        BridgeEvent.Tunnel tunnel = new BridgeEvent.Tunnel(BridgeEvent.Kind.CONTROL, Cid.ANY, 0);
        Exception none = new BridgeException(BridgeReason.DESCRIPTORS_EXHAUSTED, "\u0000");
        String detail = Reasons.detail(none) + Channels.class.getName();
        Events nowhere = new Events(event -> {});
        nowhere.tell(new BridgeEvent.AcceptPaused(tunnel, Reasons.of(none), detail));
        nowhere.tell(new BridgeEvent.Refused(tunnel, Reasons.of(none), detail));
        nowhere.tell(new BridgeEvent.Closed(tunnel, 0, 0, java.time.Duration.ZERO, Reasons.of(none)));
    }

    void tell(BridgeEvent event) {
        try {
            listener.onEvent(event);
        } catch (RuntimeException e) {
            if (listenerFailed.compareAndSet(false, true)) {
                LOG.log(Level.WARNING, "The bridge listener throws; told once only", e);
            }
        }
    }

    void refused(BridgeEvent.Tunnel tunnel, BridgeReason reason, String detail) {
        LOG.log(Level.DEBUG, () -> tunnel + ": refused, " + reason + ": " + detail);
        tell(new BridgeEvent.Refused(tunnel, reason, detail));
    }

    void handshakeFailed(Cid peer, BridgeReason reason, String detail) {
        // Whoever is not accepted shares the room in the log with all others who are not.
        Cid about = reason == BridgeReason.CID_NOT_ALLOWED ? Cid.ANY : peer;
        aboutPeers.log(
                Level.WARNING, about, "Handshake with CID " + peer.value() + " failed, " + reason + ": " + detail);
        tell(new BridgeEvent.HandshakeFailed(peer, reason, detail));
    }

    /** Logs what an accepted peer has brought about, which it may do as often as it likes. */
    void logAbout(Cid peer, Level level, String message) {
        aboutPeers.log(level, peer, message);
    }

    /** Tells how much about peers was not logged, of the minutes that are over or of all. */
    void reportUnlogged(boolean all) {
        aboutPeers.report(all);
    }

    static void log(Level level, String message) {
        LOG.log(level, message);
    }

    static void log(Level level, String message, Throwable cause) {
        LOG.log(level, message, cause);
    }
}
