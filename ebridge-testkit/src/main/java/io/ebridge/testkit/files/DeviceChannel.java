package io.ebridge.testkit.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/** One opening of a pseudo-file: the content is made at the first read and stays the same until it is closed. */
final class DeviceChannel implements SeekableByteChannel {
    private final DeviceTree.Opened file;
    private final boolean readable;
    private final boolean writable;
    private final long size;
    private byte @Nullable [] content;
    private long position;
    private boolean open = true;

    DeviceChannel(DeviceTree.Opened file, boolean readable, boolean writable, long size) {
        this.file = file;
        this.readable = readable;
        this.writable = writable;
        this.size = size;
    }

    @Override
    public synchronized int read(ByteBuffer to) throws IOException {
        ensureOpen();
        if (!readable) {
            throw new NonReadableChannelException();
        }
        byte[] all = content;
        if (all == null) {
            all = file.content();
            content = all;
        }
        if (position >= all.length) {
            return -1;
        }
        int count = Math.min(to.remaining(), all.length - (int) position);
        to.put(all, (int) position, count);
        position += count;
        return count;
    }

    @Override
    public synchronized int write(ByteBuffer from) throws IOException {
        ensureOpen();
        if (!writable) {
            throw new NonWritableChannelException();
        }
        byte[] bytes = new byte[from.remaining()];
        from.duplicate().get(bytes);
        file.write(bytes);
        from.position(from.limit());
        position += bytes.length;
        return bytes.length;
    }

    private void ensureOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public synchronized long position() throws IOException {
        ensureOpen();
        return position;
    }

    @Override
    public synchronized SeekableByteChannel position(long newPosition) throws IOException {
        ensureOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("a position is not negative");
        }
        position = newPosition;
        return this;
    }

    @Override
    public synchronized long size() throws IOException {
        ensureOpen();
        return size;
    }

    /** Does nothing: a pseudo-file has no length to cut. */
    @Override
    public synchronized SeekableByteChannel truncate(long newSize) throws IOException {
        ensureOpen();
        if (!writable) {
            throw new NonWritableChannelException();
        }
        return this;
    }

    @Override
    public synchronized boolean isOpen() {
        return open;
    }

    @Override
    public synchronized void close() throws IOException {
        if (open) {
            open = false;
            file.close();
        }
    }
}
