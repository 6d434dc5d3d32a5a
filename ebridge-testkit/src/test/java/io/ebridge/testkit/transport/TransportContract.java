package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.vsock.Capability;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockSocketFactory;
import io.ebridge.vsock.VsockStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every transport does, whatever lies below it: the blocking face. A subclass gives the two ends; it is run for each direction in which streams can be opened.
 */
@Timeout(60)
abstract class TransportContract {
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Ends ends;

    /** The two ends; called once for each test. */
    abstract Ends ends() throws Exception;

    @BeforeEach
    void open() throws Exception {
        ends = ends();
    }

    @AfterEach
    void close() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private <T> Future<T> async(Callable<T> task) {
        return threads.submit(task);
    }

    private VsockListener listen() throws IOException {
        return ends.server().listen(VsockAddress.anyCid(VsockAddress.ANY_PORT));
    }

    private VsockStream connect(VsockListener listener) throws IOException {
        return ends.client().connect(ends.at(listener.localAddress()), LONG);
    }

    private static byte[] noise(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static long crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    private static Reason reasonOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        VsockException e = catchThrowableOfType(VsockException.class, call);
        assertThat(e).as("a VsockException").isNotNull();
        return e.reason();
    }

    @Test
    void isAvailable() {
        assertThat(ends.server().availability().reason()).isEmpty();
        assertThat(ends.server().availability().available()).isTrue();
        assertThat(ends.client().availability().available()).isTrue();
    }

    @Test
    void bytesGoBothWaysAndAddressesAreTold() throws Exception {
        try (VsockListener listener = listen()) {
            assertThat(listener.localAddress().port()).isNotEqualTo(VsockAddress.ANY_PORT);
            try (VsockStream client = connect(listener);
                    VsockStream server = listener.accept(LONG)) {
                assertThat(client.remoteAddress()).isEqualTo(ends.at(listener.localAddress()));
                assertThat(server.localAddress().port())
                        .isEqualTo(listener.localAddress().port());
                assertThat(server.remoteAddress().cid()).isEqualTo(ends.clientCid());
                if (ends.server().capabilities().contains(Capability.PEER_PORT)) {
                    assertThat(server.remoteAddress().port()).isNotEqualTo(VsockAddress.ANY_PORT);
                }
                client.outputStream().write("ping".getBytes());
                assertThat(server.inputStream().readNBytes(4)).asString().isEqualTo("ping");
                server.outputStream().write("pong".getBytes());
                assertThat(client.inputStream().readNBytes(4)).asString().isEqualTo("pong");
                assertThat(client.isOpen()).isTrue();
                client.close();
                assertThat(client.isOpen()).isFalse();
                assertThat(server.inputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void whatTheServerSaysFirstIsNotLost() throws Exception {
        byte[] greeting = noise(100_000, 1);
        try (VsockListener listener = listen()) {
            Future<Void> greeter = async(() -> {
                for (int i = 0; i < 20; i++) {
                    try (VsockStream s = listener.accept(LONG)) {
                        s.outputStream().write(greeting);
                    }
                }
                return null;
            });
            for (int i = 0; i < 20; i++) {
                try (VsockStream client = connect(listener)) {
                    assertThat(client.inputStream().readAllBytes()).isEqualTo(greeting);
                }
            }
            greeter.get();
        }
    }

    @Test
    void eitherSideEndsItsOutputFirstAndTheOtherGoesOn() throws Exception {
        if (!ends.client().capabilities().contains(Capability.HALF_CLOSE)) {
            return;
        }
        byte[] up = noise(1_000_000, 2);
        byte[] down = noise(3_000_000, 3);
        for (boolean clientFirst : new boolean[] {true, false}) {
            try (VsockListener listener = listen();
                    VsockStream client = connect(listener);
                    VsockStream server = listener.accept(LONG)) {
                VsockStream first = clientFirst ? client : server;
                VsockStream second = clientFirst ? server : client;
                Future<byte[]> reply = async(() -> {
                    first.outputStream().write(up);
                    first.shutdownOutput();
                    first.shutdownOutput();
                    assertThat(reasonOf(() -> first.outputStream().write(1))).isEqualTo(Reason.CLOSED);
                    return first.inputStream().readAllBytes();
                });
                assertThat(crc(second.inputStream().readAllBytes())).isEqualTo(crc(up));
                second.outputStream().write(down);
                second.shutdownOutput();
                assertThat(crc(reply.get())).isEqualTo(crc(down));
                assertThat(first.inputStream().read()).isEqualTo(-1);
                assertThat(second.inputStream().read()).isEqualTo(-1);
            }
        }
    }

    /** The case that loses data on the wrong Netty: the reply comes late, is larger than all buffers, and its readers are slow. */
    @Test
    void lateRepliesToHalfClosedSlowReadersAreComplete() throws Exception {
        if (!ends.client().capabilities().contains(Capability.HALF_CLOSE)) {
            return;
        }
        int clients = 20;
        byte[] up = noise(100_000, 4);
        byte[] down = noise(2_000_000, 5);
        try (VsockListener listener = listen()) {
            CountDownLatch allEnded = new CountDownLatch(clients);
            List<Future<Long>> replies = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                replies.add(async(() -> {
                    try (VsockStream client = connect(listener)) {
                        client.outputStream().write(up);
                        client.shutdownOutput();
                        allEnded.countDown();
                        CRC32 crc = new CRC32();
                        byte[] buffer = new byte[3000];
                        InputStream in = client.inputStream();
                        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                            crc.update(buffer, 0, n);
                        }
                        return crc.getValue();
                    }
                }));
                async(() -> {
                    try (VsockStream server = listener.accept(LONG)) {
                        assertThat(server.inputStream().readAllBytes()).hasSize(up.length);
                        allEnded.await();
                        server.outputStream().write(down);
                    }
                    return null;
                });
            }
            for (Future<Long> reply : replies) {
                assertThat(reply.get()).isEqualTo(crc(down));
            }
        }
    }

    @Test
    void nobodyListens() throws Exception {
        try (VsockListener other = listen()) {
            VsockListener gone = listen();
            VsockAddress there = ends.at(gone.localAddress());
            gone.close();
            gone.close();
            assertThat(reasonOf(() -> ends.client().connect(there, LONG))).isEqualTo(Reason.NOBODY_LISTENS);
            assertThat(other.localAddress()).isNotEqualTo(there);
        }
    }

    @Test
    void noSuchCid() {
        VsockAddress nowhere = new VsockAddress(ends.unknownCid(), 5000);
        assertThat(reasonOf(() -> ends.client().connect(nowhere, LONG))).isEqualTo(Reason.NO_SUCH_CID);
    }

    @Test
    void portTaken() throws Exception {
        try (VsockListener listener = listen()) {
            VsockAddress same = VsockAddress.anyCid(listener.localAddress().port());
            assertThat(reasonOf(() -> ends.server().listen(same))).isEqualTo(Reason.PORT_TAKEN);
        }
    }

    @Test
    void portIsFreeAgainAfterClose() throws Exception {
        VsockListener first = listen();
        long port = first.localAddress().port();
        first.close();
        try (VsockListener again = ends.server().listen(VsockAddress.anyCid(port));
                VsockStream client = connect(again);
                VsockStream server = again.accept(LONG)) {
            assertThat(server.isOpen()).isTrue();
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void foreignCidCannotBeListenedOn() {
        assertThat(reasonOf(() -> ends.server().listen(new VsockAddress(Cid.of(77_777), 5000))))
                .isEqualTo(Reason.NOT_LOCAL);
    }

    @Test
    void readTimeoutLeavesTheStreamUsable() throws Exception {
        try (VsockListener listener = listen();
                VsockStream client = connect(listener);
                VsockStream server = listener.accept(LONG)) {
            client.readTimeout(SHORT);
            assertThat(client.readTimeout()).isEqualTo(SHORT);
            assertThatThrownBy(() -> client.inputStream().read()).isInstanceOf(SocketTimeoutException.class);
            server.outputStream().write(7);
            client.readTimeout(Duration.ZERO);
            assertThat(client.inputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void interruptedReadLosesNothing() throws Exception {
        try (VsockListener listener = listen();
                VsockStream client = connect(listener);
                VsockStream server = listener.accept(LONG)) {
            CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
            Thread reader = new Thread(() -> {
                try {
                    client.inputStream().read();
                } catch (InterruptedIOException e) {
                    interrupted.complete(Thread.currentThread().isInterrupted());
                } catch (IOException e) {
                    interrupted.completeExceptionally(e);
                }
            });
            reader.start();
            reader.interrupt();
            assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
            server.outputStream().write(9);
            assertThat(client.inputStream().read()).isEqualTo(9);
        }
    }

    @Test
    void acceptWaitsAsLongAsItIsTold() throws Exception {
        try (VsockListener listener = listen()) {
            assertThatThrownBy(() -> listener.accept(SHORT)).isInstanceOf(SocketTimeoutException.class);
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread acceptor = new Thread(() -> outcome.complete(catchThrowable(listener::accept)));
            acceptor.start();
            acceptor.interrupt();
            assertThat(outcome.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
            Future<Throwable> closed = async(() -> catchThrowable(listener::accept));
            listener.close();
            assertThat(closed.get()).isInstanceOfSatisfying(VsockException.class, e -> assertThat(e.reason())
                    .isEqualTo(Reason.CLOSED));
        }
    }

    @Test
    void closingWakesReaderAndWriter() throws Exception {
        try (VsockListener listener = listen();
                VsockStream client = connect(listener);
                VsockStream server = listener.accept(LONG)) {
            assertThat(server.isOpen()).isTrue();
            Future<Throwable> reader =
                    async(() -> catchThrowable(() -> client.inputStream().read()));
            Future<Throwable> writer = async(() -> catchThrowable(() -> {
                while (true) {
                    client.outputStream().write(new byte[65536]);
                }
            }));
            client.writeTimeout(LONG);
            client.close();
            client.close();
            for (Future<Throwable> blocked : List.of(reader, writer)) {
                assertThat(blocked.get()).isInstanceOfSatisfying(VsockException.class, e -> assertThat(e.reason())
                        .isEqualTo(Reason.CLOSED));
            }
        }
    }

    @Test
    void readerThatStopsStopsTheWriter() throws Exception {
        try (VsockListener listener = listen();
                VsockStream client = connect(listener);
                VsockStream server = listener.accept(LONG)) {
            client.writeTimeout(Duration.ofMillis(500));
            byte[] block = noise(100_000, 6);
            long[] written = {0};
            assertThat(reasonOf(() -> {
                        while (written[0] < 200_000_000L) {
                            client.outputStream().write(block);
                            written[0] += block.length;
                        }
                    }))
                    .isEqualTo(Reason.TIMEOUT);
            assertThat(written[0]).isBetween(1L, 32_000_000L);
            CRC32 expected = new CRC32();
            CRC32 got = new CRC32();
            InputStream in = server.inputStream();
            for (long done = 0; done < written[0]; done += block.length) {
                expected.update(block);
                got.update(in.readNBytes(block.length));
            }
            assertThat(got.getValue()).isEqualTo(expected.getValue());
            client.reset();
        }
    }

    @Test
    void fullDuplex() throws Exception {
        byte[] up = noise(8_000_000, 7);
        byte[] down = noise(8_000_000, 8);
        try (VsockListener listener = listen();
                VsockStream client = connect(listener);
                VsockStream server = listener.accept(LONG)) {
            async(() -> {
                client.outputStream().write(up);
                client.outputStream().flush();
                return null;
            });
            async(() -> {
                server.outputStream().write(down);
                server.outputStream().flush();
                return null;
            });
            Future<byte[]> atServer = async(() -> server.inputStream().readNBytes(up.length));
            assertThat(crc(client.inputStream().readNBytes(down.length))).isEqualTo(crc(down));
            assertThat(crc(atServer.get())).isEqualTo(crc(up));
        }
    }

    @Test
    void writesToAPeerThatIsGoneFail() throws Exception {
        try (VsockListener listener = listen();
                VsockStream client = connect(listener)) {
            listener.accept(LONG).close();
            byte[] block = new byte[50_000];
            assertThat(reasonOf(() -> {
                        for (int i = 0; i < 2000; i++) {
                            client.outputStream().write(block);
                            client.outputStream().flush();
                        }
                    }))
                    .isEqualTo(Reason.RESET);
        }
    }

    @Test
    void resetIsToldApartFromTheEndWhereTheTransportCan() throws Exception {
        try (VsockListener listener = listen();
                VsockStream client = connect(listener);
                VsockStream server = listener.accept(LONG)) {
            server.reset();
            assertThat(server.isOpen()).isFalse();
            if (ends.client().capabilities().contains(Capability.RESET)) {
                assertThat(reasonOf(() -> client.inputStream().read())).isEqualTo(Reason.RESET);
            } else {
                assertThat(client.inputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void closingTheListenerCutsWhatWasNotAccepted() throws Exception {
        VsockListener listener = listen();
        try (VsockStream client = connect(listener)) {
            listener.close();
            int end;
            try {
                end = client.inputStream().read();
            } catch (VsockException e) {
                assertThat(e.reason()).isEqualTo(Reason.RESET);
                end = -1;
            }
            assertThat(end).isEqualTo(-1);
        }
    }

    @Test
    void worksAsASocket() throws Exception {
        try (VsockListener listener = listen()) {
            long port = listener.localAddress().port();
            VsockSocketFactory factory = new VsockSocketFactory(ends.client(), ends.serverCid(), LONG);
            try (Socket client = port <= Integer.MAX_VALUE
                            ? factory.createSocket("ignored", (int) port)
                            : connect(listener).asSocket();
                    Socket server = listener.accept(LONG).asSocket()) {
                client.setTcpNoDelay(true);
                client.setSoTimeout((int) SHORT.toMillis());
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
                assertThat(client.getRemoteSocketAddress()).isEqualTo(ends.at(listener.localAddress()));
                assertThat(client.isConnected()).isTrue();
                client.getOutputStream().write(3);
                assertThat(server.getInputStream().read()).isEqualTo(3);
                server.close();
                assertThat(server.isClosed()).isTrue();
                client.setSoTimeout(0);
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void manyShortStreamsLeaveNothingBehind() throws Exception {
        int threadsAtOnce = 8;
        try (VsockListener listener = listen()) {
            Future<Void> echo = async(() -> {
                for (int i = 0; i < threadsAtOnce * 50; i++) {
                    try (VsockStream s = listener.accept(LONG)) {
                        s.outputStream().write(s.inputStream().read());
                    }
                }
                return null;
            });
            List<Future<Void>> clients = new ArrayList<>();
            for (int t = 0; t < threadsAtOnce; t++) {
                clients.add(async(() -> {
                    for (int i = 0; i < 50; i++) {
                        try (VsockStream s = connect(listener)) {
                            s.outputStream().write(i);
                            assertThat(s.inputStream().read()).isEqualTo(i);
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> client : clients) {
                client.get();
            }
            echo.get();
        }
        Leftovers.assertGone("ebridge-vsock-");
    }
}
