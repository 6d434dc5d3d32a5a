package io.ebridge.vsock.channel;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** Where a {@link PipeChannel} writes: something with bounded room that calls when there is room again. Its methods do not wait. */
public interface Outlet {
    /**
     * Has a writer called whenever there is room again, from any thread.
     *
     * @param wake submits a task and does no more
     */
    void writer(Runnable wake);

    /**
     * Takes bytes as far as there is room; leaves the buffer's indices alone.
     *
     * @param from the bytes
     * @return how many; when it is fewer than there are, the writer is called later
     * @throws IOException if they will reach nobody
     */
    int offer(ByteBuf from) throws IOException;

    /** Nothing more will be offered. */
    void end();
}
