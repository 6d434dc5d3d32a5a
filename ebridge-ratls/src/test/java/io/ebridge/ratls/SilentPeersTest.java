package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.PlainTls.Gullible;
import io.ebridge.ratls.PlainTls.RawFrame;
import io.ebridge.ratls.netty.AttestedSslHandlers;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Peers that say nothing, too little at a time or too much, to those who drive engines; sockets have the same in AttackTest. */
class SilentPeersTest {

    private static final int ANSWER = 2;
    private static final int DATA = 5;
    private static final Duration SHORT = Duration.ofMillis(700);

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private Party client(TlsProvider provider, Duration timeout) throws Exception {
        return new Party(Rig.client(provider).timeout(timeout).sslContext().createSSLEngine("localhost", 1));
    }

    private static Party plainServer() throws Exception {
        return Party.plainServer(
                PlainTls.context(PlainTls.leaf("localhost"), new Gullible()).createSSLEngine());
    }

    /** Calls until it fails, which must be for the time, and not before it. */
    private static void assertTimeOut(long started, ThrowingCallable call) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < end) {
            Throwable thrown = catchThrowable(call);
            if (thrown != null) {
                assertThat(AttestedTlsException.in(thrown))
                        .as("%s", thrown)
                        .hasValueSatisfying(e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT));
                assertThat(System.nanoTime() - started).isGreaterThanOrEqualTo(SHORT.toNanos());
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        throw new AssertionError("waited on and on");
    }

    // ---- engines by hand

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void enginesTalk(TlsProvider provider) throws Exception {
        Party client = client(provider, Duration.ofSeconds(10));
        Party server = new Party(AttestedTls.server(rig.identity("localhost"))
                .provider(provider)
                .sslContext()
                .createSSLEngine());
        Party.run(client, server);
        assertThat(client.send("hello".getBytes(), server)).isEqualTo(5);
        server.read();
        assertThat(server.received).hasToString("hello");
        assertThat(AttestedPeer.of(client.engine.getSession())).isPresent();
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void engineWhosePeerDoesNotEvenSpeakTls(TlsProvider provider) throws Exception {
        Party client = client(provider, SHORT);
        Party deaf = plainServer();
        long started = System.nanoTime();
        client.engine.beginHandshake();
        client.send("secret".getBytes(), deaf);
        assertTimeOut(started, client::read);
        assertNothingMorePasses(client, deaf);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void engineWhosePeerFallsSilentAfterTls(TlsProvider provider) throws Exception {
        for (boolean reading : new boolean[] {true, false}) {
            Party client = client(provider, SHORT);
            Party server = plainServer();
            long started = System.nanoTime();
            Party.run(client, server);
            // It has taken the challenge, and no word of the secret.
            assertThat(server.received).startsWith("\u0001");
            assertThat(client.send("secret".getBytes(), server)).isZero();
            assertTimeOut(
                    started,
                    reading
                            ? client::read
                            : () -> assertThat(client.send("secret".getBytes(), server))
                                    .isZero());
            assertNothingMorePasses(client, server);
            assertThat(server.received).doesNotContain("secret");
        }
    }

    private static void assertNothingMorePasses(Party victim, Party peer) throws SSLException {
        for (int i = 0; i < 5; i++) {
            assertThat(victim.send("secret".getBytes(), peer)).isZero();
        }
        assertThat(victim.engine.isOutboundDone()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void engineOfAServerWhoseClientFallsSilent(TlsProvider provider) throws Exception {
        Party server = new Party(AttestedTls.server(rig.identity("localhost"))
                .provider(provider)
                .timeout(SHORT)
                .sslContext()
                .createSSLEngine());
        Party client = Party.plainClient(PlainTls.context(null, new Gullible()).createSSLEngine("localhost", 1));
        long started = System.nanoTime();
        Party.run(client, server);
        assertTimeOut(started, server::read);
        assertNothingMorePasses(server, client);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void engineWhosePeerTrickles(TlsProvider provider) throws Exception {
        Party client = client(provider, SHORT);
        Party server = plainServer();
        long started = System.nanoTime();
        Party.run(client, server);
        server.send(new byte[] {ANSWER, 0, 4, 0}, client);
        assertTimeOut(started, () -> {
            server.send(new byte[1], client);
            client.read();
        });
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void engineWhosePeerSendsTooMuch(TlsProvider provider) throws Exception {
        Party client = client(provider, SHORT);
        Party server = plainServer();
        Party.run(client, server);
        server.send(new byte[] {ANSWER, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF}, client);
        assertThatThrownBy(client::read).satisfies(e -> assertThat(
                        AttestedTlsException.in(e).orElseThrow().reason())
                .isEqualTo(Reason.TOO_LARGE));
        assertNothingMorePasses(client, server);
    }

    // ---- Netty

    private EventLoopGroup group() {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        rig.keep(() -> group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync());
        return group;
    }

    private Throwable nettyFailure(SSLContext context, int port) throws Exception {
        CompletableFuture<SslHandler> made = new CompletableFuture<>();
        Channel channel = new Bootstrap()
                .group(group())
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        made.complete(AttestedSslHandlers.create(context, "localhost", port, rig.threads));
                        channel.pipeline().addLast(made.join());
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port)
                .sync()
                .channel();
        SslHandler handler = made.join();
        assertThat(handler.handshakeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(channel.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        return handler.handshakeFuture().cause();
    }

    private static void assertLate(Throwable cause) {
        if (!(cause instanceof SslHandshakeTimeoutException)) {
            assertThat(AttestedTlsException.in(cause)).as("%s", cause).hasValueSatisfying(e -> assertThat(e.reason())
                    .isEqualTo(Reason.TIMEOUT));
        }
    }

    /** A server of plain TLS, which then does what it is told. */
    private interface Evil {
        void serve(SSLSocket socket) throws Exception;
    }

    private int evilServer(Evil evil) throws Exception {
        SSLServerSocket listener = rig.keep(PlainTls.listen(PlainTls.leaf("localhost")));
        rig.threads.execute(() -> {
            try (SSLSocket socket = (SSLSocket) listener.accept()) {
                rig.keep(socket);
                socket.startHandshake();
                evil.serve(socket);
                rig.outcomes.add(socket.getInputStream().readAllBytes());
            } catch (Exception e) {
                rig.outcomes.add(e);
            }
        });
        return listener.getLocalPort();
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void nettyClientsCutOffSilentSlowAndOversizedServers(TlsProvider provider) throws Exception {
        SSLContext context = Rig.client(provider).timeout(SHORT).sslContext();
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertLate(nettyFailure(context, mute.getLocalPort()));
        }
        assertLate(nettyFailure(context, evilServer(socket -> {})));
        CountDownLatch never = new CountDownLatch(1);
        assertLate(nettyFailure(context, evilServer(socket -> {
            socket.getOutputStream().write(new byte[] {ANSWER, 0, 4, 0});
            while (!never.await(50, TimeUnit.MILLISECONDS)) {
                socket.getOutputStream().write(0);
            }
        })));
        Throwable large = nettyFailure(
                context, evilServer(socket -> socket.getOutputStream().write(new byte[] {ANSWER, -1, -1, -1})));
        assertThat(AttestedTlsException.in(large).orElseThrow().reason()).isEqualTo(Reason.TOO_LARGE);
        Throwable early = nettyFailure(context, evilServer(socket -> socket.getOutputStream()
                .write(new RawFrame(DATA, "early".getBytes()).encode())));
        assertThat(AttestedTlsException.in(early).orElseThrow().reason()).isEqualTo(Reason.EARLY_DATA);
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void nettyServersCutOffSilentAndOversizedClients(TlsProvider provider) throws Exception {
        SSLContext context = AttestedTls.server(rig.identity("localhost"))
                .provider(provider)
                .timeout(SHORT)
                .sslContext();
        EventLoopGroup group = group();
        Channel listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(AttestedSslHandlers.server(context, rig.threads))
                                .addLast(new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                                        rig.outcomes.add(cause);
                                        ctx.close();
                                    }
                                });
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        try (Socket mute = new Socket(InetAddress.getLoopbackAddress(), port)) {
            mute.setSoTimeout(10_000);
            assertThat(mute.getInputStream().readAllBytes().length).isLessThan(100);
        }
        try (SSLSocket silent = PlainTls.connect(port)) {
            silent.startHandshake();
            assertThat(ended(silent)).isTrue();
        }
        rig.outcomes.clear();
        try (SSLSocket large = PlainTls.connect(port)) {
            large.getOutputStream().write(new byte[] {1, -1, -1, -1});
            assertThat(ended(large)).isTrue();
        }
        AttestedTlsException failure = rig.failure();
        if (failure.reason() == Reason.TIMEOUT) {
            // Late word of the connection before.
            failure = rig.failure();
        }
        assertThat(failure.reason()).isEqualTo(Reason.TOO_LARGE);
    }

    private static boolean ended(SSLSocket socket) throws Exception {
        try {
            // Perhaps a last VERDICT, and then the end, sooner than the socket's own time-out.
            return socket.getInputStream().readAllBytes().length < 100;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    // ---- the JDK's HTTP client

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void jdkHttpClientGivesUpByItsOwnTimeOut(TlsProvider provider) throws Exception {
        int port = evilServer(socket -> {});
        HttpClient http = HttpClient.newBuilder()
                .sslContext(Rig.client(provider).sslContext())
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/secret"))
                .timeout(Duration.ofSeconds(1))
                .build();
        assertThatThrownBy(() -> http.send(request, HttpResponse.BodyHandlers.discarding()))
                .isInstanceOf(HttpTimeoutException.class);
    }
}
