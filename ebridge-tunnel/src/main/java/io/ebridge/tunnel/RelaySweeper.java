package io.ebridge.tunnel;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Looks at all relays of one event loop every tick, in place of timers of their own: moving a byte then costs no
 * bookkeeping but a flag. Event loop only; runs only while there are relays.
 */
final class RelaySweeper {
    private final EventLoop loop;
    private final Duration tick;
    private final Set<Relay> relays = new LinkedHashSet<>();
    private boolean scheduled;

    RelaySweeper(EventLoop loop, Duration tick) {
        this.loop = loop;
        this.tick = tick;
    }

    void add(Relay relay) {
        relays.add(relay);
        schedule();
    }

    void remove(Relay relay) {
        relays.remove(relay);
    }

    private void schedule() {
        if (!scheduled && !relays.isEmpty() && !loop.isShuttingDown()) {
            scheduled = true;
            loop.schedule(this::sweep, tick.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void sweep() {
        scheduled = false;
        long now = System.nanoTime();
        for (Relay relay : List.copyOf(relays)) {
            try {
                relay.sweep(now);
            } catch (RuntimeException e) {
                // One pair that cannot be looked at must not leave the others unwatched.
                Events.log(System.Logger.Level.WARNING, "A pair is cut because it cannot be looked at", e);
                relay.cut(BridgeReason.RESET);
            }
        }
        schedule();
    }
}
