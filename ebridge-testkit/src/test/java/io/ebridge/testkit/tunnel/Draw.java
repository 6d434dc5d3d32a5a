package io.ebridge.testkit.tunnel;

import java.util.SplittableRandom;

/**
 * Draws the cases of a property test: any value, and edges more often than chance would. Every run draws others; a failure names its seed, and
 * {@code -Debridge.test.seed} draws the same again.
 */
final class Draw {
    private static final int EDGES = 8;

    /** What must hold for every case. */
    @FunctionalInterface
    interface Property {
        void check(Draw draw) throws Exception;
    }

    private final SplittableRandom random;

    private Draw(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Checks a property for a number of cases. */
    static void cases(int count, Property property) {
        long seed = Long.getLong("ebridge.test.seed", new SplittableRandom().nextLong());
        for (int i = 0; i < count; i++) {
            try {
                property.check(new Draw(seed + i));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("case " + i + " of seed " + seed + ": " + e, e);
            }
        }
    }

    private boolean edge() {
        return random.nextInt(EDGES) == 0;
    }

    /** From {@code low} to {@code high}, both included. */
    int between(int low, int high) {
        return edge() ? (random.nextBoolean() ? low : high) : (int) random.nextLong(low, high + 1L);
    }

    /** So many bytes, at times all alike. */
    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        if (edge()) {
            java.util.Arrays.fill(bytes, (byte) (random.nextBoolean() ? 0 : -1));
        } else {
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) random.nextInt();
            }
        }
        return bytes;
    }
}
