package io.ebridge.ratls.strict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who makes a value when many want it at once; how long values live is in RecentVerdictsTest. */
class RecentTest {

    private final Recent<String, Object> recent = new Recent<>(() -> 0);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger made = new AtomicInteger();

    @AfterEach
    void end() {
        gate.countDown();
        threads.shutdownNow();
    }

    private Object slowly() throws InterruptedException {
        made.incrementAndGet();
        begun.countDown();
        assertThat(gate.await(15, TimeUnit.SECONDS)).isTrue();
        return new Object();
    }

    private Future<Object> makeSlowly() throws InterruptedException {
        Future<Object> first = threads.submit(() -> recent.get("key", value -> true, this::slowly));
        assertThat(begun.await(15, TimeUnit.SECONDS)).isTrue();
        return first;
    }

    private Object quickly() {
        made.incrementAndGet();
        return new Object();
    }

    @Test
    void whoComesMeanwhileGetsWhatTheFirstMakes() throws Exception {
        Future<Object> first = makeSlowly();
        Future<Object> second = threads.submit(() -> {
            // Opens the gate from within the wait: the value is asked for after that, or it is waited for.
            threads.execute(gate::countDown);
            return recent.get("key", value -> true, this::quickly);
        });
        assertThat(second.get(15, TimeUnit.SECONDS)).isSameAs(first.get(15, TimeUnit.SECONDS));
        assertThat(made).hasValue(1);
    }

    @Test
    void butWaitsNotForLong() throws Exception {
        Future<Object> first = makeSlowly();
        Object own = recent.get("key", value -> true, this::quickly);
        assertThat(first.isDone()).isFalse();
        gate.countDown();
        assertThat(first.get(15, TimeUnit.SECONDS)).isNotSameAs(own);
        // What is there stays.
        assertThat(recent.get("key", value -> true, this::quickly)).isSameAs(own);
        assertThat(made).hasValue(2);
    }

    @Test
    void andMakesItWhereTheFirstFails() throws Exception {
        Future<Object> first = threads.submit(() -> recent.get("key", value -> true, () -> {
            slowly();
            throw new IllegalStateException("failed");
        }));
        assertThat(begun.await(15, TimeUnit.SECONDS)).isTrue();
        gate.countDown();
        assertThat(recent.get("key", value -> true, this::quickly)).isNotNull();
        assertThatThrownBy(() -> first.get(15, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("failed");
        assertThat(made).hasValue(2);
    }

    @Test
    void othersAreNotHeldUp() throws Exception {
        Future<Object> first = makeSlowly();
        Object other = recent.get("other", value -> true, this::quickly);
        assertThat(recent.get("other", value -> true, this::quickly)).isSameAs(other);
        assertThat(first.isDone()).isFalse();
    }

    @Test
    void whatNoLongerHoldsIsMadeAnew() {
        Object first = recent.get("key", value -> true, this::quickly);
        Object second = recent.get("key", value -> false, this::quickly);
        assertThat(second).isNotSameAs(first);
        assertThat(recent.get("key", value -> true, this::quickly)).isSameAs(second);
    }
}
