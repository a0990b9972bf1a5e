package dev.quire.bench.run;

import dev.quire.pagecache.PageCursor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/**
 * The pages of a file that the run made itself: every page carries its {@link PageStamp}, every
 * write raises its version by one and is counted once it is done.
 *
 * <p>A read must find a version not older than the count before it started; the closed file must
 * hold exactly the count, which finds an update that was lost between two writers as well as one
 * that never reached the disk.
 */
final class StampedContents implements Contents {
    private final long pages;
    private final VersionTable versions;

    StampedContents(long pages) {
        this.pages = pages;
        this.versions = new VersionTable(pages);
    }

    @Override
    public long pages() {
        return pages;
    }

    @Override
    public long expected(long page) {
        return versions.acknowledged(page);
    }

    @Override
    public @Nullable Mismatch check(PageCopy copy, long page, long expected) {
        return PageStamp.check(copy, page, expected, Long.MAX_VALUE);
    }

    @Override
    public @Nullable Mismatch rewrite(PageCursor cursor, PageCopy copy, long page, long expected)
            throws IOException {
        cursor.write(page);
        try {
            // The whole page is checked here too: overwriting a bad page would hide it.
            copy.loadLatched(cursor);
            Mismatch mismatch = check(copy, page, expected);
            if (mismatch != null) {
                return mismatch;
            }
            PageStamp.write(copy, page, PageStamp.version(copy) + 1);
            copy.storeLatched(cursor);
        } finally {
            cursor.release();
        }
        versions.acknowledge(page);
        return null;
    }

    @Override
    public @Nullable Mismatch checkClosed(PageCopy copy, long page) {
        long version = versions.acknowledged(page);
        return PageStamp.check(copy, page, version, version);
    }

    @Override
    public void close() {
        versions.close();
    }
}
