package dev.quire.aio;

import dev.quire.aio.os.MemoryRun;

import java.util.BitSet;

/** The places that rings have for registered memory; the same memory has the same on every ring. */
final class MemoryPlaces {
    private final int count;
    private final BitSet taken = new BitSet();

    MemoryPlaces(int count) {
        this.count = count;
    }

    /** First of some places in a row, or -1. */
    synchronized int take(int wanted) {
        int from = taken.nextClearBit(0);
        while (from + wanted <= count) { // bound: the places
            int end = taken.nextSetBit(from);
            if (end < 0 || end >= from + wanted) {
                taken.set(from, from + wanted);
                return from;
            }
            from = taken.nextClearBit(end);
        }
        return -1;
    }

    synchronized void giveBack(MemoryRun run) {
        taken.clear(run.firstPlace(), run.firstPlace() + run.pieces());
    }
}
