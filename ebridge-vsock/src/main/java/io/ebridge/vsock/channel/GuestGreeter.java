package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockException;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Shakes hands with a stream in the moment in which it is accepted, if its CONNECT is there already, as it mostly is. The stream then
 * goes to its listener without ever having been on the switch's event loop. What does not come at once is left to {@link GuestHandshake}.
 */
final class GuestGreeter extends ChannelInboundHandlerAdapter {
    /** The part of the line that has been read, for {@link GuestHandshake} to go on with. */
    static final AttributeKey<ConnectLine> BEGUN = AttributeKey.valueOf(GuestGreeter.class, "begun");

    private static final System.Logger LOG = System.getLogger(GuestGreeter.class.getName());

    private final GuestSwitch guestSwitch;
    private final Route route;
    private final ByteBuffer in = ByteBuffer.allocateDirect(ConnectLine.LIMIT);
    private final ByteBuffer out = ByteBuffer.allocateDirect(OkLine.LIMIT);

    GuestGreeter(GuestSwitch guestSwitch, Route route) {
        this.guestSwitch = guestSwitch;
        this.route = route;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        EpollStream stream = (EpollStream) accepted;
        try {
            int length = stream.readNow(in.clear());
            if (length == 0) {
                ctx.fireChannelRead(stream);
            } else if (length < 0) {
                stream.unsafe().closeForcibly();
            } else {
                in.limit(length);
                greet(ctx, stream);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "not a hybrid VSOCK client: {0}", e.getMessage());
            stream.unsafe().closeForcibly();
        }
    }

    private void greet(ChannelHandlerContext ctx, EpollStream stream) throws IOException {
        ConnectLine line = new ConnectLine();
        boolean complete = false;
        while (!complete && in.hasRemaining()) {
            complete = line.accept(in.get());
        }
        if (!complete) {
            stream.attr(BEGUN).set(line);
            ctx.fireChannelRead(stream);
            return;
        }
        GuestListener listener = guestSwitch.listener(line.port());
        if (listener == null) {
            stream.unsafe().closeForcibly();
            return;
        }
        var host = guestSwitch.hostAddress();
        out.clear()
                .put(("OK " + host.port() + "\n").getBytes(StandardCharsets.US_ASCII))
                .flip();
        if (!stream.writeNow(out)) {
            throw new VsockException(VsockException.Reason.OTHER, "the OK does not fit", host);
        }
        if (in.hasRemaining()) {
            // A client that does not wait for the OK.
            stream.pipeline().addFirst(ConnectHandler.holding(Unpooled.copiedBuffer(in), route));
        }
        listener.bring(stream.arrival(guestSwitch.localAddress(line.port()), host));
    }
}
