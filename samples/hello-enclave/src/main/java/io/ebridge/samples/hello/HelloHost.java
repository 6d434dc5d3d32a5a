package io.ebridge.samples.hello;

import io.ebridge.protocol.Environment;
import io.ebridge.samples.support.Termination;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.EgressPolicy;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.IngressPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/** The service beside the enclave: it carries the enclave's traffic, as far as its policies go. */
final class HelloHost {
    private HelloHost() {}

    static void run(Options options) throws Exception {
        Termination termination = new Termination();
        InetSocketAddress public_ = new InetSocketAddress(InetAddress.getLoopbackAddress(), options.port());
        try (HostBridge bridge = HostBridge.builder()
                .transport(options.meeting().hostTransport())
                .acceptFrom(options.meeting().cid())
                .environment(Environment.allow("HELLO_"))
                .ingress(IngressPolicy.builder().map(8080, public_).build())
                .egress(EgressPolicy.allow(options.allowed().toArray(String[]::new)))
                .log(line -> System.out.println(
                        "log of " + line.appName() + ": " + line.line().text()))
                .listener(HelloHost::tell)
                .start()) {
            System.out.println("waiting for the enclave; then: curl http://localhost:" + options.port() + "/");
            termination.await();
            bridge.close(Duration.ofSeconds(10));
        }
        System.out.println("drained");
        termination.finished();
    }

    private static void tell(BridgeEvent event) {
        if (event instanceof BridgeEvent.Bridged bridged) {
            System.out.println("bridged: " + bridged.appName());
        } else if (event instanceof BridgeEvent.Lost lost) {
            System.out.println("lost the enclave: " + lost.reason());
        } else if (event instanceof BridgeEvent.Refused refused) {
            System.out.println("refused: " + refused.reason() + ", " + refused.detail());
        }
    }
}
