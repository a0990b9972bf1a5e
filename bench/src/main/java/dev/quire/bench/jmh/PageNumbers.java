package dev.quire.bench.jmh;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Random page numbers at the price of a multiplication, the same for every benchmark, so that their
 * results can be subtracted from each other.
 */
@State(Scope.Thread)
public class PageNumbers {
    private long state = System.nanoTime() | 1;

    /** Made by JMH, one for each thread. */
    public PageNumbers() {}

    /**
     * The next page number.
     *
     * @param pages how many pages there are, a power of two up to 2^31
     * @return 0..pages - 1
     */
    public long next(int pages) {
        // Knuth's MMIX generator; its low bits are poor, so the high ones are taken.
        state = state * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
        return (state >>> 33) & (pages - 1);
    }
}
