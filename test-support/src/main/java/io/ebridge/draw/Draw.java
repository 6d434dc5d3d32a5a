package io.ebridge.draw;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Draws the cases of a property test: any value, and edges more often than chance would. Every run draws others; a failure names its seed, and
 * {@code -Debridge.test.seed} draws the same again.
 */
public final class Draw {
    private static final int EDGES = 8;

    /** What must hold for every case. */
    @FunctionalInterface
    public interface Property {
        /**
         * Draws one case and fails if the property does not hold for it.
         *
         * @param draw what to draw from
         * @throws Exception if it does not hold
         */
        void check(Draw draw) throws Exception;
    }

    private final SplittableRandom random;

    private Draw(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /**
     * Checks a property for a number of cases.
     *
     * @param count how many
     * @param property what must hold
     * @throws AssertionError naming the seed, for the first case for which it does not hold
     */
    public static void cases(int count, Property property) {
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

    /**
     * Draws a number.
     *
     * @param low the lowest
     * @param high the highest, included
     * @return a number between them
     */
    public int between(int low, int high) {
        return edge() ? (random.nextBoolean() ? low : high) : (int) random.nextLong(low, high + 1L);
    }

    /**
     * {@return any number, of any magnitude}
     */
    public long anyLong() {
        long[] edges = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE};
        return edge() ? edges[random.nextInt(edges.length)] : random.nextLong() >> random.nextInt(Long.SIZE);
    }

    /**
     * Draws bytes, at times all alike.
     *
     * @param length how many
     * @return so many
     */
    public byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        if (edge()) {
            Arrays.fill(bytes, (byte) (random.nextBoolean() ? 0 : -1));
        } else {
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) random.nextInt();
            }
        }
        return bytes;
    }

    /**
     * Draws characters of any kind, whole code points or not.
     *
     * @param max how many at most
     * @return a text
     */
    public String text(int max) {
        StringBuilder text = new StringBuilder();
        for (int i = between(0, max); i > 0; i--) {
            text.append((char) (random.nextBoolean() ? between(' ', '~') : between(0, Character.MAX_VALUE)));
        }
        return text.toString();
    }

    /**
     * Draws code points, no half ones.
     *
     * @param max how many at most
     * @return a text
     */
    public String wholeText(int max) {
        StringBuilder text = new StringBuilder();
        for (int i = between(0, max); i > 0; i--) {
            int c = random.nextBoolean() ? between(' ', '~') : between(0, Character.MAX_CODE_POINT);
            text.appendCodePoint(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? '?' : c);
        }
        return text.toString();
    }

    /**
     * Draws one of several.
     *
     * @param <T> what they are
     * @param choices at least one
     * @return one of them
     */
    @SafeVarargs
    public final <T> T oneOf(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /**
     * Draws a list.
     *
     * @param <T> what it holds
     * @param max how long it is at most
     * @param each draws one
     * @return the list
     */
    public <T> List<T> list(int max, Supplier<T> each) {
        return Stream.generate(each).limit(between(0, max)).toList();
    }
}
