package io.ebridge.protocol;

import static io.ebridge.protocol.Wire.buffer;
import static io.ebridge.protocol.Wire.outputHex;
import static io.ebridge.protocol.Wire.outputText;
import static io.ebridge.protocol.Wire.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.protocol.ProtocolException.Reason;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "kms.eu-west-1.amazonaws.com:443, kms.eu-west-1.amazonaws.com, 443",
        "KMS.Example:1, kms.example, 1",
        "localhost:65535, localhost, 65535",
        "example.com.:80, example.com, 80",
        "_sip._tcp.example:5060, _sip._tcp.example, 5060",
        "xn--bcher-kva.example:80, xn--bcher-kva.example, 80",
        "1.example:80, 1.example, 80",
        "127.0.0.1:22, 127.0.0.1, 22",
        "255.255.255.255:1, 255.255.255.255, 1",
        "[::1]:443, ::1, 443",
        "[2001:DB8::1]:443, 2001:db8::1, 443",
        "[::]:1, ::, 1",
        "[1:2:3:4:5:6:7:8]:1, 1:2:3:4:5:6:7:8, 1",
        "[1:2:3:4:5:6:7::]:1, 1:2:3:4:5:6:7::, 1",
        "[::ffff:10.0.0.1]:1, ::ffff:10.0.0.1, 1",
        "[64:ff9b::192.0.2.33]:1, 64:ff9b::192.0.2.33, 1",
    })
    void readsStrictTargets(String text, String host, int port) {
        Target target = Target.parse(text);
        assertThat(target).isEqualTo(new Target(host, port));
        assertThat(Target.parse(target.toString())).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "a",
                "a:",
                ":80",
                "a:0",
                "a:65536",
                "a:080",
                "a:+80",
                "a:-1",
                "a:8 0",
                "a:80 ",
                " a:80",
                "a:http",
                "a:99999999999",
                "a:\u0661",
                "a b:80",
                "a\r:80",
                "a:80\r",
                "a\0:80",
                "a/b:80",
                "user@a:80",
                "http://a:80",
                "a..b:80",
                ".a:80",
                "a.b..:80",
                "..:80",
                ".:80",
                "-a:80",
                "a-:80",
                "a.-b:80",
                "b\u00fccher.example:80",
                "*:80",
                "a%25:80",
                "127.1:80",
                "1:80",
                "2130706433:80",
                "0x7f000001:80",
                "0x7f.0.0.1:80",
                "0X7F.1:80",
                "127.0.0.1.:80",
                "127.0.0.256:80",
                "127.0.0.01:80",
                "0177.0.0.1:80",
                "1.2.3:80",
                "1.2.3.4.5:80",
                "1.2.3.:80",
                "a.1:80",
                "a.0x:80",
                "::1:80",
                "[::1]",
                "[::1]80",
                "[]:80",
                "[a]:80",
                "[127.0.0.1]:80",
                "[::1:80",
                "::1]:80",
                "[[::1]]:80",
                "[fe80::1%eth0]:80",
                "[1:2:3:4:5:6:7]:80",
                "[1:2:3:4:5:6:7:8:9]:80",
                "[1::2::3]:80",
                "[:::]:80",
                "[12345::]:80",
                "[::g]:80",
                "[1:2:3:4:5:6:7:8::]:80",
                "[::1.2.3]:80",
                "[1.2.3.4::1]:80",
                "[1.2.3.4::]:80",
                "[::1.2.3.4:5]:80",
                "[:1::2]:80",
                "[1:]:80",
                "[1:2:3:4:5:6:7:1.2.3.4]:80"
            })
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> Target.parse(text)).isInstanceOf(IllegalArgumentException.class);
        byte[] line = (text + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        assertThat(reasonOf(() -> TargetLineServer.start(Limits.DEFAULT, 0).receive(ByteBuffer.wrap(line), 0)))
                .isEqualTo(Reason.INVALID_TARGET);
    }

    @Test
    void namesHaveTheLengthsOfTheDns() {
        String label = "a".repeat(63);
        String longest = label + "." + label + "." + label + "." + "a".repeat(61);
        assertThat(new Target(longest, 1).host()).hasSize(253);
        assertThatThrownBy(() -> new Target(longest + "a", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Target(label + "a", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void literalsAreKnownWithoutAResolver() throws Exception {
        assertThat(new Target("127.0.0.1", 1).literal()).contains(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        assertThat(new Target("::ffff:127.0.0.1", 1).literal())
                .as("a mapped address is the address it maps")
                .contains(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        assertThat(new Target("::1", 1).literal())
                .hasValueSatisfying(a -> assertThat(a.isLoopbackAddress()).isTrue());
        assertThat(new Target("localhost", 1).literal()).isEmpty();
        assertThat(new Target("localhost", 1).toSocketAddress().isUnresolved()).isTrue();
        assertThat(new Target("10.0.0.1", 7).toSocketAddress().getAddress().getHostAddress())
                .isEqualTo("10.0.0.1");
    }

    @Test
    void everyByteBehindTheLineBelongsToTheStream() throws ProtocolException {
        TargetLineServer server = TargetLineServer.start(Limits.DEFAULT, 0);
        ByteBuffer in = buffer("a.example:443<0A><16 03 01>hello<0A>");
        assertThat(server.receive(in, 0)).contains(new Target("a.example", 443));
        assertThat(Wire.hex(in)).isEqualTo("16 03 01 68 65 6C 6C 6F 0A");
        assertThat(server.isDone()).isTrue();
        assertThat(server.receive(in, 0)).isEmpty();
        assertThat(in.remaining()).isEqualTo(9);
        assertThat(server.timeLeft(0)).isEmpty();
        assertThat(outputHex(server)).isEmpty();
        server.connected();
        assertThat(outputHex(server)).isEqualTo("06 0A");
        assertThatThrownBy(server::connected).isInstanceOf(IllegalStateException.class);
        server.endOfInput(0);
    }

    @Test
    void theClientWritesTheLineAndWaits() throws ProtocolException {
        TargetLineClient client = TargetLineClient.start(new Target("2001:db8::1", 443), Limits.DEFAULT, 0);
        assertThat(outputText(client)).isEqualTo("[2001:db8::1]:443\n");
        ByteBuffer in = buffer("<06 0A 06 0A>");
        assertThat(client.receive(in, 0)).contains(new Target("2001:db8::1", 443));
        assertThat(in.remaining()).as("what follows is the target's").isEqualTo(2);
        assertThat(client.isDone()).isTrue();
    }

    @Test
    void endOfInputInPlaceOfTheAcknowledgementIsARefusal() throws ProtocolException {
        TargetLineClient refused = TargetLineClient.start(new Target("a.example", 1), Limits.DEFAULT, 0);
        assertThat(reasonOf(() -> refused.endOfInput(0))).isEqualTo(Reason.REFUSED);
        TargetLineClient cut = TargetLineClient.start(new Target("a.example", 1), Limits.DEFAULT, 0);
        cut.receive(buffer("<06>"), 0);
        assertThat(reasonOf(() -> cut.endOfInput(0))).isEqualTo(Reason.PEER_CLOSED);
        TargetLineServer server = TargetLineServer.start(Limits.DEFAULT, 0);
        assertThatThrownBy(server::connected).isInstanceOf(IllegalStateException.class);
        server.receive(buffer("a.example:1"), 0);
        assertThat(reasonOf(() -> server.endOfInput(0))).isEqualTo(Reason.PEER_CLOSED);
    }
}
