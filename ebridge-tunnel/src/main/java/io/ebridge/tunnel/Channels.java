package io.ebridge.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannelConfig;

/** What the bridge does to single channels. */
final class Channels {
    private Channels() {}

    /** Closes a channel so that its peer can tell it from an end in good order, where the transport can say so. */
    static void reset(Channel channel) {
        if (channel.isOpen() && channel.config() instanceof SocketChannelConfig config) {
            try {
                config.setSoLinger(0);
            } catch (ChannelException | UnsupportedOperationException e) {
                // A transport without linger, or a descriptor that is gone: closing is all there is.
                Events.log(System.Logger.Level.TRACE, "No reset on " + channel, e);
            }
        }
        channel.close();
    }

    /** Whether nothing can move on a channel any more, although it has not told so. */
    static boolean dead(Channel channel) {
        return !channel.isOpen();
    }
}
