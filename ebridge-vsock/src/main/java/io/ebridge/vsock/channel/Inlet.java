package io.ebridge.vsock.channel;

import io.netty.buffer.ByteBuf;

/** Where a {@link PipeChannel} reads: something that holds bytes and calls when there are more. Its methods do not wait. */
public interface Inlet {
    /** What a reader finds. */
    enum Found {
        /** Bytes to {@link #take}. */
        BYTES,
        /** Nothing yet. */
        NOTHING,
        /** The end, and everything before it has been taken. */
        END,
        /** The stream was cut. */
        RESET
    }

    /**
     * Has a reader called whenever there is something new, from any thread; at once if there is already.
     *
     * @param wake submits a task and does no more
     */
    void reader(Runnable wake);

    /** The reader wants bytes now. */
    default void ask() {}

    /**
     * What is there now.
     *
     * @return what
     */
    Found look();

    /**
     * After {@link Found#NOTHING}: when something that is under way arrives.
     *
     * @return in how many nanoseconds; zero if nothing is, or if the reader will be called
     */
    default long nanosUntilMore() {
        return 0;
    }

    /**
     * Takes bytes, as many as there are and have room.
     *
     * @param into where to
     */
    void take(ByteBuf into);

    /** The reader is gone. */
    void closeReader();
}
