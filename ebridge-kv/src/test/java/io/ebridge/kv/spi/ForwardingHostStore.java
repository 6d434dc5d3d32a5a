package io.ebridge.kv.spi;

import java.io.IOException;
import java.util.List;

/** Has another store do everything, for tests to change some of it. Reads of several values come down to {@link #get(byte[])}. */
public abstract class ForwardingHostStore implements HostStore {

    protected final HostStore inner;

    protected ForwardingHostStore(HostStore inner) {
        this.inner = inner;
    }

    @Override
    public boolean durable() {
        return inner.durable();
    }

    @Override
    public byte[] get(byte[] key) throws IOException {
        return inner.get(key);
    }

    @Override
    public void write(HostBatch batch, boolean sync) throws IOException {
        inner.write(batch, sync);
    }

    @Override
    public List<HostEntry> scan(byte[] prefix, byte[] after, int maxEntries, int maxValueBytes) throws IOException {
        return inner.scan(prefix, after, maxEntries, maxValueBytes);
    }

    @Override
    public void close() {
        inner.close();
    }
}
