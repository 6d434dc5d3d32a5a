package io.ebridge.tunnel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Carries the bytes of a connected pair, both ways, until both directions have ended. The seam between the bridge, which
 * decides who may be connected with whom, and the way the bytes move: today by copying through one event loop, which another
 * way (splice) may replace for pairs that allow it.
 */
interface DataPath {
    /**
     * Takes over two connected channels. Both belong to one event loop, which is the caller's thread; from here on the path
     * owns them and closes them. What either has received already goes first.
     *
     * @return a way to end it early
     */
    Carried join(HeldEnd front, HeldEnd back, Timeouts timeouts, Observer observer);

    /** One end of a pair before it is joined: its hold, and whether its transport can end one direction alone. */
    record HeldEnd(HoldHandler hold, boolean halfClose) {}

    /** How long nothing may move before the pair is cut: in general, and once one direction has ended. */
    record Timeouts(Duration idle, Duration halfClosed) {}

    /** A pair that is being carried. */
    interface Carried {
        /** Resets both ends, from any thread; without effect once the pair has ended. */
        void cut(BridgeReason reason);
    }

    /** Is told, on the pair's event loop. */
    interface Observer {
        /** Bytes moved since the last call. */
        void moved(long inward, long outward);

        /** The pair has ended; both channels are closed or closing. Null means in good order. */
        void ended(long inward, long outward, @Nullable BridgeReason cut);
    }
}
