package io.ebridge.tunnel;

import io.netty.channel.Channel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The connections of one tunnel: admitted under its limit and the bridge's, counted, and cut together. */
final class Links {
    private final BridgeEvent.Tunnel tunnel;
    private final int max;
    private final Gate gate;
    private final Events events;
    private final DataPath path;
    private final DataPath.Timeouts timeouts;
    private final AtomicInteger count = new AtomicInteger();
    private final Set<Link> live = ConcurrentHashMap.newKeySet();
    private volatile @Nullable BridgeReason closed;

    Links(BridgeEvent.Tunnel tunnel, int max, Gate gate, Events events, DataPath path, DataPath.Timeouts timeouts) {
        this.tunnel = tunnel;
        this.max = max;
        this.gate = gate;
        this.events = events;
        this.path = path;
        this.timeouts = timeouts;
    }

    BridgeEvent.Tunnel tunnel() {
        return tunnel;
    }

    Events events() {
        return events;
    }

    DataPath path() {
        return path;
    }

    DataPath.Timeouts timeouts() {
        return timeouts;
    }

    /** Admits a connection that was accepted, or resets it and returns null. */
    @Nullable Link admit(Channel front) {
        BridgeReason refusal = closed;
        if (refusal == null && !enter()) {
            refusal = BridgeReason.LIMIT_REACHED;
        }
        if (refusal != null) {
            refuse(front, refusal, "not admitted");
            return null;
        }
        Link link = new Link(this, front);
        live.add(link);
        BridgeReason since = closed;
        if (since != null) {
            link.cut(since);
        }
        return link;
    }

    void refuse(Channel front, BridgeReason reason, String detail) {
        events.refused(tunnel, reason, detail);
        Channels.reset(front);
    }

    /** Admits nothing more. What is open goes on. */
    void close(BridgeReason reason) {
        closed = reason;
    }

    /** Admits nothing more and cuts what is open. */
    void cutAll(BridgeReason reason) {
        close(reason);
        for (Link link : List.copyOf(live)) {
            link.cut(reason);
        }
    }

    private boolean enter() {
        if (count.incrementAndGet() > max) {
            count.decrementAndGet();
            return false;
        }
        if (!gate.enter()) {
            count.decrementAndGet();
            return false;
        }
        return true;
    }

    void left(Link link) {
        if (live.remove(link)) {
            count.decrementAndGet();
            gate.leave();
        }
    }
}
