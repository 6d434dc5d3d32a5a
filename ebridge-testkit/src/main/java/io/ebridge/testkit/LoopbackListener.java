package io.ebridge.testkit;

import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.channel.ArrivalServer;
import io.netty.channel.Channel;

/** A listener on the network; runs on any event loop. */
final class LoopbackListener extends ArrivalServer {
    private final LoopbackTransport machine;

    LoopbackListener(LoopbackTransport machine) {
        this.machine = machine;
    }

    /** Brings a stream for which a place has been reserved. */
    void arrive(Link link) {
        arrive(new Arrival() {
            @Override
            public Channel accept(Channel parent) {
                return new LoopbackChannel((LoopbackListener) parent, link);
            }

            @Override
            public void refuse() {
                link.reset();
                link.endClosed();
            }
        });
    }

    @Override
    protected VsockAddress bindTo(VsockAddress wanted) throws Exception {
        return machine.network().bind(machine, wanted, this);
    }

    @Override
    protected void unbind(VsockAddress bound) {
        machine.network().unbind(bound, this);
    }
}
