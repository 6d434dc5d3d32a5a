package io.ebridge.vsock.netty;

import io.ebridge.vsock.VsockStream;
import io.netty.channel.socket.DuplexChannel;

/** The blocking face of a channel that somebody else accepted or connected. */
public final class NettyVsockStreams {
    private NettyVsockStreams() {}

    /**
     * Makes a blocking stream of a channel. From then on the channel belongs to the stream: auto-read is off, everything that arrives is kept (at most about 256 KiB before reading stops), and closing the stream closes the channel.
     * Call it on the channel's event loop, before anything was read, with {@code ALLOW_HALF_CLOSURE} set; handlers in front of it may transform the bytes.
     *
     * @param channel an open channel whose pipeline delivers {@code ByteBuf}s
     * @return the stream; its methods must not be called on the event loop
     * @throws IllegalStateException if this is not the channel's event loop
     */
    public static VsockStream wrap(DuplexChannel channel) {
        if (!channel.eventLoop().inEventLoop()) {
            throw new IllegalStateException("call it on the channel's event loop");
        }
        channel.config().setAutoRead(false);
        BlockingStream stream = new BlockingStream(channel, () -> {});
        channel.pipeline().addLast(stream);
        return stream;
    }
}
