package dev.quire.bench.run;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * How often each page was written: the version that a page must have reached. Eight bytes a page,
 * off the heap. Any thread.
 */
final class VersionTable implements AutoCloseable {
    private static final VarHandle VERSION = ValueLayout.JAVA_LONG.arrayElementVarHandle();

    private final Arena arena = Arena.ofShared();
    private final MemorySegment versions;

    /**
     * A table in which nothing was written yet.
     *
     * @param pages how many pages; each starts at {@link PageStamp#FIRST_VERSION}
     */
    VersionTable(long pages) {
        versions = arena.allocate(pages * Long.BYTES, Long.BYTES);
        for (long page = 0; page < pages; page++) {
            versions.setAtIndex(ValueLayout.JAVA_LONG, page, PageStamp.FIRST_VERSION);
        }
    }

    // Ordering: acknowledge() is a volatile read-modify-write, acknowledged() an acquire read.
    // Pairs:    the writer acknowledges after its latch is released; a reader asks before it reads.
    // Gives:    a reader that sees the count must find that version or a newer one in the page.
    // Checked:  StampedContentsTest; a page cache that breaks it fails the run itself.

    /** The newest version of a page that every read which starts now must see. */
    long acknowledged(long page) {
        return (long) VERSION.getAcquire(versions, 0L, page);
    }

    /** Counts one finished write of a page. */
    void acknowledge(long page) {
        VERSION.getAndAdd(versions, 0L, page, 1L);
    }

    @Override
    public void close() {
        arena.close();
    }
}
