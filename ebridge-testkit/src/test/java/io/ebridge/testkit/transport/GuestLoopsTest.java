package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.HybridOptions;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.VsockTransport;
import io.ebridge.vsock.netty.NettyVsockTransport;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guest's socket runs on the event loop of its first listener, and has to outlive it. */
@Timeout(60)
class GuestLoopsTest {
    private static final Cid GUEST = Cid.of(16);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    /** Sends back what comes. */
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    private static EventLoopGroup listening(NettyVsockTransport guest, long port) throws InterruptedException {
        EventLoopGroup loops = guest.newEventLoopGroup(1, new DefaultThreadFactory("guest-" + port, true));
        guest.serverBootstrap(loops, loops)
                .childHandler(new Echo())
                .bind(new VsockAddress(GUEST, port))
                .sync();
        return loops;
    }

    private static void answers(VsockTransport host, long port) throws IOException {
        try (VsockStream stream = host.connect(new VsockAddress(GUEST, port), LONG)) {
            stream.outputStream().write(42);
            stream.readTimeout(LONG);
            assertThat(stream.inputStream().read()).isEqualTo(42);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theSocketMovesOnWhenTheEventLoopOfItsFirstListenerEnds(boolean portable) throws Exception {
        Path path = directory.resolve("v");
        HybridOptions options =
                HybridOptions.builder(path).guestCid(GUEST).portable(portable).build();
        VsockTransport host = Vsock.hybrid(options);
        NettyVsockTransport guest = (NettyVsockTransport) Vsock.hybridGuest(options);
        EventLoopGroup first = listening(guest, 5000);
        EventLoopGroup second = listening(guest, 5001);
        try {
            answers(host, 5000);
            answers(host, 5001);
            Object key = Files.getAttribute(path, "unix:ino");

            assertThat(first.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS))
                    .isTrue();

            answers(host, 5001);
            assertThat(Files.getAttribute(path, "unix:ino")).isEqualTo(key);
            assertThatThrownBy(() -> answers(host, 5000))
                    .isInstanceOfSatisfying(VsockException.class, e -> assertThat(e.reason())
                            .isEqualTo(VsockException.Reason.NOBODY_LISTENS));
        } finally {
            first.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
            second.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
        }
        long deadline = System.nanoTime() + LONG.toNanos();
        while (Files.exists(path)) {
            assertThat(System.nanoTime()).as("the file is gone in time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
