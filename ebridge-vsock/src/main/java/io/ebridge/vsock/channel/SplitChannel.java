package io.ebridge.vsock.channel;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;

/** The ways to end one direction of a channel, or both, brought down to two. */
interface SplitChannel extends DuplexChannel {
    /** Ends the output, on the event loop. */
    void shutdownOutputOnLoop(ChannelPromise promise);

    /** Ends the input, on the event loop. */
    void shutdownInputOnLoop(ChannelPromise promise);

    @Override
    default boolean isShutdown() {
        return isInputShutdown() && isOutputShutdown();
    }

    @Override
    default ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    default ChannelFuture shutdownOutput(ChannelPromise promise) {
        Loops.run(eventLoop(), () -> shutdownOutputOnLoop(promise));
        return promise;
    }

    @Override
    default ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    default ChannelFuture shutdownInput(ChannelPromise promise) {
        Loops.run(eventLoop(), () -> shutdownInputOnLoop(promise));
        return promise;
    }

    @Override
    default ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    default ChannelFuture shutdown(ChannelPromise promise) {
        shutdownOutput().addListener(out -> shutdownInput().addListener(in -> {
            Throwable cause = out.isSuccess() ? in.cause() : out.cause();
            if (cause == null) {
                promise.setSuccess();
            } else {
                promise.setFailure(cause);
            }
        }));
        return promise;
    }
}
