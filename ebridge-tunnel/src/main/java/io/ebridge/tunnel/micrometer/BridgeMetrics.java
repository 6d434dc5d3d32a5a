package io.ebridge.tunnel.micrometer;

import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeListener;
import io.ebridge.tunnel.BridgeReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a bridge tells into meters. Hand it to the builder of a {@link io.ebridge.tunnel.HostBridge} or an
 * {@link io.ebridge.tunnel.EnclaveBridge}; one may serve several. Never blocks.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>kind</th><th>tags</th></tr>
 *   <tr><td>{@code ebridge.bridged}</td><td>gauge: bridges that stand</td><td></td></tr>
 *   <tr><td>{@code ebridge.lost}</td><td>counter</td><td>{@code reason}</td></tr>
 *   <tr><td>{@code ebridge.handshakes.failed}</td><td>counter</td><td>{@code reason}</td></tr>
 *   <tr><td>{@code ebridge.heartbeats}</td><td>counter: received</td><td></td></tr>
 *   <tr><td>{@code ebridge.connections.open}</td><td>gauge</td><td>{@code kind}</td></tr>
 *   <tr><td>{@code ebridge.connections}</td><td>timer: how long they lasted</td><td>{@code kind}, {@code cut} (a reason or {@code none})</td></tr>
 *   <tr><td>{@code ebridge.connections.refused}</td><td>counter</td><td>{@code kind}, {@code reason}</td></tr>
 *   <tr><td>{@code ebridge.bytes}</td><td>counter</td><td>{@code kind}, {@code direction} ({@code in}: from the side that connected)</td></tr>
 *   <tr><td>{@code ebridge.accept.paused}</td><td>counter</td><td>{@code kind}, {@code reason}</td></tr>
 *   <tr><td>{@code ebridge.log.lines}</td><td>counter</td><td>{@code fate} ({@code delivered}, {@code dropped})</td></tr>
 * </table>
 *
 * <p>No tag holds anything that a peer chooses, so their number is bounded.
 */
public final class BridgeMetrics implements BridgeListener {
    private final MeterRegistry registry;
    private final AtomicInteger bridged;
    private final Map<BridgeEvent.Kind, AtomicInteger> open = new ConcurrentHashMap<>();

    /**
     * Creates the listener.
     *
     * @param registry where the meters go
     */
    @SuppressWarnings(
            "exports") // Whoever calls this requires Micrometer anyway; all others shall not need it to compile.
    public BridgeMetrics(MeterRegistry registry) {
        this.registry = Objects.requireNonNull(registry, "registry");
        this.bridged = registry.gauge("ebridge.bridged", new AtomicInteger());
    }

    @Override
    public void onEvent(BridgeEvent event) {
        if (event instanceof BridgeEvent.Transferred moved) {
            bytes(moved.tunnel().kind(), "in", moved.inward());
            bytes(moved.tunnel().kind(), "out", moved.outward());
        } else if (event instanceof BridgeEvent.Opened opened) {
            openOf(opened.tunnel().kind()).incrementAndGet();
        } else if (event instanceof BridgeEvent.Closed closed) {
            openOf(closed.tunnel().kind()).decrementAndGet();
            Timer.builder("ebridge.connections")
                    .tags(kind(closed.tunnel().kind()).and("cut", name(closed.cut())))
                    .register(registry)
                    .record(closed.lasted());
        } else if (event instanceof BridgeEvent.Refused refused) {
            count(
                    "ebridge.connections.refused",
                    kind(refused.tunnel().kind()).and("reason", name(refused.reason())),
                    1);
        } else if (event instanceof BridgeEvent.AcceptPaused paused) {
            count("ebridge.accept.paused", kind(paused.tunnel().kind()).and("reason", name(paused.reason())), 1);
        } else if (event instanceof BridgeEvent.Heartbeat) {
            count("ebridge.heartbeats", Tags.empty(), 1);
        } else if (event instanceof BridgeEvent.Bridged) {
            bridged.incrementAndGet();
        } else if (event instanceof BridgeEvent.Lost lost) {
            bridged.decrementAndGet();
            count("ebridge.lost", Tags.of("reason", name(lost.reason())), 1);
        } else if (event instanceof BridgeEvent.HandshakeFailed failed) {
            count("ebridge.handshakes.failed", Tags.of("reason", name(failed.reason())), 1);
        } else if (event instanceof BridgeEvent.LogLines lines) {
            count("ebridge.log.lines", Tags.of("fate", "delivered"), lines.delivered());
            count("ebridge.log.lines", Tags.of("fate", "dropped"), lines.dropped());
        }
    }

    private void bytes(BridgeEvent.Kind kind, String direction, long count) {
        count("ebridge.bytes", kind(kind).and("direction", direction), count);
    }

    private void count(String meter, Tags tags, long count) {
        if (count != 0) {
            Counter.builder(meter).tags(tags).register(registry).increment(count);
        }
    }

    private AtomicInteger openOf(BridgeEvent.Kind kind) {
        return open.computeIfAbsent(
                kind, key -> registry.gauge("ebridge.connections.open", kind(key), new AtomicInteger()));
    }

    private static Tags kind(BridgeEvent.Kind kind) {
        return Tags.of("kind", kind.name().toLowerCase(java.util.Locale.ROOT));
    }

    private static String name(@Nullable BridgeReason reason) {
        return reason == null ? "none" : reason.name().toLowerCase(java.util.Locale.ROOT);
    }
}
