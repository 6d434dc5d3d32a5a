package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.HybridOptions;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.VsockTransport;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hybrid VSOCK against plain Unix sockets that do not keep to it, and files that are not as they should be. */
@Timeout(60)
class MisbehavingPeerTest {
    private static final VsockAddress GUEST = VsockAddress.of(16, 5000);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private Path path() {
        return directory.resolve("v");
    }

    private HybridOptions.Builder options(boolean portable) {
        return HybridOptions.builder(path()).portable(portable).handshakeTimeout(Duration.ofMillis(500));
    }

    private static Reason reasonOf(ThrowingCallable call) {
        VsockException e = catchThrowableOfType(VsockException.class, call);
        assertThat(e).isNotNull();
        return e.reason();
    }

    private interface Conversation {
        void with(SocketChannel peer) throws IOException;
    }

    /** A "VMM" that does what it is told with one connection. */
    private AutoCloseable vmm(Conversation conversation) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path()));
        Thread thread = new Thread(() -> {
            try (SocketChannel peer = server.accept()) {
                ByteBuffer line = ByteBuffer.allocate(64);
                peer.read(line);
                conversation.with(peer);
            } catch (IOException e) {
                // The test closes its side when it has seen enough.
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        return () -> {
            server.close();
            thread.join();
            Files.deleteIfExists(path());
        };
    }

    private static void say(SocketChannel peer, String text) throws IOException {
        peer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @ParameterizedTest
    @CsvSource({
        "true,OK",
        "false,OK",
        "true,ok 1",
        "false,HTTP/1.1 400 Bad Request",
        "true,OK 11111111111111111111111111111111111111"
    })
    void wrongAnswers(boolean portable, String answer) throws Exception {
        try (AutoCloseable vmm = vmm(peer -> say(peer, answer + "\n"))) {
            assertThat(reasonOf(() -> Vsock.hybrid(options(portable).build()).connect(GUEST, LONG)))
                    .isEqualTo(Reason.PROTOCOL);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingInPlaceOfAnAnswerMeansNobodyListens(boolean portable) throws Exception {
        try (AutoCloseable vmm = vmm(peer -> say(peer, "OK"))) {
            assertThat(reasonOf(() -> Vsock.hybrid(options(portable).build()).connect(GUEST, LONG)))
                    .isEqualTo(Reason.NOBODY_LISTENS);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void silenceTimesOut(boolean portable) throws Exception {
        try (AutoCloseable vmm = vmm(peer -> peer.read(ByteBuffer.allocate(1)))) {
            long start = System.nanoTime();
            assertThat(reasonOf(() -> Vsock.hybrid(options(portable).build()).connect(GUEST, LONG)))
                    .isEqualTo(Reason.TIMEOUT);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(450), Duration.ofSeconds(10));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytesInOneSegmentWithTheAnswerBelongToTheStream(boolean portable) throws Exception {
        try (AutoCloseable vmm = vmm(peer -> say(peer, "OK 1073741824\nOK 7\nhello"))) {
            try (VsockStream stream = Vsock.hybrid(options(portable).build()).connect(GUEST, LONG)) {
                assertThat(stream.inputStream().readAllBytes()).asString().isEqualTo("OK 7\nhello");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answerInPieces(boolean portable) throws Exception {
        try (AutoCloseable vmm = vmm(peer -> {
            for (String piece : new String[] {"O", "K", " 10", "73", "\n", "x"}) {
                say(peer, piece);
            }
        })) {
            try (VsockStream stream = Vsock.hybrid(options(portable).build()).connect(GUEST, LONG)) {
                assertThat(stream.inputStream().readAllBytes()).asString().isEqualTo("x");
            }
        }
    }

    @Test
    void noVmm() throws Exception {
        VsockTransport host = Vsock.hybrid(options(false).build());
        assertThat(reasonOf(() -> host.connect(GUEST, LONG))).isEqualTo(Reason.NO_SUCH_CID);
        // A socket file whose process is gone.
        try (ServerSocketChannel gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            gone.bind(UnixDomainSocketAddress.of(path()));
        }
        assertThat(reasonOf(() -> host.connect(GUEST, LONG))).isEqualTo(Reason.NO_SUCH_CID);
    }

    private SocketChannel dial() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path()));
    }

    private static int end(SocketChannel peer) throws IOException {
        try {
            return peer.read(ByteBuffer.allocate(64));
        } catch (SocketException e) {
            // Closed with something of ours unread.
            assertThat(e).hasMessageContaining("reset");
            return -1;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hostsThatDoNotSpeakItLoseTheirOwnStreamOnly(boolean portable) throws Exception {
        VsockTransport guest = Vsock.hybridGuest(options(portable).build());
        VsockTransport host = Vsock.hybrid(options(portable).build());
        try (VsockListener listener = guest.listen(VsockAddress.anyCid(5000))) {
            for (String line : new String[] {
                "GET / HTTP/1.1\r\n", "CONNECT 5001\n", "CONNECT x\n", "CONNECT 1111111111111111111111111111111111111\n"
            }) {
                try (SocketChannel peer = dial()) {
                    say(peer, line);
                    assertThat(end(peer)).as(line).isEqualTo(-1);
                }
            }
            List<SocketChannel> silent = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                silent.add(dial());
            }
            say(silent.get(0), "CONN");
            try (VsockStream client = host.connect(GUEST, LONG);
                    VsockStream server = listener.accept(LONG)) {
                client.outputStream().write(1);
                assertThat(server.inputStream().read()).isEqualTo(1);
            }
            for (SocketChannel peer : silent) {
                assertThat(end(peer)).isEqualTo(-1);
                peer.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatFollowsTheRequestBelongsToTheStream(boolean portable) throws Exception {
        VsockTransport guest = Vsock.hybridGuest(options(portable).build());
        try (VsockListener listener = guest.listen(VsockAddress.anyCid(5000));
                SocketChannel peer = dial()) {
            say(peer, "connect 5000\nCONNECT 1\nhello");
            ByteBuffer answer = ByteBuffer.allocate(64);
            peer.read(answer);
            assertThat(new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII))
                    .matches("OK \\d{10}\n");
            try (VsockStream server = listener.accept(LONG)) {
                peer.shutdownOutput();
                assertThat(server.inputStream().readAllBytes()).asString().isEqualTo("CONNECT 1\nhello");
                assertThat(server.remoteAddress().cid()).isEqualTo(Cid.HOST);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void filesAreOursAloneAndGoWithTheListener(boolean portable) throws Exception {
        Path inside = directory.resolve("made/v");
        VsockTransport host =
                Vsock.hybrid(HybridOptions.builder(inside).portable(portable).build());
        Path socket = directory.resolve("made/v_5000");
        try (VsockListener listener = host.listen(VsockAddress.anyCid(5000))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())))
                    .isEqualTo("rwx------");
            assertThat(listener.localAddress()).isEqualTo(VsockAddress.of(2, 5000));
        }
        assertThat(socket).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileLeftBehindIsReplacedAndALiveOneIsNot(boolean portable) throws Exception {
        VsockTransport host = Vsock.hybrid(options(portable).build());
        Path socket = directory.resolve("v_5000");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            assertThat(reasonOf(() -> host.listen(VsockAddress.anyCid(5000)))).isEqualTo(Reason.PORT_TAKEN);
        }
        assertThat(socket).exists();
        host.listen(VsockAddress.anyCid(5000)).close();
        Files.writeString(socket, "not a socket");
        assertThat(reasonOf(() -> host.listen(VsockAddress.anyCid(5000)))).isEqualTo(Reason.PORT_TAKEN);
        assertThat(socket).hasContent("not a socket");
    }

    @Test
    void aDirectoryOpenToAllIsRefused() throws Exception {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        HybridOptions.Builder options = HybridOptions.builder(open.resolve("v"));
        assertThat(reasonOf(() -> Vsock.hybrid(options.build()).listen(VsockAddress.anyCid(5000))))
                .isEqualTo(Reason.PERMISSION);
        Vsock.hybrid(options.insecureSharedDirectory(true).build())
                .listen(VsockAddress.anyCid(5000))
                .close();
    }

    @Test
    void aPathThatDoesNotFitIsRefusedAtOnce() {
        Path longPath = directory.resolve("x".repeat(100));
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> Vsock.hybrid(longPath)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too long");
    }

    @Test
    void connectCanBeInterrupted() throws Exception {
        try (AutoCloseable vmm = vmm(peer -> peer.read(ByteBuffer.allocate(1)))) {
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread thread = new Thread(() ->
                    outcome.complete(org.assertj.core.api.Assertions.catchThrowable(() -> Vsock.hybrid(options(false)
                                    .handshakeTimeout(Duration.ofSeconds(30))
                                    .build())
                            .connect(GUEST, Duration.ofSeconds(30)))));
            thread.start();
            thread.interrupt();
            assertThat(outcome.get()).isInstanceOf(java.io.InterruptedIOException.class);
        }
        Leftovers.assertGone("ebridge-vsock-");
    }
}
