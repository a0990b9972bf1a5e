package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

final class StampedContentsTest {
    private static final int PAGE_BYTES = 4096;
    private static final int THREADS = 2;
    private static final int WRITES = 2000;

    @TempDir private Path folder;

    private TemporaryFile target;
    private PageCache cache;
    private PagedFile file;
    private PageCursor cursor;
    private final PageCopy copy = new PageCopy(PAGE_BYTES);

    @BeforeEach
    void open() throws IOException {
        target = TemporaryFile.make(folder, 16 * PAGE_BYTES, PAGE_BYTES, 1);
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes(128 * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .build());
        file = cache.open(target.path(), StandardOpenOption.READ, StandardOpenOption.WRITE);
        cursor = file.cursor();
    }

    @AfterEach
    void close() throws IOException {
        cursor.close();
        file.close();
        cache.verify();
        cache.close();
        target.close();
    }

    @Test
    void shouldCountEveryWriteAndAcceptWhatItWrote() throws IOException {
        Contents contents = target.contents();
        assertThat(contents.expected(3)).isEqualTo(1);

        assertThat(contents.rewrite(cursor, copy, 3, contents.expected(3))).isNull();

        assertThat(contents.expected(3)).isEqualTo(2);
        assertThat(contents.expected(4)).isEqualTo(1);
        copy.read(cursor, 3);
        assertThat(contents.check(copy, 3, contents.expected(3))).isNull();
        assertThat(contents.checkClosed(copy, 3)).isNull();
    }

    @Test
    void shouldFindAWriteThatWasForgotten() throws IOException {
        Contents contents = target.contents();
        contents.rewrite(cursor, copy, 3, contents.expected(3));

        PageStamp.write(copy, 3, 1);

        assertThat(contents.check(copy, 3, contents.expected(3)))
                .isEqualTo(new Mismatch(3, "version 2 or newer", "version 1"));
        assertThat(contents.checkClosed(copy, 3))
                .isEqualTo(new Mismatch(3, "version 2", "version 1"));
    }

    /** A read may see a write that is done but not counted yet; the closed file may not. */
    @Test
    void shouldAcceptANewerVersionOnlyWhileTheWorkGoesOn() {
        PageStamp.write(copy, 3, 2);
        assertThat(target.contents().check(copy, 3, 1)).isNull();
        assertThat(target.contents().checkClosed(copy, 3))
                .isEqualTo(new Mismatch(3, "version 1", "version 2"));
    }

    @Test
    void shouldNotOverwriteAPageThatIsWrong() throws IOException {
        cursor.write(5);
        PageStamp.write(copy, 6, 1);
        copy.storeLatched(cursor);
        cursor.release();

        Contents contents = target.contents();
        assertThat(contents.rewrite(cursor, copy, 5, contents.expected(5)))
                .isEqualTo(new Mismatch(5, "page 5", "page 6"));

        assertThat(contents.expected(5)).isEqualTo(1);
        copy.read(cursor, 5);
        assertThat(PageStamp.check(copy, 6, 1, 1)).isNull();
    }

    /** Two writers of one page: an update that one takes from the other would be missing here. */
    @Test
    void shouldCountTheWritesOfAllThreads() throws IOException {
        Contents contents = target.contents();
        Parallel.run(
                THREADS,
                _ -> {
                    PageCopy own = new PageCopy(PAGE_BYTES);
                    try (PageCursor ownCursor = file.cursor()) {
                        for (int write = 0; write < WRITES; write++) {
                            long expected = contents.expected(7);
                            assertThat(contents.rewrite(ownCursor, own, 7, expected)).isNull();
                        }
                    }
                });

        assertThat(contents.expected(7)).isEqualTo(1 + THREADS * WRITES);
        copy.read(cursor, 7);
        assertThat(contents.checkClosed(copy, 7)).isNull();
    }
}
