package io.ebridge.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * Gives each read the whole of a large buffer that the event loop keeps; what was read is usually written on at once, and the
 * buffer is free again. Such a read costs no allocation and no fresh pages, and its bytes are still in the cache when they are written. A
 * read whose bytes have to wait keeps its buffer, and the loop takes the next one.
 */
@SuppressWarnings("deprecation") // The interface is; what replaces it extends it.
final class RelayBuffers implements RecvByteBufAllocator {
    static final RelayBuffers INSTANCE = new RelayBuffers();
    static final int SIZE = 256 * 1024;
    private static final int READS_IN_A_ROW = 4;
    private static final int KEPT = 8;

    private static final FastThreadLocal<Spare> SPARE = new FastThreadLocal<>() {
        @Override
        protected Spare initialValue() {
            return new Spare();
        }

        @Override
        protected void onRemoval(Spare spare) {
            spare.drop();
        }
    };

    private RelayBuffers() {}

    @Override
    public Handle newHandle() {
        return new ReadHandle();
    }

    /** The same bytes in a buffer that is not much larger than they are; for those that have to wait. */
    static ByteBuf compact(ByteBuf data) {
        if (data.readableBytes() > data.capacity() / 2) {
            return data;
        }
        ByteBuf small = data.alloc().ioBuffer(data.readableBytes());
        small.writeBytes(data);
        data.release();
        return small;
    }

    /** The buffers of one event loop: some that it keeps, so that no read pays for fresh pages, and more while all of them wait. */
    private static final class Spare {
        private final ByteBuf[] kept = new ByteBuf[KEPT];
        private int count;

        ByteBuf take(ByteBufAllocator allocator) {
            for (int i = 0; i < count; i++) {
                if (kept[i].refCnt() == 1) {
                    return kept[i].clear().retain();
                }
            }
            if (count < KEPT) {
                ByteBuf fresh = Unpooled.directBuffer(SIZE, SIZE);
                kept[count++] = fresh;
                return fresh.retain();
            }
            return allocator.ioBuffer(SIZE, SIZE);
        }

        void drop() {
            while (count > 0) {
                kept[--count].release();
            }
        }
    }

    private static final class ReadHandle implements ExtendedHandle {
        private int reads;
        private int attempted;
        private int last;

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return SPARE.get().take(allocator);
        }

        @Override
        public int guess() {
            return SIZE;
        }

        @Override
        public void reset(io.netty.channel.ChannelConfig config) {
            reads = 0;
            last = 0;
            this.config = config;
        }

        private io.netty.channel.@Nullable ChannelConfig config;

        @Override
        public void incMessagesRead(int count) {
            reads += count;
        }

        @Override
        public void lastBytesRead(int bytes) {
            last = bytes;
        }

        @Override
        public int lastBytesRead() {
            return last;
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            attempted = bytes;
        }

        @Override
        public int attemptedBytesRead() {
            return attempted;
        }

        @Override
        public boolean continueReading() {
            return continueReading(() -> attempted == last);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            io.netty.channel.ChannelConfig current = config;
            return current != null && current.isAutoRead() && last > 0 && reads < READS_IN_A_ROW && maybeMore.get();
        }

        @Override
        public void readComplete() {}
    }
}
