package dev.quire.allocator;

import java.util.List;

/**
 * What was still allocated when an allocator was closed.
 *
 * @param blocks how many blocks
 * @param frames how many frames they have together
 * @param first the first of them in words, at most {@link #SHOWN_MAX}
 * @param sites with tracking, where they were allocated, at most {@link #SITES_MAX}, those that
 *     hold most frames first; empty without
 */
public record LeakReport(int blocks, int frames, List<String> first, List<AllocationSite> sites) {
    /** How many blocks are described. */
    public static final int SHOWN_MAX = 8;

    /** How many places of allocation are named. */
    public static final int SITES_MAX = 16;

    /**
     * A report.
     *
     * @param blocks how many blocks
     * @param frames how many frames they have together
     * @param first the first of them in words
     * @param sites where they were allocated
     */
    public LeakReport {
        first = List.copyOf(first);
        sites = List.copyOf(sites);
    }

    /**
     * The report: one line, and with tracking the places of allocation below it.
     *
     * @return for example {@code 1 block (8 frames) still allocated: F#8/o3 [refs 1, pins 0]}
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(AllocationSite.count(blocks, frames));
        text.append(" still allocated: ").append(String.join("; ", first));
        if (blocks > first.size()) {
            text.append(", and ").append(blocks - first.size()).append(" more");
        }
        int named = 0;
        for (AllocationSite site : sites) {
            text.append("\n  ").append(site);
            named += site.blocks();
        }
        if (named > 0 && named < blocks) {
            text.append("\n  and ").append(blocks - named).append(" blocks of other places");
        }
        return text.toString();
    }
}
