package io.ebridge.testkit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.testkit.LoopbackNetwork;
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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A host and its enclaves, over Unix sockets in a directory of their own unless something else is given, with everything recorded that they tell. */
final class TunnelRig implements AutoCloseable {
    static final Cid CID = Cid.of(16);
    static final Duration PATIENCE = Duration.ofSeconds(20);

    final Path directory;
    final List<BridgeEvent> hostEvents = new CopyOnWriteArrayList<>();
    final List<BridgeEvent> enclaveEvents = new CopyOnWriteArrayList<>();
    final List<EnclaveLogLine> log = new CopyOnWriteArrayList<>();
    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
    private final Transports transports;
    /** Netty says here what reached the end of a pipeline and was nobody's. */
    private final LogCapture unhandled = new LogCapture("io.netty.channel.DefaultChannelPipeline");

    /** What carries the two sides; asked for anew whenever a side starts. */
    interface Transports {
        VsockTransport host();

        VsockTransport enclave(Cid cid);
    }

    TunnelRig() throws IOException {
        directory = Files.createTempDirectory("rig");
        transports = new Transports() {
            @Override
            public VsockTransport host() {
                return Vsock.hybrid(directory.resolve("v"));
            }

            @Override
            public VsockTransport enclave(Cid cid) {
                return Vsock.hybridGuest(directory.resolve("v"), cid);
            }
        };
    }

    TunnelRig(Function<Path, Transports> transports) throws IOException {
        directory = Files.createTempDirectory("rig");
        this.transports = transports.apply(directory);
    }

    /** A rig on the testkit's network, on which nothing may be left when the rig is closed. */
    static TunnelRig onLoopback() throws IOException {
        LoopbackNetwork network = LoopbackNetwork.create();
        TunnelRig rig = new TunnelRig(directory -> new Transports() {
            @Override
            public VsockTransport host() {
                return network.host();
            }

            @Override
            public VsockTransport enclave(Cid cid) {
                return network.machine(cid);
            }
        });
        rig.closing(() -> {
            await("nothing left on the network: " + network.leftovers(), () -> network.leftovers()
                    .isEmpty());
            network.close();
        });
        return rig;
    }

    VsockTransport hostTransport() {
        return transports.host();
    }

    VsockTransport enclaveTransport() {
        return enclaveTransport(CID);
    }

    VsockTransport enclaveTransport(Cid cid) {
        return transports.enclave(cid);
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
        return enclaveBuilder(CID);
    }

    EnclaveBridge.Builder enclaveBuilder(Cid cid) {
        return EnclaveBridge.builder()
                .transport(transports.enclave(cid))
                .connectTimeout(PATIENCE)
                .listener(enclaveEvents::add);
    }

    EnclaveBridge enclave(Consumer<BridgeConfig.Builder> settings) throws IOException, InterruptedException {
        return enclave(CID, settings);
    }

    EnclaveBridge enclave(Cid cid, Consumer<BridgeConfig.Builder> settings) throws IOException, InterruptedException {
        return closing(enclaveBuilder(cid).connect(env -> {
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
        unhandled.close();
        assertThat(unhandled.messages)
                .as("what nobody handled")
                .noneMatch(message -> message.contains("exceptionCaught") || message.contains("tail"));
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
