package io.ebridge.testkit.tunnel;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgedEnclave;
import io.ebridge.tunnel.EgressPolicy;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.EnclaveLogLine;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.IngressPolicy;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.VsockTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A host and an enclave over Unix sockets in a directory of their own, with everything recorded that they tell. */
final class TunnelRig implements AutoCloseable {
    static final Cid CID = Cid.of(16);
    static final Duration PATIENCE = Duration.ofSeconds(20);

    final Path directory;
    final List<BridgeEvent> hostEvents = new CopyOnWriteArrayList<>();
    final List<BridgeEvent> enclaveEvents = new CopyOnWriteArrayList<>();
    final List<EnclaveLogLine> log = new CopyOnWriteArrayList<>();
    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

    TunnelRig() throws IOException {
        directory = Files.createTempDirectory("rig");
    }

    VsockTransport hostTransport() {
        return Vsock.hybrid(directory.resolve("v"));
    }

    VsockTransport enclaveTransport() {
        return Vsock.hybridGuest(directory.resolve("v"), CID);
    }

    /** A builder that listens on loopback only and lets the enclave claim any free port. */
    HostBridge.Builder hostBuilder() {
        return HostBridge.builder()
                .transport(hostTransport())
                .acceptFrom(CID)
                .ingress(IngressPolicy.builder()
                        .map(8080, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .build())
                .egress(EgressPolicy.denyAll())
                .listener(hostEvents::add)
                .log(log::add);
    }

    HostBridge host(UnaryOperator<HostBridge.Builder> with) throws IOException {
        return closing(with.apply(hostBuilder()).start());
    }

    EnclaveBridge.Builder enclaveBuilder() {
        return EnclaveBridge.builder()
                .transport(enclaveTransport())
                .connectTimeout(PATIENCE)
                .listener(enclaveEvents::add);
    }

    EnclaveBridge enclave(Consumer<BridgeConfig.Builder> settings) throws IOException, InterruptedException {
        return closing(enclaveBuilder().connect(env -> {
            BridgeConfig.Builder builder = BridgeConfig.builder("rig");
            settings.accept(builder);
            return builder.build();
        }));
    }

    <T extends AutoCloseable> T closing(T resource) {
        toClose.push(resource);
        return resource;
    }

    static InetSocketAddress listening(BridgedEnclave enclave) {
        return enclave.listening().get(8080);
    }

    <E extends BridgeEvent> E awaitEvent(List<BridgeEvent> events, Class<E> type, Predicate<E> condition) {
        try {
            return await(type.getSimpleName(), () -> events.stream()
                    .filter(type::isInstance)
                    .map(type::cast)
                    .filter(condition)
                    .findFirst()
                    .orElse(null));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + " among " + List.copyOf(events), e);
        }
    }

    /** Polls until there is a value; fails after a deadline that no healthy run reaches. */
    static <T> T await(String what, Callable<T> value) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            T found;
            try {
                found = value.call();
            } catch (Exception e) {
                throw new AssertionError("Waiting for " + what, e);
            }
            if (found != null && !Boolean.FALSE.equals(found)) {
                return found;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Waited in vain for " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() throws Exception {
        while (!toClose.isEmpty()) {
            AutoCloseable resource = toClose.pop();
            if (resource instanceof HostBridge host) {
                host.close(Duration.ofSeconds(1));
            } else if (resource instanceof EnclaveBridge enclave) {
                enclave.close(Duration.ofSeconds(1));
            } else {
                resource.close();
            }
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
