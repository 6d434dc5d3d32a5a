package io.ebridge.kv.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.spi.CounterException;
import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostStore;
import io.ebridge.kv.spi.HostStoreContract;
import io.ebridge.kv.spi.MonotonicCounter;
import io.ebridge.kv.spi.MonotonicCounter.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InMemoryHostStoreTest extends HostStoreContract {

    @Override
    protected HostStore open() {
        return new InMemoryHostStore();
    }

    @Test
    void batchesHaveLimits() {
        HostBatch batch = new HostBatch();
        assertThatThrownBy(() -> batch.put(new byte[0], new byte[1])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> batch.put(new byte[65], new byte[1])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> batch.put(new byte[1], new byte[HostStore.MAX_VALUE_BYTES + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        byte[] large = new byte[41 << 20];
        batch.put(new byte[1], large);
        assertThatThrownBy(() -> batch.put(new byte[2], large)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theFileCounterGoesOnWhereItWas(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("counter");
        State one = new State(1, new byte[32]);
        byte[] digest = new byte[32];
        digest[5] = 7;
        State two = new State(2, digest);
        MonotonicCounter counter = InsecureCounter.file(file);
        MonotonicCounter.Lease lease = counter.acquire(Duration.ZERO);
        assertThat(lease.read()).isEqualTo(State.ZERO);
        lease.advance(State.ZERO, one);
        lease.advance(one, two);
        lease.advance(one, two);
        assertThatThrownBy(() -> lease.advance(State.ZERO, one))
                .isInstanceOfSatisfying(
                        CounterException.class, e -> assertThat(e.kind()).isEqualTo(CounterException.Kind.CONFLICT));
        assertThatThrownBy(() -> counter.acquire(Duration.ofMillis(5)))
                .isInstanceOfSatisfying(
                        CounterException.class, e -> assertThat(e.kind()).isEqualTo(CounterException.Kind.HELD));
        lease.close();
        assertThat(lease.held()).isFalse();
        assertThatThrownBy(lease::read).isInstanceOf(CounterException.class);
        assertThat(InsecureCounter.file(file).acquire(Duration.ZERO).read()).isEqualTo(two);
        assertThat(counter.trust().hostCanRewind()).isTrue();
        Files.write(file, new byte[3]);
        assertThatThrownBy(() -> InsecureCounter.file(file)).isInstanceOf(CounterException.class);
    }
}
