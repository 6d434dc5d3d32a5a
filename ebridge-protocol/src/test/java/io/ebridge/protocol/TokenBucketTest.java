package io.ebridge.protocol;

import static io.ebridge.protocol.Wire.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.draw.Draw;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    @Test
    void holdsABurstAndRefills() {
        TokenBucket bucket = TokenBucket.full(10, 5, 0);
        assertThat(bucket.tryTake(6, 0)).isFalse();
        assertThat(bucket.tryTake(5, 0)).isTrue();
        assertThat(bucket.untilFull(0)).isEqualTo(Duration.ofMillis(500));
        assertThat(bucket.tryTake(1, 0)).isFalse();
        assertThat(bucket.tryTake(0, 0)).isTrue();
        assertThat(bucket.tryTake(1, SECOND / 10 - 1)).isFalse();
        assertThat(bucket.tryTake(1, SECOND / 10)).isTrue();
        assertThat(bucket.tryTake(5, 100 * SECOND)).isTrue();
        assertThat(bucket.tryTake(1, 100 * SECOND))
                .as("never more than the burst")
                .isFalse();
    }

    @Test
    void timeMayWrapAround() {
        TokenBucket bucket = TokenBucket.full(1, 1, Long.MAX_VALUE);
        assertThat(bucket.tryTake(1, Long.MAX_VALUE)).isTrue();
        assertThat(bucket.tryTake(1, Long.MIN_VALUE)).isFalse();
        assertThat(bucket.tryTake(1, Long.MAX_VALUE + SECOND)).isTrue();
    }

    @Test
    void boundsAreChecked() {
        assertThatThrownBy(() -> TokenBucket.full(0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TokenBucket.full(1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TokenBucket.full(1, SECOND + 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TokenBucket.full(1, 1, 0).tryTake(-1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(TokenBucket.full(1, SECOND, 0).tryTake(Long.MAX_VALUE, 0)).isFalse();
    }

    @Test
    void neverGivesMoreThanTheRateAllows() {
        Draw.cases(
                300,
                draw -> givesAtMost(draw.between(1, 1000), draw.between(1, 100), draw.list(200, () ->
                        (long) draw.between(0, 50_000_000))));
    }

    private static void givesAtMost(int rate, int burst, java.util.List<Long> steps) {
        TokenBucket bucket = TokenBucket.full(rate, burst, 0);
        long now = 0;
        long taken = 0;
        for (long step : steps) {
            now += step;
            if (bucket.tryTake(1, now)) {
                taken++;
            }
            // One for what rounding to nanoseconds may give away.
            assertThat(taken).isLessThanOrEqualTo(burst + now * rate / SECOND + 1);
        }
    }
}
