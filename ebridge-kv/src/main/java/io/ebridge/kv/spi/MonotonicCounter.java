package io.ebridge.kv.spi;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/**
 * A number that only grows, with the digest of what it counted and a lease that one holder has at a time. It anchors a sealed store
 * across restarts: whoever can set it back can roll the store back, so {@link #trust()} says who that is.
 *
 * <p>Implementations are safe for use by several threads and bound every wait.
 */
public interface MonotonicCounter extends AutoCloseable {

    /**
     * Value and digest. A counter that was never used is {@link #ZERO}.
     *
     * @param value at least 0
     * @param digest 32 bytes
     */
    record State(long value, byte[] digest) {

        /** A counter that was never used: value 0 and 32 zero bytes. */
        public static final State ZERO = new State(0, new byte[32]);

        /**
         * Copies the digest and checks both.
         *
         * @param value at least 0
         * @param digest 32 bytes
         */
        public State {
            if (value < 0 || digest.length != 32) {
                throw new IllegalArgumentException("not a counter state");
            }
            digest = digest.clone();
        }

        /**
         * A copy of the digest.
         *
         * @return 32 bytes
         */
        @Override
        public byte[] digest() {
            return digest.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof State state && state.value == value && Arrays.equals(state.digest, digest);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(value) * 31 + Arrays.hashCode(digest);
        }

        @Override
        public String toString() {
            return "State[" + value + "]";
        }
    }

    /**
     * Who could lie.
     *
     * @param kind a short name of the implementation, such as {@code etcd}
     * @param survivesRestart whether the value outlives the enclave
     * @param hostCanRewind whether the host that carries the enclave can set it back
     * @param whoCouldLie for people: whom one relies on
     */
    record Trust(String kind, boolean survivesRestart, boolean hostCanRewind, String whoCouldLie) {}

    /** The exclusive right to move the counter. */
    interface Lease extends AutoCloseable {

        /**
         * Reads the newest state, not a cached one.
         *
         * @return the state
         * @throws CounterException if the lease is lost
         * @throws IOException if the counter could not be reached
         */
        State read() throws IOException;

        /**
         * Moves the counter if it is in the expected state and the lease is still held, atomically. If it is already in the state
         * {@code next} this succeeds, so that a call whose outcome is unknown can be repeated.
         *
         * @param expected the state it is believed to be in
         * @param next the state to move to; its value is one higher
         * @throws CounterException if it is in another state, or the lease is lost
         * @throws IOException if the counter could not be reached; it may or may not have moved
         */
        void advance(State expected, State next) throws IOException;

        /**
         * Whether the lease is held as far as can be told without asking.
         *
         * @return false once it is certainly lost or may have run out
         */
        boolean held();

        /** Gives the lease back. Idempotent; never throws, the lease then runs out. */
        @Override
        void close();
    }

    /**
     * Takes the lease.
     *
     * @param wait how long to wait for another holder
     * @return the lease
     * @throws CounterException with {@link CounterException.Kind#HELD} if another still has it after the wait
     * @throws IOException if the counter could not be reached
     * @throws InterruptedException if interrupted
     */
    Lease acquire(Duration wait) throws IOException, InterruptedException;

    /**
     * Who could lie.
     *
     * @return a description
     */
    Trust trust();

    /** Releases what the counter holds. Idempotent. */
    @Override
    void close();
}
