package io.ebridge.tunnel;

import io.ebridge.protocol.Limits;
import io.ebridge.protocol.Target;
import io.ebridge.protocol.TargetLineClient;
import io.ebridge.vsock.VsockAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;

/** Dials a target from inside the enclave, through a client tunnel of the host. */
final class OutboundDialer {
    private final Net net;
    private final Limits limits;
    private final Duration timeout;

    OutboundDialer(Net net, Limits limits, Duration timeout) {
        this.net = net;
        this.limits = limits;
        this.timeout = timeout;
    }

    Future<HoldHandler> dial(EventLoop loop, VsockAddress tunnel, Target target) {
        Promise<HoldHandler> promise = loop.newPromise();
        Future<HoldHandler> connected = net.dialVsock(loop, tunnel, timeout);
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(done.cause());
                return;
            }
            HoldHandler hold = connected.getNow();
            Channel channel = hold.context().channel();
            TargetLineClient machine;
            try {
                machine = TargetLineClient.start(target, limits, System.nanoTime());
            } catch (IllegalArgumentException e) {
                channel.close();
                promise.tryFailure(new BridgeException(BridgeReason.TARGET_MALFORMED, Reasons.detail(e), e));
                return;
            }
            ChannelPipeline pipeline = channel.pipeline();
            pipeline.addBefore(hold.context().name(), null, new Asking(machine, hold, promise));
        });
        promise.addListener(done -> {
            if (!done.isSuccess()) {
                connected.cancel(false);
                if (connected.isSuccess()) {
                    connected.getNow().context().channel().close();
                }
            }
        });
        return promise;
    }

    /** Sends the target line and waits for the answer; what comes behind it goes to the hold. */
    private static final class Asking extends MachineHandler<Target> {
        private final HoldHandler hold;
        private final Promise<HoldHandler> promise;

        Asking(TargetLineClient machine, HoldHandler hold, Promise<HoldHandler> promise) {
            super(machine);
            this.hold = hold;
            this.promise = promise;
        }

        @Override
        void onEvent(Target target) {
            context().channel().config().setAutoRead(false);
        }

        @Override
        void onDone(ByteBuf rest) {
            hold.hold(rest);
            if (promise.trySuccess(hold)) {
                context().pipeline().remove(this);
            } else {
                Channels.reset(context().channel());
            }
        }

        @Override
        void onFailure(Throwable cause) {
            promise.tryFailure(cause);
        }
    }
}
