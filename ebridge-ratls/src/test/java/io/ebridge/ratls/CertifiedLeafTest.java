package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.Bytes;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.tls.Leaf;
import io.ebridge.testkit.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When the leaf with evidence is renewed, by a clock of the test's. */
class CertifiedLeafTest {

    private static final Duration REFRESH = Duration.ofMinutes(1);
    private static final Duration LIFE = Duration.ofHours(24);
    private static final Bytes ROOT = Bytes.of(new byte[32]);

    private final TestClock clock = new TestClock(Instant.parse("2026-11-01T12:00:00Z"));
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile boolean broken;
    private volatile Bytes root = ROOT;
    private final CertifiedLeaf certified = new CertifiedLeaf(this::make, () -> root, clock);
    private Leaf first;

    private CertifiedLeaf.Made make(Instant now) throws AttestedTlsException {
        attempts.incrementAndGet();
        if (broken) {
            throw new AttestedTlsException(Reason.EVIDENCE_UNAVAILABLE, "broken");
        }
        try {
            return new CertifiedLeaf.Made(PlainTls.leaf("localhost"), root, now.plus(REFRESH), now.plus(LIFE));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() throws Exception {
        first = certified.get();
        assertThat(attempts).hasValue(1);
    }

    /** Asks for the leaf and waits until whatever that has set going is done. */
    private Leaf ask() throws Exception {
        Leaf leaf = certified.get();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("ebridge-ratls-refresh")) {
                thread.join(15_000);
                assertThat(thread.isAlive()).isFalse();
            }
        }
        return leaf;
    }

    @Test
    void renewalsThatFailAreTriedAgainAfterPausesThatGrowUpToAMinute() throws Exception {
        broken = true;
        clock.advance(REFRESH.plusMillis(1));
        for (long pause : new long[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
            int before = attempts.get();
            assertThat(ask()).isSameAs(first);
            assertThat(attempts).hasValue(before + 1);
            // Handshakes that come meanwhile change nothing.
            assertThat(ask()).isSameAs(first);
            clock.advance(Duration.ofSeconds(pause).minusMillis(1));
            assertThat(ask()).isSameAs(first);
            assertThat(attempts).as("after a pause of %s s", pause).hasValue(before + 1);
            clock.advance(Duration.ofMillis(1));
        }
    }

    @Test
    void onceMendedItIsRenewedWithTheNextAttemptAndPausesBeginAnew() throws Exception {
        broken = true;
        clock.advance(REFRESH.plusMillis(1));
        ask();
        clock.advance(Duration.ofSeconds(1));
        ask();
        assertThat(attempts).hasValue(3);
        broken = false;
        clock.advance(Duration.ofSeconds(1));
        ask();
        assertThat(attempts).hasValue(3);
        clock.advance(Duration.ofSeconds(1));
        ask();
        assertThat(attempts).hasValue(4);
        assertThat(ask()).isNotSameAs(first);

        broken = true;
        clock.advance(REFRESH.plusMillis(1));
        ask();
        assertThat(attempts).hasValue(5);
        clock.advance(Duration.ofSeconds(1));
        ask();
        assertThat(attempts).hasValue(6);
    }

    @Test
    void changesOfTheConfigurationKeepToThePausesToo() throws Exception {
        broken = true;
        for (int i = 0; i < 5; i++) {
            root = Bytes.of(new byte[] {(byte) i}).sha256();
            certified.replace();
            assertThat(ask()).isSameAs(first);
        }
        assertThat(attempts).hasValue(2);
        broken = false;
        clock.advance(Duration.ofSeconds(1));
        ask();
        assertThat(ask()).isNotSameAs(first);
        assertThat(attempts).hasValue(3);
    }

    @Test
    void aClockThatIsSetBackDoesNotMakeAPauseLast() throws Exception {
        root = Bytes.of(new byte[1]).sha256();
        broken = true;
        ask();
        broken = false;
        clock.set(clock.instant().minus(Duration.ofDays(1)));
        ask();
        assertThat(ask()).isNotSameAs(first);
    }

    @Test
    void theOldOneServesUntilItEndsAndNotAMomentLonger() throws Exception {
        Instant end = clock.instant().plus(LIFE);
        broken = true;
        clock.set(end);
        assertThat(ask()).isSameAs(first);
        clock.set(end.plusMillis(1));
        assertThatThrownBy(this::ask).isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                .isEqualTo(Reason.EVIDENCE_UNAVAILABLE));
    }
}
