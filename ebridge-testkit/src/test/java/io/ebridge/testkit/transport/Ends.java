package io.ebridge.testkit.transport;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.netty.NettyVsockTransport;

/** Two sides of a VSOCK for one test: who listens, under which CID the other side reaches it, and what it then reports as the peer's CID. */
record Ends(NettyVsockTransport server, Cid serverCid, NettyVsockTransport client, Cid clientCid, Cid unknownCid) {
    VsockAddress at(VsockAddress listening) {
        return new VsockAddress(serverCid, listening.port());
    }
}
