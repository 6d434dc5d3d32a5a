package io.ebridge.tunnel;

import io.ebridge.protocol.Target;
import io.ebridge.protocol.TargetLineServer;
import io.ebridge.vsock.Cid;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** Reads the target line of a client tunnel's connection, then has the target dialled and relayed. */
final class TargetLineHandler extends MachineHandler<Target> {
    private final HostEngine engine;
    private final Link link;
    private final Cid enclave;
    private final TargetLineServer machine;
    private @Nullable Target target;

    TargetLineHandler(HostEngine engine, Link link, Cid enclave) {
        this(engine, link, enclave, TargetLineServer.start(engine.settings().protocolLimits(), System.nanoTime()));
    }

    private TargetLineHandler(HostEngine engine, Link link, Cid enclave, TargetLineServer machine) {
        super(machine);
        this.engine = engine;
        this.link = link;
        this.enclave = enclave;
        this.machine = machine;
        // The end of the stream in place of the acknowledgement is how the wire format says no.
        link.farewell((channel, reason) -> channel.close());
    }

    @Override
    void onEvent(Target named) {
        target = named;
    }

    @Override
    void onDone(ByteBuf rest) {
        Channel channel = context().channel();
        channel.config().setAutoRead(false);
        HoldHandler hold = new HoldHandler();
        channel.pipeline().addLast(hold);
        hold.hold(rest);
        Target wanted = target;
        if (wanted == null) {
            link.fail(BridgeReason.TARGET_MALFORMED, "no target");
            return;
        }
        link.relay(
                hold,
                engine.net().vsockHalfClose(),
                true,
                loop -> engine.dialer()
                        .dial(loop, enclave, wanted, engine.settings().egress(enclave)),
                (front, back) -> {
                    machine.connected();
                    flushOutput();
                    front.pipeline().remove(this);
                });
    }

    @Override
    void onFailure(Throwable cause) {
        link.fail(Reasons.of(cause), Reasons.detail(cause));
    }
}
