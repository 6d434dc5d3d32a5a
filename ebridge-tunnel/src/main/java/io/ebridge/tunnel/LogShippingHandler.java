package io.ebridge.tunnel;

import java.nio.charset.StandardCharsets;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** Ships records of {@code java.util.logging}. */
final class LogShippingHandler extends Handler {
    private final LogShipper shipper;

    LogShippingHandler(LogShipper shipper) {
        this.shipper = shipper;
        setLevel(Level.ALL);
        setFormatter(new SimpleFormatter());
    }

    @Override
    public void publish(LogRecord record) {
        if (!isLoggable(record)) {
            return;
        }
        String text;
        try {
            text = getFormatter().format(record);
        } catch (RuntimeException e) {
            reportError(null, e, ErrorManager.FORMAT_FAILURE);
            return;
        }
        String whole = text.endsWith("\n") ? text : text + "\n";
        shipper.offer(whole.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
