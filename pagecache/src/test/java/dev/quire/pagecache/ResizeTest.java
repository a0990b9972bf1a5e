package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.agrona.concurrent.AgentInvoker;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A cache of 8 MiB that is made smaller, and larger again. */
class ResizeTest extends CacheFixture {
    private static final int ALL = 2048;
    private static final long ALL_BYTES = (long) ALL * PAGE_BYTES;
    private static final long HUGE_BYTES = 2L << 20;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.memoryBytes(ALL_BYTES);
    }

    private long used() {
        return cache.stats().totalFrames() - cache.stats().freeFrames();
    }

    private void fill() throws IOException {
        file.truncate(4 * ALL_BYTES);
        sweep(0, 4L * ALL);
        assertThat(used()).isGreaterThan(ALL * 9 / 10);
    }

    @Test
    void shouldShrinkAndGiveTheMemoryBack() throws IOException {
        fill();
        cache.resize(ALL_BYTES / 2);
        assertThat(cache.limitBytes()).isEqualTo(ALL_BYTES / 2);
        Running.until("it is small", () -> used() <= ALL / 2);
        Running.until("memory is given back", () -> cache.stats().trimmedBytes() > 0);
        assertThat(cache.stats().limitFrames()).isEqualTo(ALL / 2);
        sweep(0, 4L * ALL);
        Running.until("it stays small", () -> used() <= ALL / 2);
        cache.verify();
    }

    @Test
    void shouldGiveWholeRegionsBackThoughTheHotPagesLieEverywhere() throws IOException {
        fill();
        Random random = new Random(7);
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 20 * ALL; i++) {
                c.read(random.nextInt(4 * ALL));
            }
        }
        cache.resize(ALL_BYTES / 2);
        Running.until(
                "half of its regions are given back",
                () -> cache.stats().trimmedBytes() >= ALL_BYTES / 2 - HUGE_BYTES);
    }

    @Test
    void shouldGrowAgain() throws IOException {
        fill();
        cache.resize(ALL_BYTES / 4);
        Running.until("it is small", () -> used() <= ALL / 4);
        cache.resize(ALL_BYTES);
        assertThat(cache.limitBytes()).isEqualTo(cache.capacityBytes()).isEqualTo(ALL_BYTES);
        fill();
    }

    @Test
    void shouldKeepWhatIsPinned() throws IOException {
        file.truncate(ALL_BYTES);
        List<PageCursor> pins = new ArrayList<>();
        for (long page = 0; page < ALL / 2; page++) {
            PageCursor c = file.cursor();
            c.pin(page);
            pins.add(c);
        }
        cache.resize(ALL_BYTES / 8);
        assertThatThrownBy(() -> sweep(ALL / 2, ALL / 2 + 1))
                .hasMessageContaining("withheldFrames=" + ALL * 7 / 8)
                .hasMessageContaining("file=store, pages=" + ALL / 2);
        for (long page = 0; page < ALL / 2; page++) {
            assertThat(cached(page)).isTrue();
        }
        pins.forEach(PageCursor::close);
        sweep(0, ALL);
        Running.until("it is small", () -> used() <= ALL / 8);
    }

    @Test
    void shouldReserveNoMoreThanHalfOfWhatItMayUse() {
        cache.resize(ALL_BYTES / 8);
        assertThatThrownBy(() -> cache.reserve(ALL / 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1.." + ALL / 16)
                .hasMessageContaining("frames=" + ALL / 2);
    }

    /** However often the reclaimer looked in vain. */
    @Test
    void shouldShrinkOnceLongHeldPinsAreGoneThoughNobodyNeedsAFrame() throws Exception {
        PageCacheConfig embedded = configure(config()).threading(Threading.embedded()).build();
        try (PageCache resized = PageCache.create(embedded);
                PagedFile pinned = resized.map("pinned", new MemoryBacking(PAGE_BYTES))) {
            pinned.truncate(ALL_BYTES);
            AgentInvoker agents = resized.agentInvoker();
            agents.start();
            List<PageCursor> pins = new ArrayList<>();
            for (long page = 0; page < ALL / 2; page++) {
                PageCursor c = pinned.cursor();
                c.pin(page);
                pins.add(c);
            }
            resized.resize(ALL_BYTES / 8);
            for (int turn = 0; turn < 200; turn++) {
                agents.invoke();
            }
            pins.forEach(PageCursor::close);
            Running.until(
                    "it is small",
                    () -> {
                        agents.invoke();
                        PageCacheStats stats = resized.stats();
                        return stats.totalFrames() - stats.freeFrames() <= ALL / 8
                                && stats.trimmedBytes() > 0;
                    });
            agents.close();
        }
    }

    @Test
    void shouldWriteDirtyPagesBackToShrink() {
        write(0, ALL / 3, 5);
        cache.resize(ALL_BYTES / 8);
        Running.until("it is small", () -> used() <= ALL / 8);
        for (long page = 0; page < ALL / 3; page++) {
            assertThat(read(page)).isEqualTo(page + 5);
        }
    }

    @Test
    void shouldScaleTheDirtyLimits() {
        cache.resize(ALL_BYTES / 8);
        write(0, ALL, 0);
        assertThat(cache.stats().writeThrottles()).isPositive();
        assertThat(cache.stats().dirtyPages()).isLessThanOrEqualTo(ALL / 8 * 80 / 100 + 1);
    }

    @Test
    void shouldRefuseWhatItCannotBe() {
        for (long bytes : new long[] {-1, 0, 64L * PAGE_BYTES - 1, ALL_BYTES + 1, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> cache.resize(bytes))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("64 pages, here 262144")
                    .hasMessageContaining(ALL_BYTES + " bytes that the cache was created with")
                    .hasMessageContaining("bytes=" + bytes);
        }
        assertThat(cache.limitBytes()).isEqualTo(ALL_BYTES);
        cache.resize(64L * PAGE_BYTES);
        sweepOne();
    }

    private void sweepOne() {
        write(0, 1, 1);
        assertThat(read(0)).isEqualTo(1);
    }
}
