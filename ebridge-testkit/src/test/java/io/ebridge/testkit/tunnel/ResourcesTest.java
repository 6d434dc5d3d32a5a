package io.ebridge.testkit.tunnel;

import static io.ebridge.testkit.tunnel.TunnelRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.testkit.transport.LimitedJvm;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.EgressPolicy;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.TunnelLimits;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever peers did: afterwards threads, descriptors and memory are where they were. */
@Timeout(120)
class ResourcesTest {

    /** What a process holds that a leak would show in. */
    private record Held(int descriptors, Set<String> threads, long directBytes) {
        static Held now() {
            return new Held(openDescriptors(), threadNames(), direct());
        }

        /** Sockets, pollers and pipes; jars are opened by class loading whenever it likes. */
        private static int openDescriptors() {
            File[] all = new File("/proc/self/fd").listFiles();
            int count = 0;
            for (File one : all == null ? new File[0] : all) {
                try {
                    count += Files.readSymbolicLink(one.toPath()).toString().matches("(socket|anon_inode|pipe):.*")
                            ? 1
                            : 0;
                } catch (IOException e) {
                    // Closed meanwhile.
                    count += 0;
                }
            }
            return count;
        }

        private static Set<String> threadNames() {
            return Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .filter(name -> name.contains("ebridge") || name.contains("vsock"))
                    .collect(Collectors.toSet());
        }

        private static long direct() {
            return io.netty.util.internal.PlatformDependent.usedDirectMemory();
        }
    }

    private static void returnsTo(Held before) {
        TunnelRig.await("no thread of a bridge", () -> Held.threadNames().equals(before.threads()));
        // The JDK opens a few on first need and keeps them; a leak in what the tests repeat is more than that.
        TunnelRig.await("the descriptors to be closed", () -> {
            System.gc();
            return Held.openDescriptors() <= before.descriptors() + 3;
        });
    }

    private void warmUp() throws Exception {
        // Class loading, the pollers of the JDK and Netty's globals open things once and for all.
        try (TunnelRig rig = new TunnelRig();
                TcpServer echo = TcpServer.echo()) {
            HostBridge host = rig.host(b -> b);
            EnclaveBridge enclave = rig.enclave(c -> c.serve(5001, 8080).outbound(5002));
            enclave.expose(5001, echo.address());
            enclave.proxy();
            InetSocketAddress address = TunnelRig.listening(host.awaitEnclave(PATIENCE));
            exchange(address);
        }
    }

    private static void exchange(InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(1);
            if (socket.getInputStream().read() != 1) {
                throw new IOException("no echo");
            }
        }
    }

    @Test
    void aBridgeThatIsClosedLeavesNothing() throws Exception {
        warmUp();
        Held before = Held.now();
        for (int i = 0; i < 10; i++) {
            warmUp();
        }
        returnsTo(before);
        assertThat(Held.direct()).isLessThan(before.directBytes() + (16 << 20));
    }

    @Test
    void tenThousandConnectionsOpenedAndCutLeaveNothing() throws Exception {
        warmUp();
        Held before = Held.now();
        try (TunnelRig rig = new TunnelRig();
                TcpServer echo = TcpServer.echo()) {
            LongAdder opened = new LongAdder();
            LongAdder ended = new LongAdder();
            HostBridge host = rig.closing(rig.hostBuilder()
                    .listener(event -> {
                        if (event instanceof BridgeEvent.Opened) {
                            opened.increment();
                        } else if (event instanceof BridgeEvent.Closed) {
                            ended.increment();
                        }
                        rig.hostEvents.clear();
                    })
                    .start());
            EnclaveBridge enclave = rig.enclave(c -> c.serve(5001, 8080));
            enclave.expose(5001, echo.address());
            InetSocketAddress address = TunnelRig.listening(host.awaitEnclave(PATIENCE));
            for (int i = 0; i < 10_000; i++) {
                Socket socket = new Socket(address.getAddress(), address.getPort());
                try (socket) {
                    if (i % 3 != 0) {
                        socket.getOutputStream().write(i);
                    }
                    socket.setSoLinger(i % 2 == 0, 0);
                } catch (SocketException e) {
                    // On a busy machine the limit on connections is reached, and the host resets what is beyond it.
                    assertThat(e).hasMessageContaining("reset");
                }
                rig.enclaveEvents.clear();
            }
            TunnelRig.await("all to end", () -> opened.sum() == ended.sum());
            exchange(address);
        }
        returnsTo(before);
        assertThat(Held.direct()).isLessThan(before.directBytes() + (16 << 20));
    }

    @Test
    void manyReadersThatStopHoldBoundedMemory() throws Exception {
        warmUp();
        Held before = Held.now();
        long peak;
        try (TunnelRig rig = new TunnelRig();
                TcpServer flood = new TcpServer(socket -> {
                    byte[] block = new byte[64 * 1024];
                    while (!socket.isClosed()) {
                        socket.getOutputStream().write(block);
                    }
                })) {
            HostBridge host = rig.host(b ->
                    b.limits(TunnelLimits.builder().maxConnectionsPerTunnel(64).build()));
            EnclaveBridge enclave = rig.enclave(c -> c.serve(5001, 8080));
            enclave.expose(5001, flood.address());
            InetSocketAddress address = TunnelRig.listening(host.awaitEnclave(PATIENCE));
            List<Socket> stopped = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                stopped.add(rig.closing(new Socket(address.getAddress(), address.getPort())));
            }
            AtomicLong last = new AtomicLong(-1);
            TunnelRig.await("everything to stand still", () -> {
                long moved = rig.hostEvents.stream()
                        .filter(BridgeEvent.Transferred.class::isInstance)
                        .mapToLong(e -> ((BridgeEvent.Transferred) e).outward())
                        .sum();
                boolean still = moved > 0 && last.getAndSet(moved) == moved;
                java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1200));
                return still;
            });
            peak = Held.direct() - before.directBytes();
            // Two relays, 64 connections each, one direction that stands still.
            assertThat(peak).isLessThan(2 * 64 * 512 * 1024L + (32 << 20));
        }
        returnsTo(before);
    }

    @Test
    @Tag("soak")
    @Timeout(1800)
    void aMillionShortConnectionsLeaveNothing() throws Exception {
        warmUp();
        Held before = Held.now();
        ExecutorService clients = Executors.newFixedThreadPool(16);
        try (TunnelRig rig = new TunnelRig();
                TcpServer echo = TcpServer.echo()) {
            HostBridge host = rig.closing(
                    rig.hostBuilder().listener(e -> rig.hostEvents.clear()).start());
            EnclaveBridge enclave = rig.closing(rig.enclaveBuilder()
                    .listener(e -> rig.enclaveEvents.clear())
                    .connect(env -> io.ebridge.protocol.BridgeConfig.builder("soak")
                            .serve(5001, 8080)
                            .build()));
            enclave.expose(5001, echo.address());
            InetSocketAddress address = TunnelRig.listening(host.awaitEnclave(PATIENCE));
            List<Future<Integer>> running = new ArrayList<>();
            for (int c = 0; c < 16; c++) {
                running.add(clients.submit(() -> {
                    int failed = 0;
                    for (int i = 0; i < 1_000_000 / 16; i++) {
                        try {
                            exchange(address);
                        } catch (IOException e) {
                            failed++;
                        }
                    }
                    return failed;
                }));
            }
            for (Future<Integer> client : running) {
                assertThat(client.get()).isZero();
            }
        } finally {
            clients.shutdownNow();
        }
        returnsTo(before);
        assertThat(Held.direct()).isLessThan(before.directBytes() + (16 << 20));
    }

    /** A process of its own that runs out of descriptors, says so, and serves again when they are back. */
    @Test
    void descriptorExhaustionIsSurvived() throws Exception {
        assertThat(LimitedJvm.run(ExhaustedHost.class, 160)).contains("EXHAUSTED AND BACK");
    }

    /** Runs in the child: host and enclave in one process with 160 descriptors. */
    static final class ExhaustedHost {
        public static void main(String[] args) throws Exception {
            warm();
            try (TunnelRig rig = new TunnelRig();
                    TcpServer echo = TcpServer.echo()) {
                Set<BridgeReason> reasons = ConcurrentHashMap.newKeySet();
                HostBridge host = rig.host(b -> b.egress(EgressPolicy.denyAll()).listener(event -> {
                    if (event instanceof BridgeEvent.AcceptPaused paused) {
                        reasons.add(paused.reason());
                    } else if (event instanceof BridgeEvent.Refused refused) {
                        reasons.add(refused.reason());
                    }
                }));
                EnclaveBridge enclave = rig.enclave(c -> c.serve(5001, 8080));
                enclave.expose(5001, echo.address());
                InetSocketAddress address = TunnelRig.listening(host.awaitEnclave(PATIENCE));
                List<Socket> hoard = new ArrayList<>();
                try {
                    while (hoard.size() < 400) {
                        Socket socket = new Socket();
                        hoard.add(socket);
                        socket.connect(address, 2000);
                    }
                } catch (IOException e) {
                    // This process has no more descriptors, as intended.
                    if (hoard.size() < 10) {
                        throw e;
                    }
                }
                TunnelRig.await("exhaustion to be noticed", () -> reasons.contains(BridgeReason.DESCRIPTORS_EXHAUSTED));
                for (Socket socket : hoard) {
                    socket.close();
                }
                TunnelRig.await("service", () -> {
                    try {
                        exchange(address);
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                });
                host.close(Duration.ZERO);
            }
            System.out.println("EXHAUSTED AND BACK");
            System.exit(0);
        }

        private static void warm() throws Exception {
            new ResourcesTest().warmUp();
        }
    }
}
