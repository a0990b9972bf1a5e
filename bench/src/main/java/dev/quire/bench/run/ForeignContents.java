package dev.quire.bench.run;

import dev.quire.pagecache.PageCursor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * The pages of a file of the user's: whatever they hold, they must go on holding it. Their
 * checksums are taken by plain reads before the run, four bytes a page, off the heap.
 *
 * <p>A rewrite puts back the very bytes that the page holds, and only after they passed the check,
 * so that no byte of the file ever changes, wherever a run is stopped. The partial page at the end
 * of a file is only read: rewriting it could make the file longer.
 */
final class ForeignContents implements Contents {
    private final long bytes;
    private final int pageBytes;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment checksums;

    private ForeignContents(long bytes, int pageBytes) {
        this.bytes = bytes;
        this.pageBytes = pageBytes;
        this.checksums = arena.allocate(pages() * Integer.BYTES, Integer.BYTES);
    }

    /**
     * Reads the file once and remembers what its pages hold.
     *
     * @param path an existing file
     * @param bytes how much of it is used, from its start, 1 or more
     * @param pageBytes the size of a page
     * @param threads how many threads read
     * @throws IOException when it cannot be read
     */
    static ForeignContents of(Path path, long bytes, int pageBytes, int threads)
            throws IOException {
        ForeignContents contents = new ForeignContents(bytes, pageBytes);
        try {
            new DiskScan(path, bytes, pageBytes, threads).forEachPage(contents::remember);
        } catch (Throwable e) {
            contents.close();
            throw e;
        }
        return contents;
    }

    @Override
    public long pages() {
        return Math.ceilDiv(bytes, pageBytes);
    }

    @Override
    public long expected(long page) {
        return checksums.getAtIndex(ValueLayout.JAVA_INT, page) & 0xFFFF_FFFFL;
    }

    @Override
    public @Nullable Mismatch check(PageCopy copy, long page, long expected) {
        long found = checksum(copy, page);
        return found == expected
                ? null
                : new Mismatch(
                        page,
                        "checksum 0x" + Long.toHexString(expected) + " as before the run",
                        "checksum 0x" + Long.toHexString(found));
    }

    @Override
    public @Nullable Mismatch rewrite(PageCursor cursor, PageCopy copy, long page, long expected)
            throws IOException {
        copy.read(cursor, page);
        Mismatch mismatch = check(copy, page, expected);
        if (mismatch != null || usedBytes(page) < pageBytes) {
            return mismatch;
        }
        cursor.write(page);
        try {
            copy.storeLatched(cursor);
        } finally {
            cursor.release();
        }
        return null;
    }

    @Override
    public @Nullable Mismatch checkClosed(PageCopy copy, long page) {
        return check(copy, page, expected(page));
    }

    @Override
    public void close() {
        arena.close();
    }

    private void remember(PageCopy copy, long page) {
        checksums.setAtIndex(ValueLayout.JAVA_INT, page, (int) checksum(copy, page));
    }

    private long checksum(PageCopy copy, long page) {
        return copy.checksum(0, usedBytes(page));
    }

    private int usedBytes(long page) {
        return (int) Math.min(pageBytes, bytes - page * pageBytes);
    }
}
