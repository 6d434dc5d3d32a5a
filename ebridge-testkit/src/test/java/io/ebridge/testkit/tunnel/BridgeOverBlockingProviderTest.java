package io.ebridge.testkit.tunnel;

import io.ebridge.testkit.transport.PlainUnixTransport;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockTransport;

/** The whole bridge on a provider that knows nothing but blocking calls. */
class BridgeOverBlockingProviderTest extends BridgeEndToEndTest {
    @Override
    TunnelRig newRig() throws Exception {
        return new TunnelRig(directory -> new TunnelRig.Transports() {
            @Override
            public VsockTransport host() {
                return new PlainUnixTransport(directory, Cid.HOST, TunnelRig.CID);
            }

            @Override
            public VsockTransport enclave(Cid cid) {
                return new PlainUnixTransport(directory, cid, Cid.HOST);
            }
        });
    }
}
