package io.ebridge.testkit;

import io.ebridge.vsock.VsockAddress;
import java.time.Duration;

/** One stream of a {@link LoopbackNetwork} as the wire sees it, with a hand on its faults. Safe for use by many threads. */
public interface LoopbackLink {
    /**
     * Who connected.
     *
     * @return the address
     */
    VsockAddress client();

    /**
     * Who accepted.
     *
     * @return the address
     */
    VsockAddress server();

    /**
     * What the client sends.
     *
     * @return that direction
     */
    Flow toServer();

    /**
     * What the server sends.
     *
     * @return that direction
     */
    Flow toClient();

    /** Resets the stream: what is under way is lost, and both sides get an error at once. */
    void reset();

    /** Cuts the wire: nothing arrives any more in either direction, and neither side is told. */
    default void cut() {
        toServer().stall();
        toClient().stall();
    }

    /** One direction of a stream. Offsets count the bytes of this direction from 0. */
    interface Flow {
        /**
         * How many bytes have been sent into it.
         *
         * @return the count
         */
        long sent();

        /**
         * How many bytes have come out of it.
         *
         * @return the count
         */
        long delivered();

        /**
         * Delays every byte that is sent from now on.
         *
         * @param by zero or more
         */
        void delay(Duration by);

        /**
         * Limits the speed of what is sent from now on.
         *
         * @param bytesPerSecond above zero; {@link Long#MAX_VALUE} for no limit
         */
        void bandwidth(long bytesPerSecond);

        /** Delivers nothing until {@link #resume()}: a reader that has stopped, or a wire that was cut. */
        void stall();

        /** Delivers again. */
        void resume();

        /**
         * Changes one byte on its way.
         *
         * @param offset which byte; one that has been sent is not changed
         * @param mask bits to turn over, 1 to 255
         */
        void corrupt(long offset, int mask);

        /**
         * Resets the stream after a number of bytes has been delivered: the loss of the peer in the middle of a message. What is sent behind is dropped.
         *
         * @param offset how many bytes are still delivered
         */
        void resetAfter(long offset);

        /**
         * Ends this direction after a number of bytes, as if the sender had ended its output there: a clean end in the middle of a message. What is sent behind is dropped without a word to the sender.
         *
         * @param offset how many bytes are still delivered
         */
        void endAfter(long offset);
    }
}
