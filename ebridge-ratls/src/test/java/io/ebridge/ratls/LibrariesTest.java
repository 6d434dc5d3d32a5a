package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.ebridge.ratls.netty.AttestedSslHandlers;
import io.ebridge.testkit.attest.FakeNitro;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contexts in libraries that know nothing of attestation. */
class LibrariesTest {

    private static final FakeQuotingEnclave OTHER =
            FakeQuotingEnclave.of(FakeNitro.standard().image("another image"));

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private SSLContext server(TlsProvider provider, FakeQuotingEnclave enclave) throws Exception {
        return AttestedTls.server(rig.identity("localhost", enclave))
                .provider(provider)
                .sslContext();
    }

    private HttpsServer jdkServer(SSLContext context) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(rig.threads);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        rig.keep(() -> server.stop(0));
        return server;
    }

    private MockWebServer http2Server(SSLContext context) throws Exception {
        MockWebServer server = new MockWebServer();
        server.useHttps(context.getSocketFactory(), false);
        server.setProtocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
        server.start(InetAddress.getByName("localhost"), 0);
        rig.keep(server::shutdown);
        return server;
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void jdkHttpClientAndServerSpeakHttp1(TlsProvider provider) throws Exception {
        HttpsServer server = jdkServer(server(provider, Rig.ENCLAVE));
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(Rig.client(provider).sslContext())
                .build();
        byte[] body = "x".repeat(300_000).getBytes();
        for (int i = 0; i < 3; i++) {
            HttpResponse<byte[]> response = http.send(
                    HttpRequest.newBuilder(URI.create(
                                    "https://localhost:" + server.getAddress().getPort() + "/"))
                            .timeout(Duration.ofSeconds(20))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(response.body()).isEqualTo(body);
            assertThat(AttestedPeer.of(response.sslSession().orElseThrow())).isPresent();
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void jdkHttpClientSpeaksHttp2(TlsProvider provider) throws Exception {
        MockWebServer server = http2Server(server(provider, Rig.ENCLAVE));
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(Rig.client(provider).sslContext())
                .build();
        for (int i = 0; i < 3; i++) {
            server.enqueue(new MockResponse().setBody("y".repeat(200_000)));
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + server.getPort() + "/"))
                            .timeout(Duration.ofSeconds(20))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100_000]))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(AttestedPeer.of(response.sslSession().orElseThrow())).isPresent();
            assertThat(response.body()).hasSize(200_000);
            assertThat(server.takeRequest().getBodySize()).isEqualTo(100_000);
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void jdkHttpClientRefusesOtherCodeBeforeTheRequestIsSent(TlsProvider provider) throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            MockWebServer server = http2Server(server(provider, OTHER));
            HttpClient http = HttpClient.newBuilder()
                    .version(version)
                    .sslContext(Rig.client(provider).sslContext())
                    .build();
            assertThatThrownBy(() -> http.send(
                            HttpRequest.newBuilder(URI.create("https://localhost:" + server.getPort() + "/"))
                                    .timeout(Duration.ofSeconds(20))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString()))
                    .satisfies(e -> assertThat(
                                    AttestedTlsException.in(e).orElseThrow().reason())
                            .isEqualTo(AttestedTlsException.Reason.EVIDENCE_REJECTED));
            assertThat(server.getRequestCount()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void okHttp(TlsProvider provider) throws Exception {
        MockWebServer server = http2Server(server(provider, Rig.ENCLAVE));
        SSLContext context = Rig.client(provider).sslContext();
        OkHttpClient http = new OkHttpClient.Builder()
                .sslSocketFactory(context.getSocketFactory(), AttestedTls.refusingTrustManager())
                .build();
        server.enqueue(new MockResponse().setBody("hello"));
        try (Response response = http.newCall(new Request.Builder()
                        .url("https://localhost:" + server.getPort() + "/")
                        .build())
                .execute()) {
            assertThat(response.protocol()).isEqualTo(Protocol.HTTP_2);
            assertThat(response.body().string()).isEqualTo("hello");
        }
        MockWebServer other = http2Server(server(provider, OTHER));
        assertThatThrownBy(() -> http.newCall(new Request.Builder()
                                .url("https://localhost:" + other.getPort() + "/")
                                .build())
                        .execute())
                .satisfies(e -> assertThat(AttestedTlsException.in(e)).isPresent());
        assertThat(other.getRequestCount()).isZero();
        http.connectionPool().evictAll();
        http.dispatcher().executorService().shutdown();
    }

    @ParameterizedTest
    @MethodSource("io.ebridge.ratls.Rig#providers")
    void netty(TlsProvider provider) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        rig.keep(() -> group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync());
        SSLContext server = server(provider, Rig.ENCLAVE);
        Channel listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(AttestedSslHandlers.server(server, rig.threads))
                                .addLast(new SimpleChannelInboundHandler<ByteBuf>() {
                                    @Override
                                    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf data) {
                                        ctx.writeAndFlush(data.retain());
                                    }
                                });
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        SSLContext client = Rig.client(provider).sslContext();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        CompletableFuture<String> answer = new CompletableFuture<>();
        StringBuilder received = new StringBuilder();
        int length = 500_000;
        Channel channel = new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(AttestedSslHandlers.create(client, "localhost", port, rig.threads))
                                .addLast(new SimpleChannelInboundHandler<ByteBuf>() {
                                    @Override
                                    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf data) {
                                        received.append(data.toString(StandardCharsets.US_ASCII));
                                        if (received.length() == length) {
                                            answer.complete(received.toString());
                                        }
                                    }

                                    @Override
                                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                                        answer.completeExceptionally(cause);
                                    }
                                });
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port)
                .sync()
                .channel();
        // Written before the verdict: it must wait for it.
        channel.writeAndFlush(Unpooled.wrappedBuffer("z".repeat(length).getBytes()));

        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("z".repeat(length));
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        assertThat(handler.handshakeFuture().isSuccess()).isTrue();
        assertThat(AttestedPeer.of(handler.engine().getSession())).isPresent();
    }
}
