package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.Tracking;
import dev.quire.pagecache.backing.RelocationOutcome;
import dev.quire.pagecache.warm.WarmUp;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A cache over an allocator that looks for bugs: what is allocated there is a handle with a
 * generation and no frame number, and what is free is poisoned.
 */
class CheckedRegionTest extends CacheFixture {
    @TempDir Path directory;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.region(region -> region.tracking(Tracking.FULL).poison(true))
                .snapshots(
                        new SnapshotLimits(10, Long.MAX_VALUE, Duration.ofSeconds(20), directory));
    }

    private void assertPages(int pages, long stamp) {
        for (long page = 0; page < pages; page++) {
            assertThat(read(page)).isEqualTo(page + stamp);
        }
    }

    @Test
    void shouldWriteAndReadPages() throws Exception {
        write(0, 40, 100);
        file.sync();
        evictAll();
        assertPages(40, 100);
        assertThat(cache.context().allocator().stats().badPages()).isZero();
    }

    @Test
    void shouldBringPagesInAhead() throws Exception {
        write(0, 20, 100);
        file.sync();
        evictAll();
        backing.onReadPages =
                (first, pages, count, completion) -> {
                    completion.complete(backing.readPage(first, pages[0]), null);
                    return true;
                };
        CompletableFuture<Boolean> told = new CompletableFuture<>();
        file.readAsync(3, (page, failure) -> told.complete(failure == null));
        assertThat(told.get(Running.DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        file.prefetch(1);
        file.prefetch(7);
        assertPages(20, 100);
    }

    @Test
    void shouldReserveFrames() {
        try (Reservation reserved = cache.reserve(5)) {
            write(0, 3, 100);
            assertThat(reserved.remaining()).isEqualTo(2);
        }
        assertPages(3, 100);
    }

    @Test
    void shouldMovePages() {
        write(0, 20, 100);
        for (long page = 0; page < 20; page++) {
            assertThat(file.relocate(page)).isEqualTo(RelocationOutcome.MOVED);
        }
        cache.compact(3, 4);
        assertPages(20, 100);
    }

    @Test
    void shouldKeepImagesForASnapshot() {
        write(0, 30, 100);
        try (FileSnapshot snapshot = file.snapshot();
                SnapshotCursor c = snapshot.cursor()) {
            write(0, 30, 200);
            for (long page = 0; page < 30; page++) {
                c.read(page);
                assertThat(c.getLong(0)).isEqualTo(page + 100);
            }
        }
        assertPages(30, 200);
    }

    @Test
    void shouldWarmUp() throws Exception {
        Path path = directory.resolve("warm");
        Path dump = directory.resolve("dump");
        PagedFile of = cache.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        write(of, 0, 20, 100);
        of.sync();
        of.dumpHotPages(dump);
        assertThat(of.invalidate(0, 20)).isZero();
        WarmUp warmUp = of.warmUp(dump);
        assertThat(warmUp.await(Duration.ofSeconds(Running.DEADLINE_SECONDS))).isTrue();
        assertThat(warmUp.pagesLoaded()).isEqualTo(20);
        for (long page = 0; page < 20; page++) {
            assertThat(read(of, page)).isEqualTo(page + 100);
        }
        of.close();
    }
}
