package io.ebridge.protocol;

import static io.ebridge.protocol.Wire.SECOND;
import static io.ebridge.protocol.Wire.buffer;
import static io.ebridge.protocol.Wire.outputHex;
import static io.ebridge.protocol.Wire.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private static final UUID ID = UUID.fromString("3f0c2b64-98a1-4d5e-8f7b-112233445566");
    private static final String FRAME = "3F 0C 2B 64 98 A1 4D 5E 8F 7B 11 22 33 44 55 66 0A";
    private static final WatchdogConfig CONFIG = new WatchdogConfig(ID, Duration.ofSeconds(30));

    private final Watchdog watchdog = Watchdog.begin(CONFIG, 0);

    @Test
    void sendsAtOnceAndThenEveryHalfInterval() throws ProtocolException {
        Heartbeat heartbeat = watchdog.connect(0);
        assertThat(outputHex(heartbeat)).isEqualTo(FRAME);
        assertThat(heartbeat.timeLeft(0)).contains(Duration.ofSeconds(15));
        heartbeat.tick(15 * SECOND - 1);
        assertThat(outputHex(heartbeat)).isEmpty();
        heartbeat.tick(15 * SECOND);
        assertThat(outputHex(heartbeat)).isEqualTo(FRAME);
        assertThat(heartbeat.timeLeft(20 * SECOND)).contains(Duration.ofSeconds(10));
        heartbeat.tick(100 * SECOND);
        assertThat(outputHex(heartbeat)).as("missed ones are not made up for").isEqualTo(FRAME);
    }

    @Test
    void outputThatNobodyTakesDoesNotPileUp() throws ProtocolException {
        Heartbeat heartbeat = watchdog.connect(0);
        heartbeat.tick(15 * SECOND);
        heartbeat.tick(30 * SECOND);
        assertThat(outputHex(heartbeat)).isEqualTo(FRAME);
        assertThat(outputHex(heartbeat)).isEmpty();
    }

    @Test
    void anyConnectionKeepsTheBridgeAlive() throws ProtocolException {
        Heartbeat first = watchdog.connect(0);
        Heartbeat second = watchdog.connect(0);
        assertThat(first.receive(buffer("<" + FRAME + ">"), 20 * SECOND)).contains(ID);
        watchdog.check(49 * SECOND);
        assertThat(watchdog.timeLeft(49 * SECOND)).contains(Duration.ofSeconds(1));
        first.endOfInput(49 * SECOND);
        assertThat(first.isDone()).isTrue();
        assertThat(first.timeLeft(49 * SECOND)).isEmpty();
        assertThat(second.receive(buffer("<" + FRAME + ">"), 49 * SECOND)).contains(ID);
        assertThat(watchdog.timeLeft(49 * SECOND)).contains(Duration.ofSeconds(30));
    }

    @Test
    void aFullIntervalOfSilenceIsFatal() throws ProtocolException {
        Heartbeat heartbeat = watchdog.connect(0);
        watchdog.check(30 * SECOND - 1);
        assertThat(reasonOf(() -> watchdog.check(30 * SECOND))).isEqualTo(Reason.HEARTBEAT_TIMEOUT);
        assertThat(watchdog.timeLeft(30 * SECOND)).isEmpty();
        assertThat(reasonOf(() -> heartbeat.receive(buffer("<" + FRAME + ">"), 0)))
                .as("too late")
                .isEqualTo(Reason.HEARTBEAT_TIMEOUT);
    }

    @Test
    void anotherIdIsFatalAtOnce() {
        Heartbeat heartbeat = watchdog.connect(0);
        String other = FRAME.replace("66 0A", "67 0A");
        assertThat(reasonOf(() -> heartbeat.receive(buffer("<" + other + ">"), 1)))
                .isEqualTo(Reason.HEARTBEAT_MISMATCH);
        assertThat(reasonOf(() -> watchdog.check(1))).isEqualTo(Reason.HEARTBEAT_MISMATCH);
    }

    @Test
    void aFrameWithoutItsLineFeedCostsItsConnectionOnly() throws ProtocolException {
        Heartbeat heartbeat = watchdog.connect(0);
        assertThat(reasonOf(() -> heartbeat.receive(buffer("<" + FRAME.replace("66 0A", "66 0B") + ">"), 1)))
                .isEqualTo(Reason.MALFORMED_HEARTBEAT);
        watchdog.check(1);
    }

    @Test
    void severalFramesInOneBufferComeOneByOne() throws ProtocolException {
        Heartbeat heartbeat = watchdog.connect(0);
        ByteBuffer in = buffer("<" + FRAME + FRAME + "3F 0C>");
        assertThat(heartbeat.receive(in, 1)).contains(ID);
        assertThat(heartbeat.receive(in, 1)).contains(ID);
        assertThat(heartbeat.receive(in, 1)).isEmpty();
        assertThat(heartbeat.receive(buffer("<" + FRAME.substring(6) + ">"), 1)).contains(ID);
    }

    @Test
    void timesOutOfOrderDoNotShortenTheInterval() throws ProtocolException {
        watchdog.connect(0).receive(buffer("<" + FRAME + ">"), 20 * SECOND);
        watchdog.connect(0).receive(buffer("<" + FRAME + ">"), 10 * SECOND);
        assertThat(watchdog.timeLeft(20 * SECOND)).contains(Duration.ofSeconds(30));
    }

    @Test
    void theFirstBytesTellHandshakesFromHeartbeats() {
        assertThat(InitConnection.of(buffer(""))).isEmpty();
        assertThat(InitConnection.of(buffer("<06>"))).isEmpty();
        ByteBuffer hello = buffer("<06 0A>");
        assertThat(InitConnection.of(hello)).contains(InitConnection.HANDSHAKE);
        assertThat(hello.remaining()).as("nothing is taken").isEqualTo(2);
        assertThat(InitConnection.of(buffer("<06 0B>"))).contains(InitConnection.HEARTBEAT);
        assertThat(InitConnection.of(buffer("<3F>"))).contains(InitConnection.HEARTBEAT);
    }
}
