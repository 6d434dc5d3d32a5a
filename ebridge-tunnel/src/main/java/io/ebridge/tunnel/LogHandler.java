package io.ebridge.tunnel;

import io.ebridge.protocol.LogLine;
import io.ebridge.protocol.LogLines;
import io.ebridge.vsock.Cid;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads the log of one enclave from one connection. */
final class LogHandler extends ChannelInboundHandlerAdapter {
    private static final int FLOOD = 32;
    private static final long SECOND = 1_000_000_000L;

    private final HostEngine engine;
    private final HostSession session;
    private final LogPump pump;
    private final LogLines lines;
    private final Level threshold;
    private final long floodBytes;
    private Level level = Level.INFO;
    private long secondBegan = System.nanoTime();
    private long bytesThisSecond;

    private LogHandler(HostEngine engine, HostSession session, LogPump pump) {
        this.engine = engine;
        this.session = session;
        this.pump = pump;
        this.lines = new LogLines(engine.settings().protocolLimits());
        this.threshold = session.config().logger().systemLevel().orElse(Level.ALL);
        this.floodBytes = (long) FLOOD * engine.settings().limits().logBytesPerSecond();
    }

    /** Takes a connection to the log port, if its CID is bridged and has not too many. */
    static void accepted(HostEngine engine, LogPump pump, Channel channel) {
        Cid cid = ClientPorts.peer(channel);
        BridgeEvent.Tunnel tunnel = new BridgeEvent.Tunnel(
                BridgeEvent.Kind.LOG, cid, engine.settings().logPort());
        HostSession session = engine.session(cid);
        if (session == null || !session.attach(channel)) {
            Channels.reset(channel);
            engine.events().refused(tunnel, BridgeReason.NOT_BRIDGED, "no bridge with this CID");
            return;
        }
        AtomicInteger open = session.logConnections();
        if (open.incrementAndGet() > engine.settings().limits().maxLogConnections()) {
            open.decrementAndGet();
            Channels.reset(channel);
            engine.events().refused(tunnel, BridgeReason.LIMIT_REACHED, "too many log connections");
            return;
        }
        channel.closeFuture().addListener(done -> open.decrementAndGet());
        channel.pipeline().addLast(new LogHandler(engine, session, pump));
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf data = (ByteBuf) message;
        try {
            throttle(context, data.readableBytes());
            ByteBuffer in = data.nioBuffer();
            while (in.hasRemaining()) {
                lines.receive(in).ifPresent(this::take);
            }
        } finally {
            data.release();
        }
    }

    /** Lines beyond the rate are dropped; but even dropping costs time, so a flood is no longer read until the second is over. */
    private void throttle(ChannelHandlerContext context, int bytes) {
        long now = System.nanoTime();
        if (now - secondBegan >= SECOND) {
            secondBegan = now;
            bytesThisSecond = 0;
        }
        bytesThisSecond += bytes;
        if (bytesThisSecond > floodBytes && context.channel().config().isAutoRead()) {
            context.channel().config().setAutoRead(false);
            context.executor()
                    .schedule(
                            () -> context.channel()
                                    .config()
                                    .setAutoRead(context.channel().isActive()),
                            SECOND - (now - secondBegan),
                            TimeUnit.NANOSECONDS);
        }
    }

    private void take(LogLine line) {
        if (line.part() == LogLine.Part.WHOLE || line.part() == LogLine.Part.FIRST) {
            level = LogLevels.find(line.text());
        }
        if (threshold == Level.OFF || level.getSeverity() < threshold.getSeverity()) {
            return;
        }
        if (session.admitLog(line.text().length())) {
            EnclaveLogLine attributed = new EnclaveLogLine(
                    session.cid(),
                    session.config().appName(),
                    engine.settings().clock().instant(),
                    level,
                    line);
            if (!pump.offer(attributed)) {
                session.logNotTaken();
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        lines.flush().ifPresent(this::take);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
