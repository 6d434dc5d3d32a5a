package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.netty.channel.socket.DuplexChannel;

/** A stream whose addresses are given to it, because the socket below knows others or none. */
interface AddressedChannel extends DuplexChannel {
    void addresses(VsockAddress local, VsockAddress remote);
}
