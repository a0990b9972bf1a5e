package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Streams that leave nothing behind in the cache. */
class DropBehindTest extends CacheFixture {
    private static final int STREAM_PAGES = 10 * FRAMES;
    private static final int HOT_PAGES = FRAMES / 2;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        backing.put(STREAM_PAGES - 1, 1);
        return config;
    }

    private static void readAll(PageCursor c, long from, long to) {
        for (long page = from; page < to; page++) {
            do {
                c.read(page);
                c.getLong(0);
            } while (c.retry());
        }
    }

    /** Pages that were read once each: nothing protects them but that no frame is wanted. */
    @Test
    void shouldLeaveTheOtherFilesPagesCachedWhenItScansTenTimesTheCache() throws Exception {
        MemoryBacking hotStore = new MemoryBacking(PAGE_BYTES);
        hotStore.put(HOT_PAGES - 1, 1);
        PagedFile hot = cache.map("hot", hotStore);
        try (PageCursor c = hot.cursor()) {
            readAll(c, 0, HOT_PAGES);
        }
        try (PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
            readAll(c, 0, STREAM_PAGES);
            assertThat(cache.stats().cachedPages()).as("and where it is").isEqualTo(HOT_PAGES + 1);
            cache.verify();
        }
        assertThat(cache.stats().evictions()).isZero();
        assertThat(cache.stats().cachedPages()).isEqualTo(HOT_PAGES);
        assertThat(backing.freedTotal()).isEqualTo(STREAM_PAGES); // S4.1
        try (PageCursor c = hot.cursor()) {
            readAll(c, 0, HOT_PAGES);
        }
        assertThat(hotStore.reads).hasValue(HOT_PAGES);
        hot.close();

        try (PageCursor c = file.cursor()) {
            readAll(c, 0, STREAM_PAGES);
        }
        assertThat(cache.stats().evictions()).as("without the hint").isPositive();
    }

    @Test
    void shouldKeepPagesThatOthersUsedOrHold() throws Exception {
        write(0, 10, 5);
        file.sync();
        file.invalidate(0, 10);
        backing.readsOf.clear();
        read(2); // brings it in
        try (PageCursor pinned = file.cursor();
                PageCursor latched = file.cursor();
                PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
            pinned.pin(4);
            readAll(c, 0, 2);
            read(2); // uses it
            readAll(c, 2, 6);
            read(5);
            latched.write(6);
            latched.releaseClean();
            readAll(c, 6, 8);
            c.read(7);
            latched.write(7);
            readAll(c, 8, 10);
            latched.releaseClean();
            assertThat(pinned.detached()).isFalse();
            assertThat(pinned.getLong(0)).isEqualTo(9);
        }
        for (int page = 0; page < 10; page++) {
            boolean stays = page == 2 || page == 4 || page == 5 || page == 6 || page == 7;
            assertThat(cached(page)).as("page %s", page).isEqualTo(stays);
            assertThat(backing.freed(page)).as("page %s", page).isEqualTo(stays ? 1 : 2);
        }
        assertThat(backing.readsOf(2)).isEqualTo(1);
    }

    @Test
    void shouldNotDropAPageWhileItStaysThere() throws Exception {
        write(0, 2, 5);
        file.sync();
        file.invalidate(0, 2);
        backing.readsOf.clear();
        try (PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
            for (int i = 0; i < 10; i++) {
                c.read(1);
                assertThat(c.getLong(0)).isEqualTo(6);
                assertThat(c.retry()).isFalse();
            }
            c.pin(1);
            c.release();
            assertThat(c.tryRead(1)).isTrue();
            assertThat(backing.readsOf(1)).isEqualTo(1);
            assertThat(c.tryRead(0)).as("leaves, but stands on no other page").isFalse();
            assertThat(cached(1)).isTrue();
            c.pin(0);
            assertThat(cached(1)).isFalse();
            c.release();
            assertThat(cached(0)).isTrue();
        }
        assertThat(cached(0)).as("closed").isFalse();
    }

    @Test
    void shouldLeaveDirtyPagesToGoFirstOnceTheyAreWritten() throws Exception {
        try (PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
            for (long page = 0; page < 8; page++) {
                c.write(page);
                c.putLong(0, page);
                c.putLong(PAGE_BYTES - 8, page);
                c.release();
            }
        }
        assertThat(cache.stats().cachedPages()).isEqualTo(8);
        assertThat(backing.freedTotal()).isZero();
        file.sync();
        for (long page = 0; page < 8; page++) {
            assertThat(cache.context().frames().uses(frame(page))).isZero();
        }
        try (PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
            for (long page = 0; page < 8; page++) {
                c.write(page);
                assertThat(c.getLong(0)).isEqualTo(page);
                c.releaseClean();
            }
        }
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(backing.freedTotal()).isEqualTo(8);
    }

    private int frame(long page) {
        return Slot.frame(slot(page));
    }

    @Test
    void shouldDropWhatWasReadAhead() throws Exception {
        file.prefetchRange(0, 16);
        try (PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
            readAll(c, 0, 16);
        }
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(backing.freedTotal()).isEqualTo(16);
        for (long page = 0; page < 16; page++) {
            assertThat(backing.readsOf(page)).isEqualTo(1);
        }
    }

    /** S4.4 */
    @Test
    void shouldKeepAPageThatTheStoreDoesNotRelease() throws Exception {
        write(0, 3, 0);
        file.sync();
        file.invalidate(0, 3);
        backing.mayRelease = page -> page != 1;
        try (PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
            readAll(c, 0, 3);
        }
        assertThat(cached(0)).isFalse();
        assertThat(cached(1)).isTrue();
        assertThat(backing.freed(1)).isEqualTo(1);
    }

    @Test
    void shouldRefuseAClosedFileAndBeClosedAfterIt() throws Exception {
        write(0, 1, 0);
        PageCursor c = file.cursor(CursorHint.DROP_BEHIND);
        c.read(0);
        file.close();
        c.close();
        assertThatThrownBy(() -> file.cursor(CursorHint.DROP_BEHIND))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(backing.freed(0)).isEqualTo(1);
    }

    /** Nothing is lost and nothing is freed twice when streams cross writers. */
    @Test
    void shouldLoseNothingBesideWritersAndOtherStreams() throws Exception {
        int pages = 100;
        write(0, pages, 0);
        AtomicBoolean done = new AtomicBoolean();
        List<Running<Boolean>> streams = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            streams.add(
                    Running.run(
                            () -> {
                                try (PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
                                    while (!done.get()) {
                                        readAll(c, 0, pages);
                                    }
                                }
                            }));
        }
        long[] last = new long[pages];
        for (int i = 0; i < 3000; i++) {
            int page = i * 7 % pages;
            assertThat(read(page) - page).isEqualTo(last[page]);
            last[page]++;
            write(page, 1, last[page]);
        }
        done.set(true);
        for (Running<Boolean> stream : streams) {
            stream.get();
        }
        cache.verify();
    }
}
