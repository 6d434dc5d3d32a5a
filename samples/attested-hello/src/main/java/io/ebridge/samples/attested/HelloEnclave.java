package io.ebridge.samples.attested;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.ebridge.protocol.BridgeConfig;
import io.ebridge.ratls.AttestedTls;
import io.ebridge.ratls.ServiceIdentity;
import io.ebridge.samples.support.Termination;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.Vsock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The service in the enclave: TLS ends here. */
final class HelloEnclave {
    static final byte[] CONFIGURATION = "{\"greeting\":\"Hello\"}".getBytes(StandardCharsets.UTF_8);

    private HelloEnclave() {}

    static void run(Path socket) throws Exception {
        Termination termination = new Termination();
        ExecutorService workers = Executors.newFixedThreadPool(16);
        List<HttpsServer> servers = new ArrayList<>();
        List<ServiceIdentity> identities = new ArrayList<>();
        BridgeConfig.Builder config = BridgeConfig.builder("attested-hello");
        for (Variant variant : Variant.values()) {
            config.serve(variant.vsockPort(), variant.claimedPort());
        }
        BridgeConfig settings = config.build();
        try (EnclaveBridge bridge = EnclaveBridge.builder()
                .transport(Vsock.hybridGuest(socket, Cid.of(16)))
                .ownCid(Cid.of(16))
                .connect(env -> settings)) {
            for (Variant variant : Variant.values()) {
                ServiceIdentity identity = ServiceIdentity.builder(variant.service(), variant.enclave())
                        .hostName("localhost")
                        .configuration("hello.config", CONFIGURATION)
                        .build();
                identities.add(identity);
                HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
                server.setExecutor(workers);
                server.setHttpsConfigurator(
                        new HttpsConfigurator(AttestedTls.server(identity).sslContext()));
                server.createContext("/", HelloEnclave::hello);
                server.start();
                servers.add(server);
                bridge.expose(variant.vsockPort(), server.getAddress());
            }
            System.out.println("serving");
            termination.await();
            servers.forEach(server -> server.stop(0));
            bridge.close(Duration.ofSeconds(10));
        }
        identities.forEach(ServiceIdentity::close);
        workers.shutdownNow();
        termination.finished();
    }

    private static void hello(HttpExchange exchange) throws IOException {
        byte[] body = "Hello from the attested enclave!\n".getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
