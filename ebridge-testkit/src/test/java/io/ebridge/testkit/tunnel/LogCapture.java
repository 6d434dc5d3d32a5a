package io.ebridge.testkit.tunnel;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What one logger says while this is open. */
final class LogCapture extends Handler implements AutoCloseable {
    final List<String> messages = new CopyOnWriteArrayList<>();
    /** Held, because the JDK forgets loggers that nobody holds, with their handlers. */
    private final Logger logger;

    LogCapture(String name) {
        logger = Logger.getLogger(name);
        setLevel(Level.ALL);
        logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord logged) {
        messages.add(logged.getLevel() + " " + logged.getMessage()
                + (logged.getThrown() == null ? "" : " " + logged.getThrown()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
