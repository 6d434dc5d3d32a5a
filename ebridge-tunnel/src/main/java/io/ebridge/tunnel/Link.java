package io.ebridge.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connection from the moment it is admitted: while its other end is being dialled, while it is relayed, until it ends.
 * Event loop only, except {@link #cut}.
 */
final class Link implements DataPath.Observer {
    private final Links links;
    private final Channel front;
    private @Nullable Future<HoldHandler> dialling;
    private DataPath.@Nullable Carried carried;
    private long opened;
    private boolean over;
    private BiConsumer<Channel, BridgeReason> farewell = (channel, reason) -> Channels.reset(channel);

    Link(Links links, Channel front) {
        this.links = links;
        this.front = front;
    }

    /** Says how the front is ended when it cannot be relayed; else it is reset. */
    void farewell(BiConsumer<Channel, BridgeReason> action) {
        farewell = action;
    }

    /** Says what to do with both ends once the other one is connected, before any byte is relayed. */
    interface Greeting {
        void greet(Channel front, Channel back);
    }

    /**
     * Dials the other end and relays.
     *
     * @param hold holds the front
     * @param dial dials; cancelling its future closes what it has opened
     */
    void relay(
            HoldHandler hold,
            boolean frontHalfClose,
            boolean backHalfClose,
            Function<EventLoop, Future<HoldHandler>> dial,
            Greeting greeting) {
        if (over) {
            return;
        }
        hold.onLost(reason -> fail(reason, "the peer left before it was connected"));
        if (hold.lost()) {
            fail(BridgeReason.PEER_CLOSED, "the peer left before it was connected");
            return;
        }
        Future<HoldHandler> future = dial.apply(front.eventLoop());
        dialling = future;
        future.addListener(done -> {
            dialling = null;
            if (!future.isSuccess()) {
                if (!over) {
                    Throwable cause = future.cause();
                    fail(Reasons.of(cause), Reasons.detail(cause));
                }
                return;
            }
            HoldHandler back = future.getNow();
            if (over) {
                Channels.reset(back.context().channel());
                return;
            }
            greeting.greet(front, back.context().channel());
            opened = System.nanoTime();
            links.events().tell(new BridgeEvent.Opened(links.tunnel()));
            DataPath.Carried pair = links.path()
                    .join(
                            new DataPath.HeldEnd(hold, frontHalfClose),
                            new DataPath.HeldEnd(back, backHalfClose),
                            links.timeouts(),
                            this);
            carried = pair;
        });
    }

    /** Ends this connection before it is relayed, and says why. */
    void fail(BridgeReason reason, String detail) {
        if (over || carried != null) {
            return;
        }
        over = true;
        Future<HoldHandler> future = dialling;
        if (future != null) {
            future.cancel(false);
        }
        links.left(this);
        links.events().refused(links.tunnel(), reason, detail);
        farewell.accept(front, reason);
    }

    /** Cuts this connection, whatever it is doing; any thread. */
    void cut(BridgeReason reason) {
        if (!front.eventLoop().inEventLoop()) {
            try {
                front.eventLoop().execute(() -> cut(reason));
            } catch (RejectedExecutionException e) {
                Events.log(System.Logger.Level.TRACE, "A connection outlived its event loop", e);
            }
            return;
        }
        DataPath.Carried pair = carried;
        if (pair != null) {
            pair.cut(reason);
        } else {
            fail(reason, "cut before it was connected");
        }
    }

    static Greeting noGreeting() {
        return (front, back) -> {};
    }

    /** Sends a buffer to the end that was dialled. */
    static Greeting toBack(Function<Channel, ByteBuf> header) {
        return (front, back) -> back.writeAndFlush(header.apply(front), back.voidPromise());
    }

    @Override
    public void moved(long inward, long outward) {
        links.events().tell(new BridgeEvent.Transferred(links.tunnel(), inward, outward));
    }

    @Override
    public void ended(long inward, long outward, @Nullable BridgeReason cut) {
        over = true;
        links.left(this);
        Duration lasted = Duration.ofNanos(System.nanoTime() - opened);
        links.events().tell(new BridgeEvent.Closed(links.tunnel(), inward, outward, lasted, cut));
    }
}
