package io.ebridge.samples.benchmarks.relay;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.samples.support.Termination;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.IngressPolicy;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.Vsock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** One side of our relay pair: {@code host SOCKET PORT} or {@code enclave SOCKET PORT}, with one event loop as the peers have one worker. */
public final class RelaySide {
    private static final Cid CID = Cid.of(16);

    private RelaySide() {}

    /** Runs a side until it is told to end. */
    public static void main(String[] arguments) throws Exception {
        Path socket = Path.of(arguments[1]);
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[2]));
        Termination termination = new Termination();
        if (arguments[0].equals("host")) {
            try (HostBridge bridge = HostBridge.builder()
                    .transport(Vsock.hybrid(socket))
                    .acceptFrom(CID)
                    .ingress(IngressPolicy.builder().map(8080, address).build())
                    .eventLoops(1)
                    .start()) {
                bridge.awaitEnclave(java.time.Duration.ofMinutes(1));
                System.out.println("ready");
                termination.await();
            }
        } else {
            try (EnclaveBridge bridge = EnclaveBridge.builder()
                    .transport(Vsock.hybridGuest(socket, CID))
                    .eventLoops(1)
                    .connect(env ->
                            BridgeConfig.builder("benchmark").serve(5001, 8080).build())) {
                bridge.expose(5001, address);
                System.out.println("ready");
                termination.await();
            }
        }
        termination.finished();
    }
}
