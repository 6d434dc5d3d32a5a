package io.ebridge.samples.notes;

import io.ebridge.kv.remote.HostStoreServer;
import io.ebridge.kv.remote.HostStream;
import io.ebridge.kv.rocksdb.RocksHostStore;
import io.ebridge.samples.support.Termination;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.IngressPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/** The service beside the enclave: carries its traffic and keeps its records, which it cannot read. */
final class NotesHost {
    /** The VSOCK port of the store. */
    static final long STORE_PORT = 5900;

    private NotesHost() {}

    static void run(Options options) throws Exception {
        Termination termination = new Termination();
        InetSocketAddress public_ = new InetSocketAddress(InetAddress.getLoopbackAddress(), options.port());
        try (RocksHostStore store = RocksHostStore.open(options.data());
                HostBridge bridge = HostBridge.builder()
                        .transport(options.meeting().hostTransport())
                        .acceptFrom(options.meeting().cid())
                        .ingress(IngressPolicy.builder().map(8080, public_).build())
                        .listener(NotesHost::tell)
                        .start()) {
            HostStoreServer server =
                    HostStoreServer.builder().store("notes", store).build();
            bridge.service(
                    STORE_PORT,
                    (stream, enclave) ->
                            server.serve(HostStream.of(stream.inputStream(), stream.outputStream(), stream::close)));
            System.out.println("waiting for the enclave; then: curl -X PUT --data 'text' http://localhost:"
                    + options.port() + "/notes/name");
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
        }
    }
}
