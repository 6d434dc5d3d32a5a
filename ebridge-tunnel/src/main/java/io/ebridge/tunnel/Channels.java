package io.ebridge.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;

/** What the bridge does to single channels. */
final class Channels {
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(1);

    private Channels() {}

    /** Closes a channel so that its peer can tell it from an end in good order, where the transport can say so. */
    static void reset(Channel channel) {
        if (channel.isOpen()) {
            try {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            } catch (ChannelException | UnsupportedOperationException e) {
                // A transport without linger, or a descriptor that is gone: closing is all there is.
                Events.log(System.Logger.Level.TRACE, "No reset on " + channel, e);
            }
        }
        channel.close();
    }

    /**
     * Ends the output of a channel on which nothing waits to be written and nothing will be. Where there is a socket, without Netty,
     * which makes an exception each time, stack trace and all, for writes that might wait.
     */
    static void endOutput(DuplexChannel channel, Runnable onFailure) {
        if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
            try {
                socket.shutdown(false, true);
            } catch (IOException | NotYetConnectedException e) {
                onFailure.run();
            }
            return;
        }
        channel.shutdownOutput().addListener(shut -> {
            if (!shut.isSuccess()) {
                onFailure.run();
            }
        });
    }

    /**
     * Whether the peer is gone for good, which a channel whose input has ended does not notice by itself: a write of no
     * bytes fails then. Where a transport cannot be asked, whether the channel is closed.
     */
    static boolean dead(Channel channel) {
        if (!channel.isOpen()) {
            return true;
        }
        if (channel instanceof UnixChannel unix) {
            try {
                unix.fd().write(NOTHING.duplicate(), 0, 0);
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }
}
