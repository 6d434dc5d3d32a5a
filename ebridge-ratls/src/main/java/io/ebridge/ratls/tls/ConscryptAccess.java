package io.ebridge.ratls.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.conscrypt.AllocatedBuffer;
import org.conscrypt.BufferAllocator;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/** The only class that names Conscrypt; it is loaded only where Conscrypt is on the path. */
final class ConscryptAccess {

    private static final class Holder {
        static final Provider PROVIDER = Conscrypt.newProvider();
    }

    private ConscryptAccess() {}

    static Provider provider() {
        Conscrypt.checkAvailability();
        return Holder.PROVIDER;
    }

    static byte[] export(SSLEngine engine, String label, int length) throws SSLException {
        byte[] value = Conscrypt.exportKeyingMaterial(engine, label, null, length);
        if (value == null) {
            throw new SSLException("the session exports no keying material");
        }
        return value;
    }

    /** The same leaf with its key in Conscrypt's own form, into which it would be brought anew for each handshake; as it is where that fails. */
    static Leaf own(Leaf leaf) {
        try {
            return new Leaf(
                    (PrivateKey) KeyFactory.getInstance(leaf.key().getAlgorithm(), provider())
                            .translateKey(leaf.key()),
                    leaf.chain());
        } catch (GeneralSecurityException e) {
            // A key that is not to be had, of a module say: Conscrypt signs with it by other ways.
            return leaf;
        }
    }

    static void serverName(SSLEngine engine, String name) {
        Conscrypt.setHostname(engine, name);
    }

    static void configure(SSLEngine engine) {
        Conscrypt.setUseSessionTickets(engine, false);
        Conscrypt.setBufferAllocator(engine, Buffers.SHARED);
    }

    /**
     * Memory outside the heap for the moment that bytes pass through it to native code. Left to itself each engine makes some of its own for good, and
     * clearing that takes an eighth of a handshake's time.
     */
    private static final class Buffers extends BufferAllocator {

        static final Buffers SHARED = new Buffers();
        /** More than a record has. */
        private static final int SIZE = 18 * 1024;

        private static final byte[] ZEROS = new byte[SIZE];

        private final ArrayBlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(64);

        @Override
        public AllocatedBuffer allocateDirectBuffer(int capacity) {
            ByteBuffer found = capacity < SIZE ? free.poll() : null;
            ByteBuffer buffer = found == null ? ByteBuffer.allocateDirect(Math.max(capacity, SIZE)) : found;
            return new Lent(buffer.clear());
        }

        private final class Lent extends AllocatedBuffer {

            private @Nullable ByteBuffer buffer;

            Lent(ByteBuffer buffer) {
                this.buffer = buffer;
            }

            @Override
            public ByteBuffer nioBuffer() {
                return Objects.requireNonNull(buffer, "given back");
            }

            @Override
            public AllocatedBuffer release() {
                ByteBuffer back = buffer;
                buffer = null;
                if (back != null && back.capacity() == SIZE) {
                    // Plaintext does not stay behind. How much of it there was Conscrypt leaves as the limit, or as the
                    // position where it has not turned the buffer round.
                    int used = back.limit() < SIZE ? back.limit() : back.position();
                    back.clear().put(ZEROS, 0, used);
                    // One too many is left to the collector.
                    free.offer(back);
                }
                return this;
            }
        }
    }
}
