package io.ebridge.tunnel;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The data path that reads from one channel and writes to the other, on the event loop that both share. */
final class CopyPath implements DataPath {
    private final Map<EventLoop, RelaySweeper> sweepers = new ConcurrentHashMap<>();
    private final Duration tick;

    CopyPath(TunnelLimits limits) {
        Duration least = limits.idleTimeout().compareTo(limits.halfClosedTimeout()) < 0
                ? limits.idleTimeout()
                : limits.halfClosedTimeout();
        long millis = Math.min(250, Math.max(10, least.toMillis() / 4));
        this.tick = Duration.ofMillis(millis);
    }

    @Override
    public Carried join(HeldEnd front, HeldEnd back, Timeouts timeouts, Observer observer) {
        EventLoop loop = front.hold().context().channel().eventLoop();
        RelaySweeper sweeper = sweepers.computeIfAbsent(loop, key -> new RelaySweeper(key, tick));
        Relay relay = new Relay(front, back, timeouts, observer, sweeper);
        relay.start();
        return relay;
    }
}
