package io.ebridge.kv.internal;

import java.util.concurrent.locks.StampedLock;

/**
 * Token to version word, for one namespace: 24 bytes an entry in open-addressed segments that grow by half, so that growing never
 * copies more than a 64th. Readers are optimistic; writers are serialised by the caller. A segment holds a contiguous range of
 * tokens, which gives sweeps an order that survives restarts.
 *
 * <p>A word is a version in its low 62 bits and the record's flags above them. Zero means absent.
 */
final class VersionTable {

    static final long TTL = 1L << 63;
    static final long TOMBSTONE = 1L << 62;
    static final long VERSION = TOMBSTONE - 1;
    static final int SEGMENTS = 64;
    private static final int SHIFT = 58;

    private final Segment[] segments = new Segment[SEGMENTS];

    VersionTable() {
        for (int i = 0; i < SEGMENTS; i++) {
            segments[i] = new Segment();
        }
    }

    long get(long hi, long lo) {
        return segments[(int) (hi >>> SHIFT)].get(hi, lo);
    }

    /** Sets a word; zero removes. */
    void put(long hi, long lo, long word) {
        segments[(int) (hi >>> SHIFT)].put(hi, lo, word);
    }

    /** The entries of one segment at one moment: hi, lo, word, hi, lo, word and so on. */
    long[] segment(int index) {
        return segments[index].copy();
    }

    private static final class Segment {
        private final StampedLock lock = new StampedLock();
        private long[] slots = new long[3 * 4];
        private int used;

        long get(long hi, long lo) {
            long stamp = lock.tryOptimisticRead();
            if (stamp != 0) {
                long word = find(slots, hi, lo);
                if (lock.validate(stamp)) {
                    return word;
                }
            }
            stamp = lock.readLock();
            try {
                return find(slots, hi, lo);
            } finally {
                lock.unlockRead(stamp);
            }
        }

        private static int home(long lo, int capacity) {
            return (int) (((lo >>> 32) * capacity) >>> 32);
        }

        /** Bounded by the capacity even when it reads a segment that is being changed. */
        private static long find(long[] s, long hi, long lo) {
            int capacity = s.length / 3;
            int i = home(lo, capacity);
            for (int n = 0; n < capacity; n++) {
                int at = 3 * i;
                long word = s[at + 2];
                if (word == 0) {
                    return 0;
                }
                if (s[at] == hi && s[at + 1] == lo) {
                    return word;
                }
                i = i + 1 == capacity ? 0 : i + 1;
            }
            return 0;
        }

        void put(long hi, long lo, long word) {
            long stamp = lock.writeLock();
            try {
                if (word == 0) {
                    remove(hi, lo);
                    return;
                }
                int capacity = slots.length / 3;
                if ((used + 1) * 20L > capacity * 17L) {
                    grow(capacity + Math.max(4, capacity / 2));
                }
                if (insert(slots, hi, lo, word)) {
                    used++;
                }
            } finally {
                lock.unlockWrite(stamp);
            }
        }

        private static boolean insert(long[] s, long hi, long lo, long word) {
            int capacity = s.length / 3;
            int i = home(lo, capacity);
            while (true) {
                int at = 3 * i;
                if (s[at + 2] == 0) {
                    s[at] = hi;
                    s[at + 1] = lo;
                    s[at + 2] = word;
                    return true;
                }
                if (s[at] == hi && s[at + 1] == lo) {
                    s[at + 2] = word;
                    return false;
                }
                i = i + 1 == capacity ? 0 : i + 1;
            }
        }

        private void grow(int capacity) {
            if (capacity > Integer.MAX_VALUE / 4) {
                throw new IllegalStateException("the version table is full");
            }
            long[] bigger = new long[3 * capacity];
            for (int at = 0; at < slots.length; at += 3) {
                if (slots[at + 2] != 0) {
                    insert(bigger, slots[at], slots[at + 1], slots[at + 2]);
                }
            }
            slots = bigger;
        }

        /** Removes by shifting back what follows, so that no markers pile up. */
        private void remove(long hi, long lo) {
            long[] s = slots;
            int capacity = s.length / 3;
            int i = home(lo, capacity);
            while (s[3 * i + 2] != 0 && (s[3 * i] != hi || s[3 * i + 1] != lo)) {
                i = i + 1 == capacity ? 0 : i + 1;
            }
            if (s[3 * i + 2] == 0) {
                return;
            }
            used--;
            int hole = i;
            int j = i;
            while (true) {
                j = j + 1 == capacity ? 0 : j + 1;
                if (s[3 * j + 2] == 0) {
                    break;
                }
                int k = home(s[3 * j + 1], capacity);
                boolean between = hole <= j ? hole < k && k <= j : hole < k || k <= j;
                if (!between) {
                    System.arraycopy(s, 3 * j, s, 3 * hole, 3);
                    hole = j;
                }
            }
            s[3 * hole] = 0;
            s[3 * hole + 1] = 0;
            s[3 * hole + 2] = 0;
        }

        long[] copy() {
            long stamp = lock.readLock();
            try {
                long[] out = new long[3 * used];
                int n = 0;
                for (int at = 0; at < slots.length; at += 3) {
                    if (slots[at + 2] != 0) {
                        System.arraycopy(slots, at, out, n, 3);
                        n += 3;
                    }
                }
                return out;
            } finally {
                lock.unlockRead(stamp);
            }
        }
    }
}
