package dev.quire.bench.report;

import java.util.List;

/**
 * Figures that are compared with each other.
 *
 * @param name what was measured; empty when there is one group only
 * @param bars a subject each
 */
public record BarGroup(String name, List<Bar> bars) {
    /** Copies the bars. */
    public BarGroup {
        bars = List.copyOf(bars);
    }
}
