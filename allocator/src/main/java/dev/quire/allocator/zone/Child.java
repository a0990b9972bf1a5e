package dev.quire.allocator.zone;

/**
 * A child: 512 frames. Two neighbours share one word, so that both can be taken at once.
 *
 * <pre>
 *  63     50   49     48   47       32 31     18   17     16   15        0
 * +---------+------+------+-----------+---------+------+------+-----------+
 * |    0    | PAIR | HUGE |   free    |    0    | PAIR | HUGE |   free    |
 * +---------+------+------+-----------+---------+------+------+-----------+
 *   odd child                           even child
 *
 * free 0..512: frames that are free and for which nobody holds a ticket
 * HUGE: handed out as one block of 512; PAIR: as half of one of 1024; free is 0 then
 * </pre>
 *
 * <p>Functions of one such word, and nothing that is shared.
 */
final class Child {
    /** The order of a whole child. */
    static final int ORDER = 9;

    static final int FRAMES = 1 << ORDER;

    /** The answer of a transition that is not possible. */
    static final long REFUSED = -1;

    private static final long FREE_MASK = 0xFFFF;
    private static final long HALF_MASK = 0xFFFF_FFFFL;
    private static final long HUGE = 1 << 16;
    private static final long PAIR = 1 << 17;
    private static final long BOTH_WHOLE = both(FRAMES);
    private static final long BOTH_PAIR = both(PAIR);

    private Child() {}

    private static long both(long half) {
        return (half << Integer.SIZE) | half;
    }

    private static int shift(int child) {
        return (child & 1) << 5;
    }

    private static long half(long word, int child) {
        return (word >>> shift(child)) & HALF_MASK;
    }

    private static long replace(long word, int child, long half) {
        return (word & ~(HALF_MASK << shift(child))) | (half << shift(child));
    }

    /** The free frames, 0 when it is handed out as a whole. */
    static int free(long word, int child) {
        return (int) (half(word, child) & FREE_MASK);
    }

    static boolean isWhole(long word, int child) {
        return half(word, child) == FRAMES;
    }

    static boolean areBothWhole(long word) {
        return word == BOTH_WHOLE;
    }

    /** Whether it is handed out as a whole, or as half of a pair. */
    static boolean isTakenWhole(long word, int child) {
        return half(word, child) > FRAMES;
    }

    /** Whether it is handed out as half of a pair. */
    static boolean isHalfOfPair(long word, int child) {
        return half(word, child) == PAIR;
    }

    /** What to add to a word for as many free frames; negative for fewer. */
    static long delta(int child, int frames) {
        return (long) frames << shift(child);
    }

    /** Tickets for some frames. */
    static long take(long word, int child, int frames) {
        return free(word, child) < frames ? REFUSED : word - delta(child, frames);
    }

    /** All frames as one block. */
    static long takeHuge(long word, int child) {
        return isWhole(word, child) ? replace(word, child, HUGE) : REFUSED;
    }

    static long giveHuge(long word, int child) {
        return half(word, child) == HUGE ? replace(word, child, FRAMES) : REFUSED;
    }

    /** All frames of both as one block. */
    static long takePair(long word) {
        return word == BOTH_WHOLE ? BOTH_PAIR : REFUSED;
    }

    static long givePair(long word) {
        return word == BOTH_PAIR ? BOTH_WHOLE : REFUSED;
    }
}
