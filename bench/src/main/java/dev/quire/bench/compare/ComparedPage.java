package dev.quire.bench.compare;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What a page holds: its number in its first and in its last eight bytes, something between. */
final class ComparedPage {
    private ComparedPage() {}

    static void fill(MemorySegment copy, long page, long content) {
        copy.fill((byte) content);
        copy.set(ValueLayout.JAVA_LONG, 0, page);
        copy.set(ValueLayout.JAVA_LONG, copy.byteSize() - Long.BYTES, page);
    }

    /** Fails when another page was read than was asked for. */
    static void check(MemorySegment copy, long page) {
        long first = copy.get(ValueLayout.JAVA_LONG, 0);
        long last = copy.get(ValueLayout.JAVA_LONG, copy.byteSize() - Long.BYTES);
        if (first != page || last != page) {
            throw new IllegalStateException(
                    "page " + page + " holds the numbers " + first + " and " + last);
        }
    }
}
