package io.ebridge.attest.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is remembered never outlives its window, and never takes more room than it was given. */
class ExpiringCacheTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ValidityWindow HOUR = new ValidityWindow(NOW, NOW.plus(Duration.ofHours(1)));

    private static Bytes key(int i) {
        return Bytes.of(new byte[] {(byte) (i >> 8), (byte) i});
    }

    @Test
    void neverReturnsAnEntryOutsideItsWindow() {
        ExpiringCache<String> cache = new ExpiringCache<>(8);
        cache.put(key(1), "one", HOUR, NOW);
        assertThat(cache.get(key(1), NOW)).contains("one");
        assertThat(cache.get(key(1), HOUR.until())).contains("one");
        assertThat(cache.get(key(1), HOUR.until().plusNanos(1))).isEmpty();
        assertThat(cache.get(key(1), NOW.minusNanos(1))).isEmpty();
        assertThat(cache.get(key(2), NOW)).isEmpty();
    }

    @Test
    void doesNotKeepWhatIsNotValidNow() {
        ExpiringCache<String> cache = new ExpiringCache<>(8);
        cache.put(key(1), "one", HOUR, NOW.minusSeconds(1));
        assertThat(cache.size()).isZero();
    }

    @Test
    void staysWithinItsCapacity() {
        ExpiringCache<String> cache = new ExpiringCache<>(8);
        for (int i = 0; i < 1000; i++) {
            cache.put(key(i), "x", HOUR, NOW);
            assertThat(cache.size()).isLessThanOrEqualTo(8);
        }
        assertThat(cache.get(key(999), NOW)).isPresent();
        assertThat(cache.get(key(0), NOW)).isEmpty();
    }

    @Test
    void dropsExpiredEntriesBeforeLiveOnes() {
        ExpiringCache<String> cache = new ExpiringCache<>(4);
        cache.put(key(0), "live", new ValidityWindow(NOW, NOW.plusSeconds(1000)), NOW);
        for (int i = 1; i < 4; i++) {
            cache.put(key(i), "brief", new ValidityWindow(NOW, NOW.plusSeconds(1)), NOW);
        }
        Instant later = NOW.plusSeconds(2);
        cache.put(key(9), "new", new ValidityWindow(NOW, NOW.plusSeconds(1000)), later);
        assertThat(cache.get(key(0), later)).contains("live");
        assertThat(cache.get(key(9), later)).contains("new");
        assertThat(cache.size()).isEqualTo(2);
    }

    @Test
    void ofCapacityZeroKeepsNothing() {
        ExpiringCache<String> cache = new ExpiringCache<>(0);
        cache.put(key(1), "one", HOUR, NOW);
        assertThat(cache.size()).isZero();
    }

    @Test
    void boundsTheBytesOfWhatPeersSend() {
        ExpiringCache<String> cache = new ExpiringCache<>(64);
        int big = (int) (64 * ExpiringCache.BYTES_PER_ENTRY / 8);
        cache.put(key(0), "too big", HOUR, NOW, big + 1);
        assertThat(cache.size()).isZero();
        for (int i = 1; i < 100; i++) {
            cache.put(key(i), "big", HOUR, NOW, big);
            assertThat(cache.size()).isLessThanOrEqualTo(8);
            assertThat(cache.get(key(i), NOW)).contains("big");
        }
        cache.put(key(99), "again", HOUR, NOW, big);
        assertThat(cache.get(key(99), NOW)).contains("again");
    }
}
