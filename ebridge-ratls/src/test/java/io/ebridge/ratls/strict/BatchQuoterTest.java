package io.ebridge.ratls.strict;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.Availability;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** When quotes begin while others are being made. What is in them is AttackTest's. */
class BatchQuoterTest implements EvidenceProvider {

    private final CountDownLatch gate = new CountDownLatch(1);
    private final LinkedBlockingQueue<EvidenceRequest> begun = new LinkedBlockingQueue<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private volatile boolean broken;

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.NITRO;
    }

    @Override
    public Availability available() {
        return Availability.yes();
    }

    @Override
    public Evidence quote(EvidenceRequest request) {
        most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
        begun.add(request);
        try {
            assertThat(gate.await(15, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        } finally {
            inFlight.decrementAndGet();
        }
        if (broken) {
            throw new NoClassDefFoundError("a device's library");
        }
        return Evidence.of(EvidenceFormat.NITRO, request.reportData().toByteArray());
    }

    private abstract static class Delegating implements EvidenceProvider {
        private final EvidenceProvider to;

        Delegating(EvidenceProvider to) {
            this.to = to;
        }

        @Override
        public EvidenceFormat format() {
            return to.format();
        }

        @Override
        public Availability available() {
            return to.available();
        }
    }

    private EvidenceRequest next() throws InterruptedException {
        EvidenceRequest next = begun.poll(15, TimeUnit.SECONDS);
        assertThat(next).as("a quote that begins").isNotNull();
        return next;
    }

    private static byte[] binding(int i) {
        byte[] binding = new byte[64];
        binding[0] = (byte) i;
        return binding;
    }

    private static void requireCovered(CompletableFuture<Answer.Quote> future, byte[] binding) throws Exception {
        Answer.Quote quote = future.get(15, TimeUnit.SECONDS);
        assertThat(quote.reportData(binding)).isEqualTo(quote.evidence().bytes().toByteArray());
    }

    @Test
    void longQuotesOverlapEightAtMost() throws Exception {
        try (BatchQuoter quoter = new BatchQuoter(this, 100, 100, Duration.ofMillis(20))) {
            List<CompletableFuture<Answer.Quote>> quotes = new ArrayList<>();
            for (int i = 0; i < BatchQuoter.MAX_IN_FLIGHT; i++) {
                quotes.add(quoter.quote(binding(i)));
                // It begins although those before it are not done.
                next();
            }
            for (int i = 0; i < 20; i++) {
                quotes.add(quoter.quote(binding(quotes.size())));
            }
            // Eight are under way, and the rest waits for one of them and is then quoted together.
            assertThat(begun.poll(100, TimeUnit.MILLISECONDS)).isNull();
            gate.countDown();
            for (int i = 0; i < quotes.size(); i++) {
                requireCovered(quotes.get(i), binding(i));
            }
            assertThat(most).hasValue(BatchQuoter.MAX_IN_FLIGHT);
            assertThat(quotes.get(quotes.size() - 1).join().batch()).isEqualTo(20);
        }
    }

    @Test
    void aQuoteOfUnknownLengthIsWaitedFor() throws Exception {
        try (BatchQuoter quoter = new BatchQuoter(this, 100, 100)) {
            List<CompletableFuture<Answer.Quote>> quotes = new ArrayList<>();
            quotes.add(quoter.quote(binding(0)));
            next();
            for (int i = 1; i < 10; i++) {
                quotes.add(quoter.quote(binding(i)));
            }
            assertThat(begun.poll(50, TimeUnit.MILLISECONDS)).isNull();
            gate.countDown();
            for (int i = 0; i < quotes.size(); i++) {
                requireCovered(quotes.get(i), binding(i));
            }
            assertThat(most).hasValue(1);
            assertThat(quotes.get(9).join().batch()).isEqualTo(9);
        }
    }

    /** As kernels' drivers do, which hold a lock around their device. */
    @Test
    void aDeviceThatMakesOneAfterTheOtherIsNotAskedForMoreAtOnceForLong() throws Exception {
        ReentrantLock device = new ReentrantLock();
        AtomicInteger overlapping = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        EvidenceProvider serial = new Delegating(this) {
            @Override
            public Evidence quote(EvidenceRequest request) {
                if (inFlight.incrementAndGet() > 1) {
                    overlapping.incrementAndGet();
                }
                device.lock();
                try {
                    // The device is at work.
                    assertThat(never.await(20, TimeUnit.MILLISECONDS)).isFalse();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("interrupted", e);
                } finally {
                    device.unlock();
                    inFlight.decrementAndGet();
                }
                begun.add(request);
                return Evidence.of(EvidenceFormat.NITRO, request.reportData().toByteArray());
            }
        };
        try (BatchQuoter quoter = new BatchQuoter(serial, 100, 1)) {
            List<CompletableFuture<Answer.Quote>> quotes = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                quotes.add(quoter.quote(binding(i)));
            }
            for (int i = 0; i < quotes.size(); i++) {
                requireCovered(quotes.get(i), binding(i));
            }
            // Tried, found wanting, and left for the next 64.
            assertThat(overlapping).hasValueBetween(1, 20);
        }
    }

    @Test
    void longQuotesOfABusyMachineStillOverlap() throws Exception {
        List<Integer> beside = new java.util.concurrent.CopyOnWriteArrayList<>();
        CountDownLatch never = new CountDownLatch(1);
        EvidenceProvider busy = new Delegating(this) {
            @Override
            public Evidence quote(EvidenceRequest request) {
                beside.add(inFlight.getAndIncrement());
                try {
                    // Three times as long as the quickest, but beside each other.
                    assertThat(never.await(60, TimeUnit.MILLISECONDS)).isFalse();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("interrupted", e);
                } finally {
                    inFlight.decrementAndGet();
                }
                return Evidence.of(EvidenceFormat.NITRO, request.reportData().toByteArray());
            }
        };
        try (BatchQuoter quoter = new BatchQuoter(busy, 100, 1, Duration.ofMillis(20))) {
            List<CompletableFuture<Answer.Quote>> quotes = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                quotes.add(quoter.quote(binding(i)));
            }
            for (int i = 0; i < quotes.size(); i++) {
                requireCovered(quotes.get(i), binding(i));
            }
            assertThat(beside.subList(30, 60)).anyMatch(others -> others >= 4);
        }
    }

    @Test
    void thoseWhoComeTogetherWaitForEachOther() throws Exception {
        LinkedBlockingQueue<Long> times = new LinkedBlockingQueue<>();
        EvidenceProvider timed = new Delegating(this) {
            @Override
            public Evidence quote(EvidenceRequest request) throws io.ebridge.attest.EvidenceUnavailableException {
                times.add(System.nanoTime());
                return BatchQuoterTest.this.quote(request);
            }
        };
        try (BatchQuoter quoter = new BatchQuoter(timed, 100, 100)) {
            CompletableFuture<Answer.Quote> first = quoter.quote(binding(0));
            next();
            CompletableFuture<Answer.Quote> second = quoter.quote(binding(1));
            CompletableFuture<Answer.Quote> third = quoter.quote(binding(2));
            gate.countDown();
            requireCovered(first, binding(0));
            requireCovered(second, binding(1));
            requireCovered(third, binding(2));
            assertThat(third.join().batch()).isEqualTo(2);
            // The last quote was shared: who comes now may have company.
            CompletableFuture<Answer.Quote> fourth = quoter.quote(binding(3));
            requireCovered(fourth, binding(3));
            assertThat(fourth.join().batch()).isEqualTo(1);
            // That one was not.
            requireCovered(quoter.quote(binding(4)), binding(4));
        }
        List<Long> begun = new ArrayList<>(times);
        assertThat(begun).hasSize(4);
        assertThat(begun.get(2) - begun.get(1))
                .isGreaterThan(Duration.ofMillis(4).toNanos());
    }

    @Test
    void manyQuotesOfManyThreadsAllComeBack() throws Exception {
        gate.countDown();
        try (BatchQuoter quoter = new BatchQuoter(this, 1000, 7, Duration.ofMillis(40))) {
            List<Thread> threads = new ArrayList<>();
            LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
            for (int t = 0; t < 8; t++) {
                int thread = t;
                threads.add(new Thread(() -> {
                    try {
                        for (int i = 0; i < 100; i++) {
                            byte[] binding = binding(i);
                            binding[1] = (byte) thread;
                            requireCovered(quoter.quote(binding), binding);
                        }
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join(30_000);
                assertThat(thread.isAlive()).isFalse();
            }
            assertThat(failures).isEmpty();
        }
    }

    @Test
    void whateverTheProviderFailsWithTheNextOneIsServed() throws Exception {
        gate.countDown();
        broken = true;
        try (BatchQuoter quoter = new BatchQuoter(this, 10, 10)) {
            CompletableFuture<Answer.Quote> failed = quoter.quote(binding(0));
            assertThat(failed)
                    .failsWithin(Duration.ofSeconds(15))
                    .withThrowableThat()
                    .satisfies(e -> assertThat(
                                    AttestedTlsException.in(e).orElseThrow().reason())
                            .isEqualTo(Reason.EVIDENCE_UNAVAILABLE));
            broken = false;
            requireCovered(quoter.quote(binding(1)), binding(1));
        }
    }

    @Test
    void closingFailsThoseWhoWaitAndThoseWhoCome() throws Exception {
        BatchQuoter quoter = new BatchQuoter(this, 10, 10, Duration.ofMillis(20));
        CompletableFuture<Answer.Quote> held = quoter.quote(binding(0));
        next();
        quoter.close();
        quoter.close();
        assertThat(held).failsWithin(Duration.ofSeconds(15));
        assertThat(quoter.quote(binding(1))).isCompletedExceptionally();
    }
}
