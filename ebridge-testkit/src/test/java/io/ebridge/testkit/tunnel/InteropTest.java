package io.ebridge.testkit.tunnel;

import static io.ebridge.testkit.tunnel.TunnelRig.CID;
import static io.ebridge.testkit.tunnel.TunnelRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.protocol.EnvironmentFilter;
import io.ebridge.tunnel.BridgeEvent;
import io.ebridge.tunnel.BridgeException;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.BridgedEnclave;
import io.ebridge.tunnel.EgressPolicy;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One side of the bridge is ours, the other is a transcript written by hand from the description of the wire format. */
@Timeout(60)
class InteropTest {
    private static final String ID = "11223344-5566-4788-99aa-bbccddeeff00";
    private static final String BEAT = "112233445566478899aabbccddeeff000a";

    private TunnelRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = new TunnelRig();
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static void send(VsockStream stream, String text) throws IOException {
        stream.outputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        stream.outputStream().flush();
    }

    private static void expect(VsockStream stream, String text) throws IOException {
        byte[] got = stream.inputStream().readNBytes(text.length());
        assertThat(new String(got, StandardCharsets.ISO_8859_1)).isEqualTo(text);
    }

    private static void expectEnd(VsockStream stream) throws IOException {
        assertThat(stream.inputStream().read()).isNegative();
    }

    private static String line(VsockStream stream) throws IOException {
        StringBuilder line = new StringBuilder();
        int b = stream.inputStream().read();
        for (; b != '\n'; b = stream.inputStream().read()) {
            if (b < 0) {
                throw new EOFException("after " + line);
            }
            line.append((char) b);
        }
        return line.toString();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private VsockStream dialHost(long port) throws IOException {
        VsockStream stream =
                rig.closing(rig.enclaveTransport().connect(new VsockAddress(Cid.NITRO_PARENT, port), PATIENCE));
        stream.readTimeout(PATIENCE);
        return stream;
    }

    private VsockStream dialEnclave(long port) throws IOException {
        VsockStream stream = rig.closing(rig.hostTransport().connect(new VsockAddress(CID, port), PATIENCE));
        stream.readTimeout(PATIENCE);
        return stream;
    }

    private VsockStream accept(VsockListener listener) throws IOException {
        VsockStream stream = rig.closing(listener.accept(PATIENCE));
        stream.readTimeout(PATIENCE);
        return stream;
    }

    @Test
    void ourHostServesAnEnclaveOfTheReferenceImplementation() throws Exception {
        TcpServer echo = rig.closing(TcpServer.echo());
        HostBridge host = rig.host(b -> b.environment(EnvironmentFilter.NOTHING.with("APP_A", "1"))
                .egress(EgressPolicy.allow("127.0.0.1:" + echo.port())));

        VsockListener enclaveServer = rig.closing(rig.enclaveTransport().listen(VsockAddress.anyCid(5001)));
        VsockStream init = dialHost(5000);
        send(init, "\u0006\n");
        expect(init, "{\"APP_A\":\"1\"}\n");
        send(
                init,
                "{\"appName\":\"simple-enclave\",\"watchdog\":{\"enclaveId\":\"" + ID + "\",\"interval\":2000000000},"
                        + "\"logger\":{\"level\":\"debug\"},\"somethingNew\":{\"x\":[1,2]},"
                        + "\"servers\":[{\"enclaveCid\":16,\"enclaveListenPort\":5001,\"bridgeTcpPort\":8080}],"
                        + "\"clients\":[{\"enclaveDialPort\":5002,\"requestTimeout\":300000000000}]}\n");
        expect(init, "\u0006\n");
        expectEnd(init);
        BridgedEnclave enclave = host.awaitEnclave(PATIENCE);
        assertThat(enclave.enclaveId()).isEqualTo(UUID.fromString(ID));
        assertThat(enclave.appName()).isEqualTo("simple-enclave");

        // Heartbeats: that enclave sends its first one after half an interval; ours may come earlier.
        VsockStream beats = dialHost(5000);
        beats.outputStream().write(HexFormat.of().parseHex(BEAT));
        beats.outputStream().flush();
        assertThat(hex(beats.inputStream().readNBytes(17))).isEqualTo(BEAT);
        assertThat(hex(beats.inputStream().readNBytes(17))).isEqualTo(BEAT);

        // In: no preamble.
        try (Socket client = BridgeEndToEndTest.connect(TunnelRig.listening(enclave))) {
            VsockStream served = accept(enclaveServer);
            client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            expect(served, "hello");
            send(served, "world");
            assertThat(client.getInputStream().readNBytes(5)).asString().isEqualTo("world");
            // It never half-closes: both directions end together.
            served.close();
            assertThat(client.getInputStream().read()).isNegative();
        }

        // Out: target line, acknowledgement, bytes.
        VsockStream out = dialHost(5002);
        send(out, "127.0.0.1:" + echo.port() + "\n");
        expect(out, "\u0006\n");
        send(out, "ping");
        expect(out, "ping");
        VsockStream refused = dialHost(5002);
        send(refused, "127.0.0.1:22\n");
        expectEnd(refused);

        // Log.
        VsockStream log = dialHost(4999);
        send(log, "{\"level\":\"debug\",\"message\":\"hi\"}\nplain\n");
        TunnelRig.await("the log", () -> rig.log.size() == 2);
        assertThat(rig.log.get(0).level()).isEqualTo(System.Logger.Level.DEBUG);
        assertThat(rig.log.get(1).line().text()).isEqualTo("plain");

        // It stops: after an interval the host notices.
        beats.close();
        rig.awaitEvent(rig.hostEvents, BridgeEvent.Lost.class, e -> e.reason() == BridgeReason.HEARTBEAT_TIMEOUT);
    }

    @Test
    void ourHostTakesNullListsAndIdsWithALineFeed() throws Exception {
        HostBridge host = rig.host(b -> b);
        VsockStream init = dialHost(5000);
        send(init, "\u0006\n");
        expect(init, "{}\n");
        send(
                init,
                "{\"appName\":\"\",\"watchdog\":{\"enclaveId\":\"0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a\",\"interval\":1000000000},"
                        + "\"logger\":{\"level\":\"\"},\"servers\":null,\"clients\":null}\n");
        expect(init, "\u0006\n");
        expectEnd(init);
        host.awaitEnclave(PATIENCE);
        VsockStream beats = dialHost(5000);
        String beat = "0a0a0a0a0a0a4a0a8a0a0a0a0a0a0a0a0a";
        for (int i = 0; i < 4; i++) {
            beats.outputStream().write(HexFormat.of().parseHex(beat));
            beats.outputStream().flush();
            assertThat(hex(beats.inputStream().readNBytes(17))).isEqualTo(beat);
        }
        assertThat(host.enclaves()).hasSize(1);
    }

    /** Accepts our enclave as the host of the reference implementation does, and returns the settings that it sent. */
    private String acceptHandshake(VsockListener init) throws IOException {
        VsockStream stream = accept(init);
        expect(stream, "\u0006\n");
        send(stream, "{\"PATH\":\"/bin\",\"X\":\"line\\nfeed\"}\n");
        String settings = line(stream);
        send(stream, "\u0006\n");
        stream.close();
        return settings;
    }

    @Test
    void ourEnclaveIsServedByAHostOfTheReferenceImplementation() throws Exception {
        VsockListener init = rig.closing(rig.hostTransport().listen(VsockAddress.anyCid(5000)));
        VsockListener client = rig.closing(rig.hostTransport().listen(VsockAddress.anyCid(5002)));
        VsockListener stdout = rig.closing(rig.hostTransport().listen(VsockAddress.anyCid(4999)));
        CompletableFuture<String> handshake = CompletableFuture.supplyAsync(() -> {
            try {
                return acceptHandshake(init);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        EnclaveBridge enclave = rig.closing(rig.enclaveBuilder().connect(env -> {
            assertThat(env.get("X")).contains("line\nfeed");
            return BridgeConfig.builder("simple-enclave")
                    .enclaveId(UUID.fromString(ID))
                    .heartbeat(Duration.ofSeconds(2))
                    .logLevel("debug")
                    .serve(5001, 8080)
                    .outbound(5002)
                    .build();
        }));
        assertThat(handshake.get())
                .isEqualTo("{\"appName\":\"simple-enclave\",\"watchdog\":{\"enclaveId\":\"" + ID
                        + "\",\"interval\":2000000000},\"logger\":{\"level\":\"debug\"},"
                        + "\"servers\":[{\"enclaveCid\":16,\"enclaveListenPort\":5001,\"bridgeTcpPort\":8080}],"
                        + "\"clients\":[{\"enclaveDialPort\":5002,\"requestTimeout\":300000000000}]}");

        // Heartbeats: that host sends its first one after half an interval.
        VsockStream beats = accept(init);
        assertThat(hex(beats.inputStream().readNBytes(17))).isEqualTo(BEAT);
        beats.outputStream().write(HexFormat.of().parseHex(BEAT));
        beats.outputStream().flush();
        assertThat(hex(beats.inputStream().readNBytes(17))).isEqualTo(BEAT);
        assertThat(enclave.isBridged()).isTrue();

        // In.
        TcpServer echo = rig.closing(TcpServer.echo());
        enclave.expose(5001, echo.address());
        VsockStream in = dialEnclave(5001);
        send(in, "hello");
        expect(in, "hello");
        in.close();

        // Out.
        CompletableFuture<Socket> dialled = CompletableFuture.supplyAsync(() -> {
            try {
                return enclave.socketFactory().createSocket("Example.COM", 443);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        VsockStream out = accept(client);
        assertThat(line(out)).isEqualTo("example.com:443");
        send(out, "\u0006\nbehind");
        try (Socket socket = dialled.get()) {
            assertThat(socket.getInputStream().readNBytes(6)).asString().isEqualTo("behind");
        }

        // The end in place of the acknowledgement is a refusal.
        CompletableFuture<Void> refusing = CompletableFuture.runAsync(() -> {
            try {
                VsockStream refused = accept(client);
                line(refused);
                refused.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThatThrownBy(() -> enclave.socketFactory().createSocket("example.com", 22))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.reason()).isEqualTo(BridgeReason.CONNECT_REFUSED));
        refusing.get();

        // Log.
        enclave.logStream().write("one line\n".getBytes(StandardCharsets.US_ASCII));
        VsockStream log = accept(stdout);
        assertThat(line(log)).isEqualTo("one line");

        // The host falls silent: a new handshake follows after an interval.
        String again = acceptAgain(init);
        assertThat(again).contains("\"appName\":\"simple-enclave\"");
        rig.awaitEvent(rig.enclaveEvents, BridgeEvent.Lost.class, e -> e.reason() == BridgeReason.HEARTBEAT_TIMEOUT);
    }

    /** Ignores heartbeat connections until the enclave shakes hands again. */
    private String acceptAgain(VsockListener init) throws IOException {
        while (true) {
            VsockStream stream = accept(init);
            int first = stream.inputStream().read();
            if (first == 0x06) {
                assertThat(stream.inputStream().read()).isEqualTo('\n');
                send(stream, "{\"X\":\"line\\nfeed\"}\n");
                return line(stream);
            }
        }
    }

    @Test
    void aHostThatRefusesOrLiesIsTriedAgainAndNeverBelieved() throws Exception {
        VsockListener init = rig.closing(rig.hostTransport().listen(VsockAddress.anyCid(5000)));
        CompletableFuture<EnclaveBridge> connecting = CompletableFuture.supplyAsync(() -> {
            try {
                return rig.enclaveBuilder()
                        .connect(env -> BridgeConfig.builder("x").build());
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        for (String lie : new String[] {"", "{", "[]\n", "{}{}\n", "{\"a\":1}\n", "\u0006\n", "{}\nmore\n"}) {
            VsockStream stream = accept(init);
            try {
                send(stream, lie);
                stream.shutdownOutput();
            } catch (IOException e) {
                assertThat(e).as("the enclave may have left already").isNotNull();
            }
            TunnelRig.await("its end", () -> {
                try {
                    return stream.inputStream().read() < 0;
                } catch (IOException e) {
                    return true;
                }
            });
            stream.close();
        }
        VsockStream noAnswer = accept(init);
        expect(noAnswer, "\u0006\n");
        send(noAnswer, "{}\n");
        line(noAnswer);
        noAnswer.close();
        assertThat(connecting).isNotDone();
        acceptHandshake(init);
        try (EnclaveBridge bridge = connecting.get()) {
            assertThat(bridge.isBridged()).isTrue();
            bridge.close(Duration.ZERO);
        }
    }
}
