package io.ebridge.vsock.channel;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;

/** Running things where they belong. */
final class Loops {
    private Loops() {}

    /** Runs a task on an event loop: now, if this is it, and also if it has ended, for then nobody else is there. */
    static void run(EventLoop loop, Runnable task) {
        if (!loop.inEventLoop()) {
            try {
                loop.execute(task);
                return;
            } catch (RejectedExecutionException e) {
                System.getLogger(Loops.class.getName())
                        .log(System.Logger.Level.DEBUG, "the event loop of a channel has ended", e);
            }
        }
        task.run();
    }
}
