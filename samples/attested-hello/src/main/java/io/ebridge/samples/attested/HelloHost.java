package io.ebridge.samples.attested;

import io.ebridge.samples.support.Termination;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.IngressPolicy;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.Vsock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/** The host: it carries bytes and has neither keys nor plaintext. */
final class HelloHost {
    private HelloHost() {}

    static void run(Path socket, int[] ports) throws Exception {
        Termination termination = new Termination();
        IngressPolicy.Builder ingress = IngressPolicy.builder();
        for (Variant variant : Variant.values()) {
            ingress.map(
                    variant.claimedPort(),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[variant.ordinal()]));
        }
        try (HostBridge bridge = HostBridge.builder()
                .transport(Vsock.hybrid(socket))
                .acceptFrom(Cid.of(16))
                .ingress(ingress.build())
                .listener(event -> {
                    if (event instanceof BridgeEvent.Bridged bridged) {
                        System.out.println("bridged: " + bridged.appName());
                    }
                })
                .start()) {
            System.out.println("waiting for the enclave");
            termination.await();
            bridge.close(Duration.ofSeconds(10));
        }
        termination.finished();
    }
}
