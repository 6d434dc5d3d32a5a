package io.ebridge.kv;

import io.ebridge.kv.internal.Hkdf;
import io.ebridge.kv.spi.MonotonicCounter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** How a sealed store is opened. Immutable; made by {@link #builder}. The defaults are secure and suit most services. */
public final class StoreOptions {

    /** The longest value a store can be configured to take, in bytes. */
    public static final int MAX_VALUE_BYTES = 64 << 20;

    private final Builder b;

    private StoreOptions(Builder builder) {
        this.b = builder;
    }

    /**
     * Starts a set of options.
     *
     * @param storeName what the store is called, 1 to 64 bytes of UTF-8; part of every key and of every record's binding, so that
     *     two stores under one sealing key cannot be mistaken for each other
     * @return the builder
     */
    public static Builder builder(String storeName) {
        return new Builder(storeName);
    }

    /**
     * The store's name.
     *
     * @return the name
     */
    public String storeName() {
        return b.storeName;
    }

    /**
     * The tier.
     *
     * @return the tier
     */
    public Tier tier() {
        return b.tier;
    }

    /**
     * The counter; present at {@link Tier#ROLLBACK_SAFE} only.
     *
     * @return the counter
     */
    public Optional<MonotonicCounter> counter() {
        return Optional.ofNullable(b.counter);
    }

    /**
     * How long to wait for the counter's lease when opening.
     *
     * @return the longest wait
     */
    public Duration leaseWait() {
        return b.leaseWait;
    }

    /**
     * What writes that do not say otherwise ask for.
     *
     * @return the durability
     */
    public Durability durability() {
        return b.durability;
    }

    /**
     * The padding.
     *
     * @return the policy
     */
    public Padding padding() {
        return b.padding;
    }

    /**
     * The source of trusted time.
     *
     * @return the source
     */
    public TrustedTime time() {
        return b.time;
    }

    /**
     * The longest value taken.
     *
     * @return bytes
     */
    public int maxValueBytes() {
        return b.maxValueBytes;
    }

    /**
     * After how many volatile writes the next one makes all of them durable.
     *
     * @return a count
     */
    public int volatileLimit() {
        return b.volatileLimit;
    }

    /**
     * How long volatile writes stay volatile at most; zero if only {@link #volatileLimit} and explicit commits count.
     *
     * @return the interval
     */
    public Duration commitInterval() {
        return b.commitInterval;
    }

    /**
     * Who hears about operations.
     *
     * @return the listener
     */
    public StoreListener listener() {
        return b.listener;
    }

    /**
     * Where asynchronous calls run; empty for a bounded pool of the store's own.
     *
     * @return the executor
     */
    public Optional<Executor> executor() {
        return Optional.ofNullable(b.executor);
    }

    /**
     * The source of the 32 random bytes that each start draws.
     *
     * @return the source
     */
    public SecureRandom random() {
        return b.random;
    }

    /** Builds {@link StoreOptions}. Not for use by several threads. */
    public static final class Builder {
        private final String storeName;
        private Tier tier = Tier.LIVE_FRESH;
        private @Nullable MonotonicCounter counter;
        private Duration leaseWait = Duration.ofSeconds(30);
        private Durability durability = Durability.DURABLE;
        private Padding padding = Padding.none();
        private TrustedTime time = TrustedTime.none();
        private int maxValueBytes = 16 << 20;
        private int volatileLimit = 16_384;
        private Duration commitInterval = Duration.ofMillis(200);
        private StoreListener listener = StoreListener.none();
        private @Nullable Executor executor;
        private SecureRandom random = new SecureRandom();

        private Builder(String storeName) {
            Hkdf.name("store", storeName);
            this.storeName = storeName;
        }

        private Builder(Builder other) {
            storeName = other.storeName;
            tier = other.tier;
            counter = other.counter;
            leaseWait = other.leaseWait;
            durability = other.durability;
            padding = other.padding;
            time = other.time;
            maxValueBytes = other.maxValueBytes;
            volatileLimit = other.volatileLimit;
            commitInterval = other.commitInterval;
            listener = other.listener;
            executor = other.executor;
            random = other.random;
        }

        /**
         * Chooses {@link Tier#SEALED}: the host can answer with old records unnoticed.
         *
         * @return this
         */
        public Builder insecureSealedOnly() {
            tier = Tier.SEALED;
            counter = null;
            return this;
        }

        /**
         * Chooses {@link Tier#ROLLBACK_SAFE}.
         *
         * @param monotonicCounter the anchor; one counter belongs to one store. The store does not close it.
         * @return this
         */
        public Builder rollbackSafe(MonotonicCounter monotonicCounter) {
            tier = Tier.ROLLBACK_SAFE;
            counter = Objects.requireNonNull(monotonicCounter);
            return this;
        }

        /**
         * Sets how long opening waits for the lease of an instance that has died; 30 s by default. Must be longer than the
         * counter's lease time for a restart after a kill to succeed.
         *
         * @param wait zero or more
         * @return this
         */
        public Builder leaseWait(Duration wait) {
            if (wait.isNegative()) {
                throw new IllegalArgumentException("negative wait");
            }
            leaseWait = wait;
            return this;
        }

        /**
         * Sets what writes that do not say otherwise ask for; {@link Durability#DURABLE} by default.
         *
         * @param value the durability
         * @return this
         */
        public Builder durability(Durability value) {
            durability = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the padding; none by default.
         *
         * @param value the policy
         * @return this
         */
        public Builder padding(Padding value) {
            padding = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the source of trusted time; none by default, and without one there is no time to live.
         *
         * @param value the source
         * @return this
         */
        public Builder time(TrustedTime value) {
            time = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the longest value; 16 MiB by default.
         *
         * @param bytes 1 to {@link #MAX_VALUE_BYTES}
         * @return this
         */
        public Builder maxValueBytes(int bytes) {
            if (bytes < 1 || bytes > MAX_VALUE_BYTES) {
                throw new IllegalArgumentException("longest value out of range: " + bytes);
            }
            maxValueBytes = bytes;
            return this;
        }

        /**
         * Sets after how many volatile writes the next one makes all of them durable; 16,384 by default. Unless the commit interval is
         * zero, half as many begin a commit in the background, so that seldom a write has to wait for it.
         *
         * @param count 1 to 1,000,000
         * @return this
         */
        public Builder volatileLimit(int count) {
            if (count < 1 || count > 1_000_000) {
                throw new IllegalArgumentException("volatile limit out of range: " + count);
            }
            volatileLimit = count;
            return this;
        }

        /**
         * Sets how long volatile writes stay volatile; 200 ms by default. Zero starts no background thread.
         *
         * @param interval zero or more
         * @return this
         */
        public Builder commitInterval(Duration interval) {
            if (interval.isNegative()) {
                throw new IllegalArgumentException("negative interval");
            }
            commitInterval = interval;
            return this;
        }

        /**
         * Sets who hears about operations.
         *
         * @param value the listener
         * @return this
         */
        public Builder listener(StoreListener value) {
            listener = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets where asynchronous calls run, for instance an executor of virtual threads. The calls block there.
         *
         * @param value the executor; the store does not shut it down
         * @return this
         */
        public Builder executor(Executor value) {
            executor = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the source of randomness.
         *
         * @param value the source
         * @return this
         */
        public Builder random(SecureRandom value) {
            random = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Finishes the options.
         *
         * @return the options
         */
        public StoreOptions build() {
            return new StoreOptions(new Builder(this));
        }
    }
}
