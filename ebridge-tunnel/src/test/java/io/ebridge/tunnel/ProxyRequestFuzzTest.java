package io.ebridge.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.protocol.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Whatever a local client says to the proxy front, and however it is cut, it is a target, a refusal, or not whole yet. */
class ProxyRequestFuzzTest {

    private record Outcome(@Nullable Target target, @Nullable BridgeReason refused, String first, int left) {}

    @FuzzTest(maxDuration = "30s")
    void anyBytes(FuzzedDataProvider data) {
        int cut = data.consumeInt(0, 64);
        byte[] bytes = data.consumeRemainingAsBytes();
        if (bytes.length > 0) {
            Outcome whole = run(bytes, bytes.length);
            Outcome pieces = run(bytes, Math.min(bytes.length, cut));
            assertThat(pieces).isEqualTo(whole);
        }
    }

    private static Outcome run(byte[] bytes, int cut) {
        ByteBuf received = Unpooled.buffer();
        try {
            ProxyRequest request = ProxyRequest.byFirstByte(bytes[0] & 0xff);
            received.writeBytes(bytes, 0, cut);
            ProxyRequest.Step step = cut == 0 ? ProxyRequest.Step.MORE : request.receive(received);
            if (step.target() == null) {
                received.writeBytes(bytes, cut, bytes.length - cut);
                step = request.receive(received);
                return new Outcome(step.target(), null, Arrays.toString(step.first()), received.readableBytes());
            }
            int left = received.readableBytes() + bytes.length - cut;
            return new Outcome(step.target(), null, Arrays.toString(step.first()), left);
        } catch (BridgeException e) {
            assertThat(e.getMessage()).doesNotContainPattern("[\\x00-\\x08\\x0b-\\x1f]");
            return new Outcome(null, e.reason(), "", 0);
        } finally {
            received.release();
        }
    }
}
