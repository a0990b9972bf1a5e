package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.space.WarmPages;
import dev.quire.pagecache.warm.WarmUp;
import dev.quire.pagecache.warm.WarmUp.Outcome;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;

/** What was hot is cached again after a restart; what is not of this file is left alone. */
class WarmRestartTest extends CacheFixture {
    private static final int PAGES = 200;

    @TempDir Path folder;
    private Path path;
    private Path dump;
    private PagedFile real;

    @BeforeEach
    void openFile() throws IOException {
        path = folder.resolve("file");
        dump = folder.resolve("dump");
        Files.write(path, new byte[PAGES * PAGE_BYTES]);
        real = open(path);
    }

    @AfterEach
    @Override
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void closeCache() throws IOException {
        real.close();
        super.closeCache();
    }

    private PagedFile open(Path path) throws IOException {
        return cache.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    }

    private void restart() throws IOException {
        real.close();
        real = open(path);
    }

    private WarmUp warmUp() throws InterruptedException {
        return ended(real.warmUp(dump));
    }

    private static WarmUp ended(WarmUp warmUp) throws InterruptedException {
        assertThat(warmUp.await(Duration.ofSeconds(Running.DEADLINE_SECONDS))).isTrue();
        return warmUp;
    }

    private void readPages(long... pages) {
        try (PageCursor c = real.cursor()) {
            for (long page : pages) {
                c.read(page);
            }
        }
    }

    private boolean cachedOfReal(long page) {
        try (PageCursor c = real.cursor()) {
            return c.tryRead(page);
        }
    }

    private void assertIgnored(WarmUp warmUp, Outcome outcome, String why) {
        assertThat(warmUp.outcome()).isEqualTo(outcome);
        assertThat(warmUp.reason()).contains("dump=" + dump).contains(why);
        assertThat(warmUp.pagesLoaded()).isZero();
        for (int page = 0; page < real.sizePages(); page++) {
            assertThat(cachedOfReal(page)).isFalse();
        }
    }

    @Test
    void shouldBringBackWhatWasCachedWhenTheFileWasClosed() throws Exception {
        readPages(3, 4, 5, 9, 100, 199);
        real.dumpHotPagesAtClose(dump);
        restart();
        assertThat(cachedOfReal(3)).isFalse();
        WarmUp warmUp = warmUp();
        assertThat(warmUp.outcome()).as(warmUp.toString()).isEqualTo(Outcome.LOADED);
        assertThat(warmUp.pagesDumped()).isEqualTo(6);
        assertThat(warmUp.pagesLoaded()).isEqualTo(6);
        for (int page = 0; page < PAGES; page++) {
            assertThat(cachedOfReal(page))
                    .as("page %s", page)
                    .isEqualTo((page >= 3 && page <= 5) || page == 9 || page == 100 || page == 199);
        }
    }

    @Test
    void shouldDumpWhenTheCacheIsClosed() throws Exception {
        readPages(7);
        real.dumpHotPagesAtClose(dump);
        cache.close();
        super.openCache();
        real = open(path);
        assertThat(warmUp().pagesLoaded()).isEqualTo(1);
    }

    @Test
    void shouldDumpWhileTheFileIsUsed() throws Exception {
        readPages(7, 8);
        assertThat(real.dumpHotPages(dump)).isEqualTo(2);
        write(real, 50, 1, 1);
        real.append();
        restart();
        assertThat(warmUp().outcome()).isEqualTo(Outcome.LOADED);
        assertThat(cachedOfReal(7) && cachedOfReal(8)).isTrue();
        assertThat(cachedOfReal(50)).isFalse();
    }

    @Test
    void shouldRestoreListsAndTheirOrder() throws Exception {
        readPages(30, 10, 20, 40, 50);
        makeHot(20);
        makeHot(40);
        long[] order = order();
        real.dumpHotPagesAtClose(dump);
        restart();
        warmUp();
        assertThat(order()).isEqualTo(order);
        assertThat(order).startsWith(40, 20);
    }

    /** Moves a page to the main list, as reclaim does when it finds it used. */
    private void makeHot(long page) {
        new WarmPages(cache.context(), real.space()).place(page, true);
    }

    private long[] order() {
        var pages = LongStream.builder();
        new WarmPages(cache.context(), real.space())
                .forEachCached((page, main) -> pages.add(main ? page : -page));
        return pages.build().toArray();
    }

    @Test
    void shouldRestoreTheHottestWhenNotEverythingFits() throws Exception {
        PageCacheConfig larger = config().memoryBytes(4L * FRAMES * PAGE_BYTES).build();
        real.close();
        try (PageCache before = PageCache.create(larger)) {
            real = before.open(path, StandardOpenOption.WRITE);
            sweep(real);
            for (long page = 0; page < 20; page++) {
                new WarmPages(before.context(), real.space()).place(page * 10, true);
            }
            real.dumpHotPagesAtClose(dump);
        }
        real = open(path);
        WarmUp warmUp = warmUp();
        assertThat(warmUp.pagesDumped()).isEqualTo(PAGES);
        assertThat(warmUp.pagesLoaded()).isBetween(40L, (long) FRAMES);
        for (long page = 0; page < 20; page++) {
            assertThat(cachedOfReal(page * 10)).as("hot page %s", page * 10).isTrue();
        }
        assertThat(cache.stats().evictions()).as("it took nothing from anybody").isZero();
    }

    @Test
    void shouldRestoreTheHottestThatFitInWhatTheCacheMayUse() throws Exception {
        PageCacheConfig larger = config().memoryBytes(4L * FRAMES * PAGE_BYTES).build();
        real.close();
        try (PageCache before = PageCache.create(larger)) {
            real = before.open(path, StandardOpenOption.WRITE);
            sweep(real);
            for (long page = 0; page < 20; page++) {
                new WarmPages(before.context(), real.space()).place(page * 10, true);
            }
            real.dumpHotPagesAtClose(dump);
        }
        try (PageCache resized = PageCache.create(larger)) {
            resized.resize((long) FRAMES * PAGE_BYTES);
            real = resized.open(path, StandardOpenOption.WRITE);
            WarmUp warmUp = warmUp();
            assertThat(warmUp.pagesLoaded()).isBetween(40L, (long) FRAMES);
            for (long page = 0; page < 20; page++) {
                assertThat(cachedOfReal(page * 10)).as("hot page %s", page * 10).isTrue();
            }
        }
    }

    private static void sweep(PagedFile file) {
        try (PageCursor c = file.cursor()) {
            for (long page = 0; page < file.sizePages(); page++) {
                c.read(page);
            }
        }
    }

    @Test
    void shouldEndWhenFramesAreShort() throws Exception {
        readPages(1, 2, 3);
        real.dumpHotPagesAtClose(dump);
        restart();
        PagedFile other = cache.map("other", zeros());
        try (Pins pins = pinAll(other)) {
            assertThat(pins.cursors()).isNotEmpty();
            WarmUp warmUp = warmUp();
            assertThat(warmUp.pagesLoaded()).isZero();
            assertThat(cachedOfReal(1)).isFalse();
        }
        other.close();
    }

    private static MemoryBacking zeros() {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        store.put(2 * FRAMES - 1, 1);
        return store;
    }

    @Test
    void shouldLeaveOutWhatWasCutOffSince() throws Exception {
        readPages(1, 100, 199);
        real.dumpHotPages(dump);
        WarmUp warmUp = ended(real.warmUp(dump));
        assertThat(warmUp.outcome()).isEqualTo(Outcome.LOADED);
        assertThat(warmUp.pagesLoaded()).as("cached already").isEqualTo(3);
        real.truncate(50L * PAGE_BYTES);
        real.sync();
        restart();
        assertIgnored(warmUp(), Outcome.STALE, "sizeBytes=");
    }

    @Test
    void shouldIgnoreTheDumpOfAnotherFile() throws Exception {
        readPages(1, 2);
        real.dumpHotPagesAtClose(dump);
        real.close();
        path = folder.resolve("other");
        Files.write(path, new byte[PAGES * PAGE_BYTES]);
        real = open(path);
        assertIgnored(warmUp(), Outcome.FOREIGN, "no warm restart: file=" + path);
    }

    @Test
    void shouldIgnoreADumpOfPagesOfAnotherSize() throws Exception {
        readPages(1, 2);
        real.dumpHotPagesAtClose(dump);
        real.close();
        try (PageCache large =
                PageCache.create(config().memoryBytes(64L * 8192).pageBytes(8192).build())) {
            PagedFile again = large.open(path, StandardOpenOption.WRITE);
            assertThat(ended(again.warmUp(dump)).outcome()).isEqualTo(Outcome.FOREIGN);
        }
    }

    @Test
    void shouldIgnoreTheDumpOfAFileThatSomebodyChangedSince() throws Exception {
        readPages(1, 2);
        real.dumpHotPagesAtClose(dump);
        real.close();
        Files.write(path, new byte[1], StandardOpenOption.APPEND);
        real = open(path);
        assertIgnored(warmUp(), Outcome.STALE, "modifiedNanos=");
    }

    @Test
    void shouldIgnoreADamagedDump() throws Exception {
        readPages(1, 2);
        real.dumpHotPagesAtClose(dump);
        restart();
        byte[] bytes = Files.readAllBytes(dump);
        bytes[bytes.length / 2] ^= 1;
        Files.write(dump, bytes);
        assertIgnored(warmUp(), Outcome.DAMAGED, "checksum");
    }

    @Test
    void shouldSayThatThereIsNoDump() throws Exception {
        assertIgnored(warmUp(), Outcome.NO_DUMP, "none");
    }

    @Test
    void shouldEndWhenTheFileIsClosed() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch gate = gate();
        MemoryBacking store = zeros();
        PagedFile mapped = cache.map("mapped", store);
        mapped.warmUp(dump).await(Duration.ofSeconds(Running.DEADLINE_SECONDS));
        sweepSome(mapped, 40);
        mapped.dumpHotPagesAtClose(dump);
        mapped.close();
        PagedFile again = cache.map("mapped", store);
        store.beforeRead =
                page -> {
                    reading.countDown();
                    Running.await(gate);
                };
        WarmUp warmUp = again.warmUp(dump);
        Running.await(reading);
        Running<Boolean> close = Running.run(again::close).awaitAsleep();
        gate.countDown();
        close.get();
        assertThat(ended(warmUp).outcome()).isIn(Outcome.STOPPED, Outcome.LOADED);
        assertThatThrownBy(() -> again.warmUp(dump)).hasMessageContaining("file is closed");
    }

    private static void sweepSome(PagedFile file, long pages) {
        try (PageCursor c = file.cursor()) {
            for (long page = 0; page < pages; page++) {
                c.read(page);
            }
        }
    }

    @Test
    void shouldSucceedInClosingWhenTheDumpCannotBeWritten() throws Exception {
        real.dumpHotPagesAtClose(folder.resolve("no/such/folder"));
        real.close();
        real = open(path);
        assertThatThrownBy(() -> real.dumpHotPages(folder.resolve("no/such/folder")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void shouldNotReplaceTheFileByItsDump() throws Exception {
        readPages(7);
        Path link = Files.createLink(folder.resolve("link"), path);
        for (Path name : new Path[] {path, link}) {
            assertThatThrownBy(() -> real.dumpHotPages(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("dump=" + name);
            assertThatThrownBy(() -> real.dumpHotPagesAtClose(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("dump=" + name);
        }
        restart();
        assertThat(Files.size(path)).isEqualTo((long) PAGES * PAGE_BYTES);
    }

    @Test
    void shouldNotDumpAFileThatIsDeleted() throws Exception {
        readPages(1);
        real.dumpHotPagesAtClose(dump);
        PagedFile second = cache.open(path, StandardOpenOption.DELETE_ON_CLOSE);
        real.close();
        second.close();
        assertThat(dump).doesNotExist();
    }
}
