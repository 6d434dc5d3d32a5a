package io.ebridge.kv;

import java.util.Arrays;

/**
 * How the length of a record's content is rounded up before it is sealed. The host sees the rounded length. Content is the key, the
 * value and at most 46 bytes of bookkeeping.
 */
public sealed interface Padding {

    /**
     * The length to pad to.
     *
     * @param length the length of the content, at least 0
     * @return the padded length, at least {@code length}
     */
    int padded(int length);

    /**
     * No padding: the host sees exact lengths. The default.
     *
     * @return the policy
     */
    static Padding none() {
        return new None();
    }

    /**
     * PADMÉ (Nikitin and others, "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PETS 2019,
     * section 4.3): at most 12 % longer, and only O(log log L) bits of the length leak.
     *
     * @return the policy
     */
    static Padding padme() {
        return new Padme();
    }

    /**
     * Fixed size classes; beyond the largest, multiples of the largest.
     *
     * @param sizes one or more sizes in bytes, growing, each from 16 to 16 MiB
     * @return the policy
     */
    static Padding classes(int... sizes) {
        return new Classes(sizes);
    }

    /** Exact lengths. */
    record None() implements Padding {
        @Override
        public int padded(int length) {
            return length;
        }
    }

    /** PADMÉ. */
    record Padme() implements Padding {
        @Override
        public int padded(int length) {
            if (length < 2) {
                return length;
            }
            int e = 31 - Integer.numberOfLeadingZeros(length);
            int s = 32 - Integer.numberOfLeadingZeros(e);
            int mask = (1 << (e - s)) - 1;
            return Math.toIntExact(((long) length + mask) & ~(long) mask);
        }
    }

    /** Fixed size classes. */
    final class Classes implements Padding {
        private final int[] sizes;

        Classes(int[] sizes) {
            int before = 15;
            for (int size : sizes) {
                if (size <= before || size > 1 << 24) {
                    throw new IllegalArgumentException("size classes grow from 16 bytes to 16 MiB");
                }
                before = size;
            }
            if (sizes.length == 0) {
                throw new IllegalArgumentException("no size class");
            }
            this.sizes = sizes.clone();
        }

        @Override
        public int padded(int length) {
            int at = Arrays.binarySearch(sizes, length);
            int index = at >= 0 ? at : -at - 1;
            if (index < sizes.length) {
                return sizes[index];
            }
            long largest = sizes[sizes.length - 1];
            return Math.toIntExact((length + largest - 1) / largest * largest);
        }

        /**
         * The sizes.
         *
         * @return a description
         */
        @Override
        public String toString() {
            return "Classes" + Arrays.toString(sizes);
        }
    }
}
