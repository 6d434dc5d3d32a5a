package io.ebridge.testkit.tunnel;

import static io.ebridge.testkit.tunnel.TunnelRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.BridgedEnclave;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.tunnel.TunnelLimits;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of the bytes and of the ends of connections, through two relays: TCP to Unix socket to TCP. */
@Timeout(120)
class RelayTest {
    private static final int MIB = 1 << 20;

    private TunnelRig rig;
    private ExecutorService threads;

    TunnelRig newRig() throws Exception {
        return new TunnelRig();
    }

    @BeforeEach
    void open() throws Exception {
        rig = newRig();
        threads = Executors.newCachedThreadPool();
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
        threads.shutdownNow();
        assertThat(threads.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    }

    /** Where clients connect to reach the server. */
    private InetSocketAddress through(TcpServer server, TunnelLimits limits) throws Exception {
        rig.closing(server);
        HostBridge host = rig.host(b -> b.limits(limits));
        EnclaveBridge enclave =
                rig.closing(rig.enclaveBuilder().connect(env -> io.ebridge.protocol.BridgeConfig.builder("relay")
                        .serve(5001, 8080)
                        .build()));
        enclave.expose(5001, server.address());
        BridgedEnclave bridged = host.awaitEnclave(PATIENCE);
        return TunnelRig.listening(bridged);
    }

    private InetSocketAddress through(TcpServer server) throws Exception {
        return through(server, TunnelLimits.defaults());
    }

    /** Twenty clients at once send, end their direction, and get a large answer late and slowly. */
    private void lateReply(long request, long reply, long restNanos) throws Exception {
        TcpServer server = new TcpServer(socket -> {
            Bytes.Received got = Bytes.drain(socket.getInputStream());
            Thread.onSpinWait();
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
            Bytes.send(socket.getOutputStream(), got.sum(), reply);
            socket.shutdownOutput();
        });
        InetSocketAddress address = through(server);
        List<Future<Boolean>> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int seed = i;
            clients.add(threads.submit(() -> {
                try (Socket socket = BridgeEndToEndTest.connect(address)) {
                    long sent = Bytes.send(socket.getOutputStream(), seed, request);
                    socket.shutdownOutput();
                    Bytes.Received answer = Bytes.drain(socket.getInputStream(), restNanos);
                    long expected = Bytes.send(OutputStream.nullOutputStream(), sent, reply);
                    return answer.equals(new Bytes.Received(reply, expected));
                }
            }));
        }
        for (Future<Boolean> client : clients) {
            assertThat(client.get(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(server.failures).isEmpty();
        TunnelRig.await(
                "all closed",
                () -> rig.hostEvents.stream()
                                .filter(e -> e instanceof BridgeEvent.Closed closed && closed.cut() == null)
                                .count()
                        == 20);
    }

    @Test
    void lateRepliesToHalfClosedClientsAreWhole() throws Exception {
        lateReply(MIB, 2 * MIB, TimeUnit.MICROSECONDS.toNanos(300));
    }

    @Test
    void lateRepliesToSmallHalfClosedRequestsAreWhole() throws Exception {
        lateReply(1024, 4 * MIB, 0);
    }

    @Test
    @Tag("soak")
    void lateRepliesToHalfClosedClientsAreWholeInFullSize() throws Exception {
        lateReply(8 * MIB, 16 * MIB, TimeUnit.MILLISECONDS.toNanos(1));
        rig.close();
        rig = newRig();
        lateReply(1024, 16 * MIB, TimeUnit.MILLISECONDS.toNanos(1));
    }

    private void bothWays(long bytes) throws Exception {
        AtomicReference<Bytes.Received> serverGot = new AtomicReference<>();
        AtomicReference<Long> serverSent = new AtomicReference<>();
        TcpServer server = new TcpServer(socket -> {
            Future<Bytes.Received> reading = threads.submit(() -> Bytes.drain(socket.getInputStream()));
            serverSent.set(Bytes.send(socket.getOutputStream(), 2, bytes));
            socket.shutdownOutput();
            serverGot.set(reading.get());
        });
        InetSocketAddress address = through(server);
        try (Socket socket = BridgeEndToEndTest.connect(address)) {
            Future<Bytes.Received> reading = threads.submit(() -> Bytes.drain(socket.getInputStream()));
            long sent = Bytes.send(socket.getOutputStream(), 1, bytes);
            socket.shutdownOutput();
            Bytes.Received got = reading.get();
            TunnelRig.await("the server's count", serverGot::get);
            assertThat(serverGot.get()).isEqualTo(new Bytes.Received(bytes, sent));
            assertThat(got).isEqualTo(new Bytes.Received(bytes, serverSent.get()));
        }
        BridgeEvent.Closed closed = rig.awaitEvent(rig.hostEvents, BridgeEvent.Closed.class, e -> true);
        assertThat(closed.cut()).isNull();
        assertThat(closed.inward()).isEqualTo(bytes);
        assertThat(closed.outward()).isEqualTo(bytes);
        long moved = rig.hostEvents.stream()
                .filter(BridgeEvent.Transferred.class::isInstance)
                .mapToLong(e -> ((BridgeEvent.Transferred) e).inward())
                .sum();
        assertThat(moved).isEqualTo(bytes);
    }

    @Test
    void bytesGoBothWaysAtOnceUnharmed() throws Exception {
        bothWays(128L * MIB);
    }

    @Test
    @Tag("soak")
    void aGibibyteGoesBothWaysAtOnceUnharmed() throws Exception {
        bothWays(1024L * MIB);
    }

    @Test
    void aResetIsNotMistakenForAnEnd() throws Exception {
        TcpServer server = new TcpServer(socket -> {
            socket.getOutputStream().write(new byte[100]);
            socket.getInputStream().read();
            socket.setSoLinger(true, 0);
        });
        InetSocketAddress address = through(server);
        try (Socket socket = BridgeEndToEndTest.connect(address)) {
            InputStream in = socket.getInputStream();
            assertThat(in.readNBytes(100)).hasSize(100);
            socket.getOutputStream().write(1);
            rig.awaitEvent(rig.enclaveEvents, BridgeEvent.Closed.class, e -> e.cut() == BridgeReason.RESET);
        }
    }

    @Test
    void aClientThatResetsAfterItsEndIsNoticedAndBurnsNoTime() throws Exception {
        TcpServer server = new TcpServer(socket -> {
            socket.getInputStream().readAllBytes();
            // Says nothing for longer than the test takes.
            java.util.concurrent.locks.LockSupport.parkNanos(PATIENCE.toNanos());
        });
        // Without native transports nothing tells of the reset, and the limit for half-closed silence ends the pair.
        boolean told = !Boolean.getBoolean("io.netty.transport.noNative");
        InetSocketAddress address = told
                ? through(server)
                : through(
                        server,
                        TunnelLimits.builder()
                                .halfClosedTimeout(Duration.ofSeconds(2))
                                .build());
        Socket socket = BridgeEndToEndTest.connect(address);
        socket.getOutputStream().write(1);
        socket.shutdownOutput();
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Opened.class, e -> true);
        socket.setSoLinger(true, 0);
        socket.close();
        BridgeReason expected = told ? BridgeReason.RESET : BridgeReason.IDLE;
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Closed.class, e -> e.cut() == expected);
        assertThat(cpuOfLoops(Duration.ofMillis(500))).isLessThan(TimeUnit.MILLISECONDS.toNanos(250));
    }

    @Test
    void aServerThatClosesWithoutHalfClosingLosesNothingAndBurnsNoTime() throws Exception {
        // The peer on the Unix socket closes both directions at once, as peers do that never half-close.
        HostBridge host = rig.host(b -> b);
        rig.enclave(c -> c.serve(5001, 8080));
        BridgedEnclave bridged = host.awaitEnclave(PATIENCE);
        try (var listener = rig.enclaveTransport().listen(io.ebridge.vsock.VsockAddress.anyCid(5001));
                Socket client = BridgeEndToEndTest.connect(TunnelRig.listening(bridged))) {
            try (var stream = listener.accept(PATIENCE)) {
                Bytes.send(stream.outputStream(), 4, 4L * MIB);
            }
            assertThat(cpuOfLoops(Duration.ofSeconds(1))).isLessThan(TimeUnit.MILLISECONDS.toNanos(500));
            assertThat(Bytes.drain(client.getInputStream()))
                    .isEqualTo(new Bytes.Received(4L * MIB, Bytes.send(OutputStream.nullOutputStream(), 4, 4L * MIB)));
        }
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Closed.class, e -> e.cut() == null);
    }

    @Test
    void halfClosedAndIdleConnectionsBurnNoTimeAndAreCutInTime() throws Exception {
        TcpServer server = new TcpServer(socket -> {
            socket.getInputStream().readAllBytes();
            java.util.concurrent.locks.LockSupport.parkNanos(PATIENCE.toNanos());
        });
        InetSocketAddress address = through(
                server,
                TunnelLimits.builder()
                        .idleTimeout(Duration.ofSeconds(5))
                        .halfClosedTimeout(Duration.ofSeconds(2))
                        .build());
        try (Socket half = BridgeEndToEndTest.connect(address);
                Socket idle = BridgeEndToEndTest.connect(address)) {
            half.shutdownOutput();
            rig.awaitEvent(rig.hostEvents, BridgeEvent.Opened.class, e -> true);
            assertThat(cpuOfLoops(Duration.ofSeconds(1))).isLessThan(TimeUnit.MILLISECONDS.toNanos(300));
            long began = System.nanoTime();
            assertThatThrownBy(() -> {
                        if (half.getInputStream().read() < 0) {
                            throw new AssertionError("an end in good order");
                        }
                    })
                    .isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> idle.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
        }
        assertThat(rig.hostEvents.stream()
                        .filter(e -> e instanceof BridgeEvent.Closed closed && closed.cut() == BridgeReason.IDLE))
                .isNotEmpty();
    }

    @Test
    void aReaderThatStopsStopsItsWriterAndNobodyElse() throws Exception {
        TcpServer server = new TcpServer(socket -> {
            Bytes.send(socket.getOutputStream(), 3, 64L * MIB);
            socket.shutdownOutput();
        });
        InetSocketAddress address = through(server);
        try (Socket stopped = BridgeEndToEndTest.connect(address)) {
            stopped.setReceiveBufferSize(64 * 1024);
            try (Socket other = BridgeEndToEndTest.connect(address)) {
                assertThat(Bytes.drain(other.getInputStream()).count()).isEqualTo(64L * MIB);
            }
            // Everything waits now but what the buffers on the way hold.
            long held = stable(() -> rig.hostEvents.stream()
                    .filter(BridgeEvent.Transferred.class::isInstance)
                    .mapToLong(e -> ((BridgeEvent.Transferred) e).outward())
                    .sum());
            assertThat(held).isLessThan((64L + 24) * MIB);
            assertThat(Bytes.drain(stopped.getInputStream()).count()).isEqualTo(64L * MIB);
        }
    }

    private static long stable(Callable<Long> value) throws Exception {
        long last = -1;
        for (int same = 0; same < 3; ) {
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(600));
            long now = value.call();
            same = now == last ? same + 1 : 0;
            last = now;
        }
        return last;
    }

    /** CPU time that the relaying threads use while nothing happens. */
    static long cpuOfLoops(Duration during) {
        long before = cpu();
        java.util.concurrent.locks.LockSupport.parkNanos(during.toNanos());
        return cpu() - before;
    }

    private static long cpu() {
        var beans = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (long id : beans.getAllThreadIds()) {
            var info = beans.getThreadInfo(id);
            if (info != null
                    && (info.getThreadName().startsWith("ebridge-host")
                            || info.getThreadName().startsWith("ebridge-relay"))) {
                sum += Math.max(0, beans.getThreadCpuTime(id));
            }
        }
        return sum;
    }
}
