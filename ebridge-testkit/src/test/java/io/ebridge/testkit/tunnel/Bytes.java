package io.ebridge.testkit.tunnel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** Reproducible bytes and their checksum. */
final class Bytes {
    private static final int BLOCK = 64 * 1024;

    private Bytes() {}

    /** Writes so many bytes that the seed gives, and returns their checksum. */
    static long send(OutputStream out, long seed, long count) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        CRC32C sum = new CRC32C();
        byte[] block = new byte[BLOCK];
        random.nextBytes(block);
        for (long left = count; left > 0; left -= BLOCK) {
            int n = (int) Math.min(BLOCK, left);
            // One fresh word per block is enough to notice blocks that are lost, doubled or moved.
            long word = random.nextLong();
            for (int i = 0; i < 8; i++) {
                block[i] = (byte) (word >>> 8 * i);
            }
            out.write(block, 0, n);
            sum.update(block, 0, n);
        }
        out.flush();
        return sum.getValue();
    }

    record Received(long count, long sum) {}

    /** Reads to the end. */
    static Received drain(InputStream in) throws IOException {
        return drain(in, 0);
    }

    /** Reads to the end, resting after each block. */
    static Received drain(InputStream in, long restNanos) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] block = new byte[BLOCK];
        long count = 0;
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            sum.update(block, 0, n);
            count += n;
            if (restNanos > 0) {
                java.util.concurrent.locks.LockSupport.parkNanos(restNanos);
            }
        }
        return new Received(count, sum.getValue());
    }
}
