package io.ebridge.tunnel;

/**
 * Learns what the bridge does: the one place for metrics, access logs and alarms.
 *
 * <p>Called on the bridge's own event loops and threads, by several at a time: an implementation must be thread-safe and
 * must not block. Events of one connection come in order. An exception is logged once and otherwise ignored.
 */
@FunctionalInterface
public interface BridgeListener {
    /**
     * Takes notice of an event.
     *
     * @param event what happened
     */
    void onEvent(BridgeEvent event);

    /**
     * {@return a listener that tells two, first this one}
     *
     * @param next the second
     */
    default BridgeListener andThen(BridgeListener next) {
        return event -> {
            onEvent(event);
            next.onEvent(event);
        };
    }
}
